"""Peak memory of driver and workers on a short clip and on the same looped to a long one."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.clips import CLIP, CLIP_SECONDS
from benchmarks.extent import Extent
from benchmarks.processes import ANNOTATE
from tests.clips import loop_clip

WORKERS: Final = 2
POLL_S: Final = 0.2
MEGABYTE: Final = 1e6


def measure(extent: Extent, folder: Path) -> dict[str, Any]:
    """Peaks of the proportional set size (PSS), which counts shared pages once over all processes.

    Returns
    -------
    results : dict
        `workers`; of each length `minutes`, `frames`, `driver_peak_mb` and
        `largest_worker_peak_mb`; and how much both grow from the short clip to the long one.
    """
    short, long = (_measure_length(minutes, folder) for minutes in extent.memory_minutes)
    growth = {
        f"{who}_growth_mb": round(long[f"{peak}_peak_mb"] - short[f"{peak}_peak_mb"], 1)
        for who, peak in (("driver", "driver"), ("worker", "largest_worker"))
    }
    return {"workers": WORKERS, "runs": [short, long], **growth}


def _measure_length(minutes: float, folder: Path) -> dict[str, Any]:
    """Run `annotate` and watch its processes."""
    clip = loop_clip(CLIP, folder / "clip.mp4", max(1, round(60 * minutes / CLIP_SECONDS)))
    output = folder / "out"
    command = [
        ANNOTATE, "-i", clip, "-o", output, "--workers", str(WORKERS), "--progress", "none",
        "--overwrite",
    ]  # fmt: skip
    driver, workers = 0.0, 0.0
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            driver = max(driver, _proportional_size(psutil.Process(process.pid)))
            for child in psutil.Process(process.pid).children(recursive=True):
                workers = max(workers, _proportional_size(child) if _is_worker(child) else 0)
            time.sleep(POLL_S)
    if process.returncode:
        raise RuntimeError(f"annotate ended with {process.returncode}")
    run = json.loads((output / "run.json").read_text(encoding="utf-8"))
    return {
        "minutes": minutes,
        "frames": run["counts"]["frames"],
        "driver_peak_mb": round(driver / MEGABYTE, 1),
        "largest_worker_peak_mb": round(workers / MEGABYTE, 1),
    }


def _proportional_size(process: psutil.Process) -> float:
    """PSS in bytes; 0 for a process that has just ended."""
    try:
        return float(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def _is_worker(process: psutil.Process) -> bool:
    """Whether a process is one of our Ray actors."""
    try:
        return "ray::Worker" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
