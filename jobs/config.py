"""What a run is asked to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from emotion_core.errors import UsageError
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import (
    SEGMENT_FRAMES,
    AnalysisOptions,
    RenderOptions,
    option,
    validate,
)
from emotion_core.paths import absolute_path
from jobs.inputs import absolute_input


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
    overwrite: bool = option(False, "Do all files again, also those that are finished.")
    retry_failed: bool = option(
        False, "Try files again that failed before and have not changed since."
    )
    fail_fast: bool = option(False, "End the run when a file fails.")
    patience: float = option(
        1.0,
        "Multiplies the time after which a worker is taken for hung; it grows with the piece that "
        "the worker has.",
        low=0.001, high=1000.0,
    )  # fmt: skip

    def __post_init__(self) -> None:
        validate(self)
        if self.workers == 0 and self.ray_address is not None:
            raise UsageError(None, "--workers 0 works without Ray: leave out --ray-address")


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

    def absolute(self) -> JobConfig:
        """The same configuration with absolute paths, which hold in any current folder."""
        identities = self.analysis.identities
        if identities is not None:
            identities = absolute_path(identities)
        return replace(
            self,
            inputs=tuple(absolute_input(item, Path.cwd()) for item in self.inputs),
            output=absolute_path(self.output),
            model=absolute_path(self.model),
            analysis=replace(self.analysis, identities=identities),
        )

    def settings(self) -> dict[str, Any]:
        """JSON values under the names of the command line, as ``--config`` reads them.

        Options that are None, which is their default, are left out.
        """
        options = asdict(self.analysis) | asdict(self.render) | asdict(self.run)
        return {
            "input": list(self.inputs),
            "output": str(self.output),
            "model": str(self.model),
            **{
                name.replace("_", "-"): str(value) if isinstance(value, Path) else value
                for name, value in options.items()
                if value is not None
            },
        }
