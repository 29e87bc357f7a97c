"""What a run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import (
    SEGMENT_FRAMES,
    AnalysisOptions,
    RenderOptions,
    option,
    validate,
)


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out; nothing here changes a timeline."""

    workers: int | None = option(
        None, "Worker processes; 0 works in this process without Ray. Default: one a core.",
        low=0, high=4096,
    )  # fmt: skip
    ray_address: str | None = option(
        None, "Join the Ray cluster at this address; inputs and output must lie on shared storage."
    )
    video: bool = option(True, "Write annotated copies beside the timelines.")
    segment_frames: int = option(
        SEGMENT_FRAMES, "Frames of a video that one worker takes at a time.", low=1, high=1_000_000
    )

    def __post_init__(self) -> None:
        validate(self)


@dataclass(frozen=True)
class JobConfig:
    """Everything that ``annotate`` needs to know.

    Attributes
    ----------
    inputs : tuple of str
        Files, folders, globs, or ``@list.txt`` naming one of these a line.
    output : Path
        Folder for the results.
    model : Path
        Folder of a model bundle.
    """

    inputs: tuple[str, ...]
    output: Path
    model: Path = DEFAULT_BUNDLE
    analysis: AnalysisOptions = field(default_factory=AnalysisOptions)
    render: RenderOptions = field(default_factory=RenderOptions)
    run: RunOptions = field(default_factory=RunOptions)
