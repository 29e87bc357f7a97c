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
from benchmarks.memory import WORKERS, Sizes, driver_peak, watch, worker_peak
from tests.clips import loop_clip

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
    sizes, counts = watch(media, output)
    end = sizes[-1].seconds
    parts: list[list[Sizes]] = [[] for _ in range(PARTS)]
    for size in sizes:
        parts[min(PARTS - 1, int(size.seconds / end * PARTS))].append(size)
    workers = sorted({worker for size in sizes for worker in size.workers})
    return {
        "counts": counts,
        "seconds": round(end, 1),
        "driver_mb": [round(median(s.driver for s in part), 1) for part in parts],
        "workers_mb": {
            worker: [round(median(s.workers.get(worker, 0.0) for s in part), 1) for part in parts]
            for worker in workers
        },
        "driver_peak_mb": driver_peak(sizes),
        "worker_peak_mb": worker_peak(sizes),
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
