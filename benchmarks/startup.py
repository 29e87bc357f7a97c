"""What a run costs before its first frame, and how long a question to the command line takes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from PIL import Image

from benchmarks.clips import SAMPLE_MEDIA
from benchmarks.extent import Extent
from benchmarks.processes import ANNOTATE, run_timed

PORTRAIT: Final = SAMPLE_MEDIA / "portraits" / "grace_hopper.jpg"
STILL_SIZE: Final = (128, 150)
BARE_RAY: Final = "from jobs.ray_session import ray_session\nwith ray_session(1, None): pass"


def measure(extent: Extent, folder: Path) -> dict[str, Any]:
    """Seconds of whole processes, on all cores.

    Returns
    -------
    results : dict
        Of each program the seconds of each round: `annotate` on one tiny still with one worker and
        without Ray; Ray started with the same settings and stopped again; `annotate --help`; and
        an interpreter that does nothing.
    """
    still = folder / "tiny.png"
    with Image.open(PORTRAIT) as portrait:
        portrait.resize(STILL_SIZE).save(still)
    places = ("-i", still, "-o", folder / "out", "--overwrite")
    annotate = [ANNOTATE, *places, "--progress", "none", "--workers"]
    slow = {
        "annotate_1_worker_s": [*annotate, "1"],
        "annotate_without_ray_s": [*annotate, "0"],
        "bare_ray_s": [sys.executable, "-c", BARE_RAY],
    }
    fast = {
        "annotate_help_s": [ANNOTATE, "--help"],
        "bare_python_s": [sys.executable, "-c", ""],
    }
    return _time_in_turn(slow, extent.rounds) | _time_in_turn(fast, extent.calls)


def _time_in_turn(commands: dict[str, list[Any]], rounds: int) -> dict[str, list[float]]:
    turns = [
        {name: run_timed(command)[0] for name, command in commands.items()} for _ in range(rounds)
    ]
    return {name: [round(turn[name], 3) for turn in turns] for name in commands}
