"""What each stage costs on one thread: `annotate` in this process, with a clock on its functions.

Nothing is run apart from the program: each stage is timed where the program calls it, on the data
that it gets there.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import pyarrow.parquet as pq

from benchmarks.clips import make_clip
from benchmarks.extent import Extent
from benchmarks.stopwatch import Stopwatch
from emotion_core import analyse, annotate, tasks
from emotion_core.emotions.classifier import Classifier
from emotion_core.faces.find import FaceFinder
from emotion_core.inference import Network
from emotion_core.media.planes import Planes
from emotion_core.overlay import Overlay
from emotion_core.render.encode import SegmentEncoder
from jobs import run
from jobs.config import JobConfig, RunOptions
from jobs.worker import Worker


@dataclass(frozen=True)
class Stage:
    """A part of the work.

    Attributes
    ----------
    name : str
    functions : tuple of (owner, str)
        Calls that count for it, by the module or class in which the caller finds them.
    per_face : bool
        Whether its work grows with the number of faces.
    """

    name: str
    functions: tuple[tuple[Any, str], ...]
    per_face: bool = False


STAGES: Final = (
    Stage("index", ((tasks.IndexTask, "run"),)),
    Stage("pass 1: decode", ((tasks, "read_frames"),)),
    Stage("pass 1: resize for the search", ((Planes, "bgr"),)),
    Stage("pass 1: detect", ((FaceFinder, "find"),)),
    Stage(
        "pass 1: crop",
        (
            (analyse, "face_squares"),
            (analyse, "crop_faces"),
        ),
        per_face=True,
    ),
    Stage("pass 1: judge the quality", ((analyse, "face_quality"),), per_face=True),
    Stage("pass 1: classify", ((Classifier, "logits"),), per_face=True),
    Stage("pass 1: the rest", ((tasks.AnalyseTask, "run"),)),
    Stage("track, smooth, write the timeline", ((tasks.TimelineTask, "run"),), per_face=True),
    Stage("pass 2: decode", ((annotate, "read_frames"),)),
    Stage("pass 2: copy", ((Planes, "copy_limited"),)),
    Stage("pass 2: look up", ((Overlay, "labels"),), per_face=True),
    Stage("pass 2: draw", ((annotate, "draw_labels"),), per_face=True),
    Stage("pass 2: encode", ((SegmentEncoder, "write"), (SegmentEncoder, "finish"))),
    Stage("pass 2: the rest", ((tasks.RenderTask, "run"),)),
    Stage("join", ((tasks.JoinTask, "run"),)),
)
ONCE: Final = Stage("load the models", ((Worker, "__init__"), (Network, "_request")))
"""A longer video does not pay it again; networks are compiled at their first inference."""

REST: Final = "everything else"


def measure(extent: Extent, folder: Path) -> dict[str, Any]:
    """Time the stages at each size.

    Returns
    -------
    results : dict
        Of each size `frames`, `faces`, `once_s`, and the `stages`: `name`, `per_face`, and
        `seconds`, the median over `extent.rounds` runs.
    """
    sizes = []
    for size in extent.sizes:
        clip = make_clip(size, size.stage_loops, folder)
        output = folder / f"stages_{size.name}"
        rounds = [_run_with_clock(clip, output) for _ in range(extent.rounds)]
        frames, faces = _count(output)
        stages = [(stage.name, stage.per_face) for stage in STAGES] + [(REST, False)]
        sizes.append(
            {
                "name": size.name,
                "frames": frames,
                "faces": faces,
                "once_s": round(median(turn[ONCE.name] for turn in rounds), 3),
                "stages": [
                    {
                        "name": name,
                        "per_face": per_face,
                        "seconds": round(median(turn[name] for turn in rounds), 4),
                    }
                    for name, per_face in stages
                ],
            }
        )
    return {"sizes": sizes}


def _run_with_clock(clip: Path, output: Path) -> dict[str, float]:
    """Seconds by stage of one run without Ray."""
    config = JobConfig((str(clip),), output, run=RunOptions(workers=0, overwrite=True))
    watch = Stopwatch()
    with ExitStack() as clocks:
        for stage in (*STAGES, ONCE):
            for owner, function in stage.functions:
                clocks.enter_context(watch.on(owner, function, stage.name))
        with watch.stage(REST):
            report = run.annotate(config)
    if report.failed:
        raise RuntimeError(report.failed[0].error)
    return watch.seconds


def _count(output: Path) -> tuple[int, int]:
    """Frames and faces of a run's only timeline."""
    (timeline,) = (output / "timelines").rglob("*.parquet")
    rows = pq.read_table(timeline, columns=["frame", "box_x"])
    return len(rows["frame"].unique()), len(rows) - rows["box_x"].null_count
