"""Whole runs of `annotate` beside its floor and beside `fer`, in one run, in turn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.clips import CLIP_FRAMES, make_clip
from benchmarks.extent import Extent, Size
from benchmarks.processes import REPOSITORY, run_annotate, run_reporting
from emotion_core.options import RenderOptions
from emotion_core.render.settings import x264_options

ENCODING = RenderOptions()
FER_PROCESS = REPOSITORY / "benchmarks" / "fer_process.py"


def measure(extent: Extent, folder: Path, fer_python: Path | None) -> dict[str, Any]:
    """Time everything `extent.rounds` times; `fer` is left out where there is no interpreter.

    Returns
    -------
    results : dict
        Of each size its `rounds`, each a list of runs: `program`, `workers` (or threads, which is
        the number of cores given), `whole_s` from start to end of the process, `own_s` by its own
        clock, `frames`.

    Raises
    ------
    RuntimeError
        A program failed, or left frames out.
    """
    return {
        "preset": ENCODING.preset,
        "crf": ENCODING.crf,
        "workers": list(extent.workers),
        "sizes": [_measure_size(size, extent, folder, fer_python) for size in extent.sizes],
    }


def _measure_size(
    size: Size, extent: Extent, folder: Path, fer_python: Path | None
) -> dict[str, Any]:
    clip = make_clip(size, size.loops, folder)
    rounds = []
    for _ in range(extent.rounds):
        runs = [run for workers in extent.workers for run in _run_ours(clip, folder, workers)]
        _check_whole(runs, size.loops)
        if fer_python is not None:
            short = make_clip(size, size.fer_loops, folder)
            rival = [_run_fer(fer_python, short, folder, cores) for cores in extent.workers]
            _check_whole(rival, size.fer_loops)
            runs += rival
        rounds.append(runs)
    return {"name": size.name, "width": size.width, "height": size.height, "rounds": rounds}


def _run_ours(clip: Path, folder: Path, workers: int) -> list[dict[str, Any]]:
    """The floors and `annotate` on one clip, one after the other."""
    floor = [sys.executable, "-m", "benchmarks.floor", clip, "--threads", str(workers)]
    options = x264_options(ENCODING.preset, ENCODING.crf)
    encoding = [f"--x264={name}={value}" for name, value in options.items()]
    recode = [*floor, "--recode", folder / "recoded.mp4", *encoding]
    runs = {
        "decode": run_reporting(floor, workers),
        "recode": run_reporting(recode, workers),
        "timeline": run_annotate(clip, folder / "out", workers, "--no-video"),
        "annotated": run_annotate(clip, folder / "out", workers),
    }
    return [{"program": name, "workers": workers, **run} for name, run in runs.items()]


def _run_fer(python: Path, clip: Path, folder: Path, cores: int) -> dict[str, Any]:
    command = [python, FER_PROCESS, clip, folder / "fer", "--threads", str(cores)]
    return {"program": "fer", "workers": cores, **run_reporting(command, cores)}


def _check_whole(runs: list[dict[str, Any]], loops: int) -> None:
    """`fer`, for one, ends early where a frame fails, and says so in its log alone."""
    for run in runs:
        if run["frames"] != loops * CLIP_FRAMES:
            raise RuntimeError(
                f"{run['program']} handled {run['frames']} of {loops * CLIP_FRAMES} frames"
            )
