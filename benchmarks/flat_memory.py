"""Whether memory stays flat: over thousands of small files, and over an hour of video.

``python -m benchmarks.flat_memory --files 2000 --minutes 60`` prints JSON.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.clips import CLIP, CLIP_SECONDS, SAMPLE_MEDIA
from benchmarks.machine import describe
from benchmarks.memory import WORKERS, Sizes, watch
from benchmarks.processes import ANNOTATE
from tests.clips import loop_clip

POLL_S: Final = 0.2
PARTS: Final = 10
SMALL: Final = SAMPLE_MEDIA / "clips" / "phone" / "turned.mov"


def measure(files: int, minutes: float, folder: Path) -> dict[str, Any]:
    """Sizes along a run over many small files and along one over a long video.

    Returns
    -------
    results : dict
        Of `small_files` and `long_video` what `_along` returns, with `files` or `minutes`.
    """
    small = _make_small_files(files, folder / "small")
    hour = loop_clip(CLIP, folder / "long.mp4", max(1, round(60 * minutes / CLIP_SECONDS)))
    return {
        "machine": describe(),
        "workers": WORKERS,
        "small_files": {"files": files, **_along(small, folder / "out")},
        "long_video": {"minutes": minutes, **_along(hour, folder / "out")},
    }


def _make_small_files(count: int, folder: Path) -> Path:
    """Clips of a second or two and stills, by turns, each a file of its own."""
    folder.mkdir()
    sources = [SMALL, *sorted((SAMPLE_MEDIA / "portraits").glob("*.jpg"))]
    for number in range(count):
        source = sources[number % len(sources)]
        shutil.copy(source, folder / f"{number:05}{source.suffix}")
    return folder


def _along(media: Path, output: Path) -> dict[str, Any]:
    """Run `annotate`, and say how its processes grow.

    Returns
    -------
    results : dict
        `counts`, `seconds`, and in tenths of the run the median PSS in MB: `driver_mb` and
        `workers_mb`, of each worker by its process id (0: it was not there); and the largest of
        all, `driver_peak_mb` and `worker_peak_mb`.
    """
    command = [
        ANNOTATE, "-i", media, "-o", output, "--workers", str(WORKERS), "--progress", "none",
        "--overwrite",
    ]  # fmt: skip
    sizes = watch(command, POLL_S)
    run = json.loads((output / "run.json").read_text(encoding="utf-8"))
    end = sizes[-1].seconds
    parts: list[list[Sizes]] = [[] for _ in range(PARTS)]
    for size in sizes:
        parts[min(PARTS - 1, int(size.seconds / end * PARTS))].append(size)
    workers = sorted({worker for size in sizes for worker in size.workers})
    return {
        "counts": run["counts"],
        "seconds": round(end, 1),
        "driver_mb": [round(median(s.driver for s in part), 1) for part in parts],
        "workers_mb": {
            worker: [round(median(s.workers.get(worker, 0.0) for s in part), 1) for part in parts]
            for worker in workers
        },
        "driver_peak_mb": round(max(s.driver for s in sizes), 1),
        "worker_peak_mb": round(max(max(s.workers.values(), default=0.0) for s in sizes), 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        json.dump(measure(arguments.files, arguments.minutes, Path(folder)), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
