"""Programs run as processes of their own, on as many cores as they are given, and timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent
ANNOTATE: Final = Path(sys.executable).parent / "annotate"
THREAD_VARIABLES: Final = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
)  # fmt: skip
"""What libraries ask before they start threads of their own."""


def run_timed(command: Sequence[str | Path], cores: int | None = None) -> tuple[float, str]:
    """Run a program from the repository's folder to its end.

    Parameters
    ----------
    command : sequence of str or Path
    cores : int, optional
        How many it may use, it and all that it starts: the only limit on threads that holds for
        every library alike. Default: all.

    Returns
    -------
    seconds : float
        From its start to its end.
    output : str
        What it printed.

    Raises
    ------
    RuntimeError
        It failed; holds the end of what it said.
    """
    limits = {} if cores is None else {name: str(cores) for name in THREAD_VARIABLES}
    with _confined(cores):
        began = time.perf_counter()
        run = subprocess.run(
            [str(part) for part in command],
            cwd=REPOSITORY,
            env=os.environ | limits,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - began
    if run.returncode:
        words = " ".join(map(str, command))
        raise RuntimeError(f"{words} ended with {run.returncode}: {run.stderr[-2000:]}")
    return seconds, run.stdout


@contextmanager
def _confined(cores: int | None) -> Iterator[None]:
    """Processes that are started in the block may use so many cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def run_reporting(command: Sequence[str | Path], cores: int) -> dict[str, Any]:
    """Run a program whose last line is a JSON object, and add its `whole_s`."""
    seconds, output = run_timed(command, cores)
    return {"whole_s": round(seconds, 3), **json.loads(output.splitlines()[-1])}


def run_annotate(source: Path, output: Path, workers: int, *options: str) -> dict[str, Any]:
    """Run `annotate` on one file.

    Returns
    -------
    run : dict
        `whole_s` of the process, `own_s` as `run.json` has it, `frames`, `frames_with_face`.
    """
    command = [
        ANNOTATE, "-i", source, "-o", output,
        "--workers", str(workers), "--progress", "none", "--overwrite", *options,
    ]  # fmt: skip
    # Its threads are its workers, one each; driver and Ray's daemons get what is left.
    seconds, _ = run_timed(command)
    run = json.loads((output / "run.json").read_text(encoding="utf-8"))
    return {
        "whole_s": round(seconds, 3),
        "own_s": run["seconds"],
        "frames": run["counts"]["frames"],
        "frames_with_face": run["counts"]["frames_with_face"],
    }
