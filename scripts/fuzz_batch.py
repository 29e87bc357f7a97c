"""Let `annotate` loose on a folder of mutated media, as a user's night would.

    python -m scripts.fuzz_batch --files 2000 --seed 1

The batch must come to its end, with every file done or failed for a clear reason, and a second run
must find nothing left to do. What went wrong is printed and its files are kept; then the exit code
is 1.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from scripts.fuzz_media import mutated, seed_files

ANNOTATE: Final = Path(sys.executable).parent / "annotate"
ENDS: Final = (0, 1)
PER_FILE_S: Final = 10.0
START_S: Final = 120.0
SHOWN: Final = 2000
"""Characters of what `annotate` said."""


def write_batch(folder: Path, files: int, seed: int) -> Path:
    """Write the mutated files 0, 1, … of a seed into a new folder."""
    folder.mkdir()
    with TemporaryDirectory() as name:
        sources = seed_files(Path(name) / "corpus")
        for number in range(files):
            source, content = mutated(sources, seed, number)
            (folder / f"{seed}-{number}{source.suffix}").write_bytes(content)
    return folder


def run_batch(media: Path, output: Path, *options: str) -> tuple[dict[str, Any], list[str]]:
    """Annotate a folder of files.

    Returns
    -------
    record : dict
        The counts of `run.json`; empty where it was not written.
    faults : list of str
        What must not be.
    """
    files = len(list(media.iterdir()))
    command = [str(ANNOTATE), "-i", str(media), "-o", str(output), "--progress", "none", *options]
    limit_s = START_S + PER_FILE_S * files
    try:
        run = subprocess.run(command, timeout=limit_s, capture_output=True, text=True, check=False)
    except subprocess.TimeoutExpired:
        return {}, [f"the batch did not end within {limit_s:.0f} s"]
    if run.returncode not in ENDS:
        return {}, [f"annotate ended with {run.returncode}: {run.stderr[-SHOWN:]}"]
    record = json.loads((output / "run.json").read_text(encoding="utf-8"))
    counts = record["counts"]
    faults = [] if record["complete"] else ["the run calls itself incomplete"]
    ends = ("files_done", "files_done_before", "files_failed", "files_ignored")
    ended = sum(counts[end] for end in ends)
    if ended != files:
        faults.append(f"{ended} of {files} files ended")
    return counts, faults


def judge_failures(output: Path) -> tuple[Counter[str], dict[str, str]]:
    """The failures of a run.

    Returns
    -------
    stages : Counter of str
        How many failed at which stage.
    unclear : dict of str
        By the file's name, the errors that are no clear word on the file.
    """
    stages: Counter[str] = Counter()
    unclear: dict[str, str] = {}
    for line in (output / "failures.jsonl").read_text(encoding="utf-8").splitlines():
        failure = json.loads(line)
        stages[failure["stage"]] += 1
        if failure.get("traceback") or failure["attempts"] > 1 or "\n" in failure["error"]:
            unclear[Path(failure["path"]).name] = failure.get("traceback") or failure["error"]
    return stages, unclear


def main() -> None:
    """Run, judge and report."""
    parser = argparse.ArgumentParser(description="Annotate mutated media.")
    parser.add_argument("--files", type=int, default=2_000, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="which")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("fuzz"), help="folder for bad ends")
    chosen = parser.parse_args()
    begun = time.monotonic()
    with TemporaryDirectory() as name:
        media, output = write_batch(Path(name) / "in", chosen.files, chosen.seed), Path(name, "out")
        counts, faults = run_batch(media, output, "--workers", str(chosen.workers))
        stages, unclear = judge_failures(output) if counts else (Counter(), {})
        if counts:
            again, more = run_batch(media, output, "--workers", str(chosen.workers))
            faults += [f"again: {fault}" for fault in more]
            if again and again["files_done"]:
                faults.append(f"again: {again['files_done']} files were not done before")
        for file in unclear:
            chosen.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(media / file, chosen.keep)
    report = {
        "seed": chosen.seed,
        "files": chosen.files,
        "counts": counts,
        "failed_at": dict(stages),
        "seconds": round(time.monotonic() - begun),
        "unclear": unclear,
        "faults": faults,
    }
    print(json.dumps(report, indent=1))
    sys.exit(bool(unclear or faults))


if __name__ == "__main__":
    main()
