"""Peak memory of driver and workers on a short clip and on the same looped to a long one."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Sizes:
    """Proportional set sizes (PSS) of a run's processes at a moment, in MB.

    Attributes
    ----------
    seconds : float
        Since its start.
    driver : float
    workers : dict of int to float
        By process id.
    """

    seconds: float
    driver: float
    workers: dict[int, float]


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
    clip = loop_clip(CLIP, folder / "clip.mp4", max(1, round(60 * minutes / CLIP_SECONDS)))
    sizes, counts = watch(clip, folder / "out")
    return {
        "minutes": minutes,
        "frames": counts["frames"],
        "driver_peak_mb": driver_peak(sizes),
        "largest_worker_peak_mb": worker_peak(sizes),
    }


def watch(media: Path, output: Path) -> tuple[list[Sizes], dict[str, Any]]:
    """Run `annotate` to its end, and look at its processes all the time.

    Returns
    -------
    sizes : list of Sizes
        Every `POLL_S` seconds.
    counts : dict
        Of `run.json`.

    Raises
    ------
    RuntimeError
        It failed.
    """
    command = [
        ANNOTATE, "-i", media, "-o", output, "--workers", str(WORKERS), "--progress", "none",
        "--overwrite",
    ]  # fmt: skip
    sizes: list[Sizes] = []
    began = time.monotonic()
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            driver = psutil.Process(process.pid)
            workers = {
                child.pid: _proportional_size(child)
                for child in driver.children(recursive=True)
                if _is_worker(child)
            }
            sizes.append(Sizes(time.monotonic() - began, _proportional_size(driver), workers))
            time.sleep(POLL_S)
    if process.returncode:
        raise RuntimeError(f"annotate ended with {process.returncode}")
    return sizes, json.loads((output / "run.json").read_text(encoding="utf-8"))["counts"]


def driver_peak(sizes: Sequence[Sizes]) -> float:
    """The driver's largest size in MB."""
    return round(max(size.driver for size in sizes), 1)


def worker_peak(sizes: Sequence[Sizes]) -> float:
    """The largest size of any worker in MB."""
    return round(max(max(size.workers.values(), default=0.0) for size in sizes), 1)


def _proportional_size(process: psutil.Process) -> float:
    """PSS in MB; 0 for a process that has just ended."""
    try:
        return float(process.memory_full_info().pss) / MEGABYTE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def _is_worker(process: psutil.Process) -> bool:
    """Whether a process is one of our Ray actors."""
    try:
        return "ray::Worker" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
