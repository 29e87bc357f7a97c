"""Mutate the corpus of odd media, and read what comes out.

    python -m scripts.fuzz_media --files 5000 --seed 1

Each file is read, as pass 1 reads it, by a process of its own that is watched: it must end within
the time limit, with frames or with one clear error. With `--whole` it goes through detection,
timeline and annotated copy as well. What does not is kept and listed, and the exit code is 1. File
number N of a seed is always the same: `--only N` makes and reads it alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from scripts.fuzzing.mutate import mutate
from scripts.fuzzing.reader import READ, REFUSED
from scripts.fuzzing.supervise import Reader
from scripts.odd_media.corpus import write_corpus

LARGEST_BYTES = 2_000_000


@dataclass
class Findings:
    """What became of the files.

    Attributes
    ----------
    counts : Counter
        Files by how they ended.
    bad : list of dict
        Those that crashed, hung or failed without a clear error.
    slowest_s : float
        The longest that one file took.
    """

    counts: Counter[str] = field(default_factory=Counter)
    bad: list[dict[str, str]] = field(default_factory=list)
    slowest_s: float = 0.0


def seed_files(folder: Path) -> list[Path]:
    """Write the corpus into a folder; its files that are read from a disk, smallest first."""
    write_corpus(folder)
    files = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    small = [path for path in files if 0 < path.stat().st_size <= LARGEST_BYTES]
    return sorted(small, key=lambda path: path.name)


def mutated(files: Sequence[Path], seed: int, number: int) -> tuple[Path, bytes]:
    """File `number` of a seed: what it was made from, and its content."""
    chance = Random(f"{seed}-{number}")
    source, other = chance.choice(files), chance.choice(files)
    return source, mutate(source.read_bytes(), other.read_bytes(), chance)


def fuzz(
    numbers: Iterator[int], seed: int, keep: Path, limit_s: float, whole: bool = False
) -> Findings:
    """Read mutated files until `numbers` ends; those that end badly stay in the folder `keep`."""
    findings = Findings()
    with TemporaryDirectory() as name, Reader(limit_s, whole) as reader:
        files = seed_files(Path(name) / "corpus")
        for number in numbers:
            source, content = mutated(files, seed, number)
            path = Path(name) / f"{seed}-{number}{source.suffix}"
            path.write_bytes(content)
            begun = time.monotonic()
            kind, words = reader.read(path)
            findings.slowest_s = max(findings.slowest_s, time.monotonic() - begun)
            findings.counts[kind] += 1
            if kind not in (READ, REFUSED):
                keep.mkdir(parents=True, exist_ok=True)
                (keep / path.name).write_bytes(content)
                findings.bad.append(
                    {"file": path.name, "from": source.name, "end": kind, "words": words}
                )
            path.unlink()
    return findings


def _numbers(files: int, minutes: float | None, only: int | None) -> Iterator[int]:
    if only is not None:
        yield only
        return
    begun = time.monotonic()
    for number in range(files):
        if minutes is not None and time.monotonic() - begun > 60 * minutes:
            return
        yield number


def main() -> None:
    """Fuzz and report."""
    parser = argparse.ArgumentParser(description="Read mutated media.")
    parser.add_argument("--files", type=int, default=5_000, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="which")
    parser.add_argument("--minutes", type=float, help="stop after so many")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one file")
    parser.add_argument("--keep", type=Path, default=Path("fuzz"), help="folder for bad ends")
    parser.add_argument("--only", type=int, help="this file alone")
    parser.add_argument("--whole", action="store_true", help="through the whole pipeline")
    chosen = parser.parse_args()
    begun = time.monotonic()
    numbers = _numbers(chosen.files, chosen.minutes, chosen.only)
    findings = fuzz(numbers, chosen.seed, chosen.keep, chosen.limit, chosen.whole)
    report = {
        "seed": chosen.seed,
        "files": findings.counts.total(),
        "ends": dict(findings.counts),
        "slowest_s": round(findings.slowest_s, 1),
        "seconds": round(time.monotonic() - begun),
        "bad": findings.bad,
    }
    print(json.dumps(report, indent=1))
    sys.exit(bool(findings.bad))


if __name__ == "__main__":
    main()
