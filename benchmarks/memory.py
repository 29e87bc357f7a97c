"""Peak memory of driver and workers on a clip of one minute and on the same looped to ten."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.machine import describe
from tests.clips import loop_clip

CLIP = Path(__file__).resolve().parent.parent / "sample_media" / "clips" / "coming_and_going.mp4"
CLIP_SECONDS = 9
MINUTES = (1, 10)
POLL_S = 0.2
MEGABYTE = 1e6


def measure(minutes: int, folder: Path) -> dict[str, Any]:
    """Run `annotate` with two workers and watch the proportional set size of its processes."""
    clip = folder / f"{minutes}min.mp4"
    loop_clip(CLIP, clip, -(-60 * minutes // CLIP_SECONDS))
    command = [
        str(Path(sys.executable).parent / "annotate"), "-i", str(clip), "-o",
        str(folder / f"out{minutes}"), "--workers", "2", "--progress", "json",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    driver, workers = 0.0, 0.0
    began = time.monotonic()
    while process.poll() is None:
        driver = max(driver, proportional_size(psutil.Process(process.pid)))
        for child in psutil.Process(process.pid).children(recursive=True):
            workers = max(workers, proportional_size(child) if is_worker(child) else 0)
        time.sleep(POLL_S)
    assert process.returncode == 0, process.returncode
    assert process.stdout is not None
    last = json.loads(process.stdout.read().splitlines()[-1])
    return {
        "minutes": minutes,
        "frames": last["frames"],
        "driver_peak_mb": round(driver / MEGABYTE, 1),
        "largest_worker_peak_mb": round(workers / MEGABYTE, 1),
        "seconds": round(time.monotonic() - began, 1),
    }


def proportional_size(process: psutil.Process) -> float:
    """PSS in bytes; 0 for a process that has just ended."""
    try:
        return float(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def is_worker(process: psutil.Process) -> bool:
    """Whether a process is one of our Ray actors."""
    try:
        return "ray::Worker" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def main() -> None:
    """Print the measurement."""
    with tempfile.TemporaryDirectory() as folder:
        results = [measure(minutes, Path(folder)) for minutes in MINUTES]
    short, long = results
    growth = {
        "driver_growth_mb": round(long["driver_peak_mb"] - short["driver_peak_mb"], 1),
        "worker_growth_mb": round(
            long["largest_worker_peak_mb"] - short["largest_worker_peak_mb"], 1
        ),
    }
    print(json.dumps({"benchmark": "memory", **describe(), "runs": results, **growth}, indent=2))


if __name__ == "__main__":
    main()
