"""Options of analysis and of the annotated copy: the one place of their defaults and ranges.

Each field's metadata holds its help, and where they apply ``low`` and ``high`` (inclusive) or
``choices``; `validate` enforces them and the command line is derived from them.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from numbers import Real
from pathlib import Path
from typing import Any, Final

from emotion_core.errors import UsageError

X264_PRESETS: Final = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
)  # fmt: skip

SEGMENT_FRAMES: Final = 150
"""About so many frames of a video are worked on as one piece: few enough that workers end together,
and no more key frames in the copies than x264 would write."""

SHORTEST_REST: Final = 1.0
"""Seconds for which a face must be seen in a range of ``--baseline``."""


def option(default: Any, explanation: str, **limits: Any) -> Any:
    """A dataclass field that documents itself."""
    return field(default=default, metadata={"help": explanation, **limits})


def parse_time(text: str) -> float:
    """Seconds of a time written as seconds or ``[HH:]MM:SS``, with a fraction.

    Raises
    ------
    ValueError
        It is written otherwise.
    """
    parts = text.split(":")
    numbers = [float(part) for part in parts]
    if not 1 <= len(parts) <= 3 or any(not 0 <= number < 1e9 for number in numbers):
        raise ValueError(text)
    return sum(number * 60.0**power for power, number in enumerate(reversed(numbers)))


def parse_baseline(text: str) -> tuple[float, float] | None:
    """The range of seconds in which faces are at rest; None for ``auto``, all that there is.

    Raises
    ------
    UsageError
        It is neither ``auto`` nor START-END, or shorter than a second.
    """
    if text == "auto":
        return None
    try:
        start, end = (parse_time(part) for part in text.split("-"))
    except (AttributeError, ValueError) as error:
        message = f"--baseline {text!r} is neither 'auto' nor START-END, such as 0-10 or 1:30-1:45"
        raise UsageError(None, message) from error
    if end - start < SHORTEST_REST:
        message = f"--baseline {text!r}: END must be at least {SHORTEST_REST:g} s after START"
        raise UsageError(None, message)
    return start, end


def validate(options: Any) -> None:
    """Check every field of an options object against its declared range.

    Raises
    ------
    UsageError
        Names the option, its value and the range.
    """
    for declared in fields(options):
        _check(declared, getattr(options, declared.name))


def _check(declared: Field[Any], value: Any) -> None:
    limits, name = declared.metadata, f"--{declared.name.replace('_', '-')}"
    if value is None or not limits:
        return
    choices = limits.get("choices")
    if choices is not None and value not in choices:
        raise UsageError(None, f"{name} {value!r} is not one of {', '.join(choices)}")
    low, high = limits.get("low"), limits.get("high")
    if (low is not None or high is not None) and not isinstance(value, Real):
        raise UsageError(None, f"{name} {value!r} is not a number")
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        raise UsageError(None, f"{name} {value} is outside {low} to {high}")


@dataclass(frozen=True)
class AnalysisOptions:
    """What is analysed, and how faces are found."""

    sample_fps: float | None = option(
        None, "Analyse the first frame at or after each 1/F seconds.", low=0.001, high=1000.0
    )
    stride: int = option(1, "Analyse every K-th frame of the file.", low=1, high=1_000_000)
    start: float | None = option(
        None,
        "Begin here: seconds or [HH:]MM:SS since the first frame.",
        low=0.0,
        high=1e9,
        time=True,
    )
    end: float | None = option(
        None, "Stop before this time: seconds or [HH:]MM:SS.", low=0.0, high=1e9, time=True
    )
    min_face: int = option(40, "Smallest wanted face: height in pixels.", low=16, high=4096)
    max_faces: int | None = option(
        None,
        "Keep the N largest faces of a frame; 'largest' is 1.",
        low=1,
        high=10_000,
        largest=True,
    )
    detection_threshold: float = option(
        0.7, "Smallest score at which the detector's finding counts as a face.", low=0.05, high=1.0
    )
    detection_interval: float = option(
        0.16,
        "Search for faces at least every so many seconds; in between, boxes are interpolated "
        "where two searches agree. 0: on every analysed frame.",
        low=0.0,
        high=1.0,
    )
    mirror: bool = option(
        False,
        "Classify each face and its mirror image, and take their mean: right somewhat more often, "
        "at twice the time for this step.",
    )
    baseline: str | None = option(
        None,
        "Fill baseline_<emotion>: probabilities less what the person's face reads at rest. "
        "START-END: when it is at rest, as --start has it; auto: take what is typical of the "
        "track. Videos only.",
        baseline=True,
    )
    identities: Path | None = option(  # noqa: RUF009 - a field, as the others are
        None,
        "Fill identity: which tracks and faces of this run are the same person, as far as can be "
        "told within one sitting. Folder of the network that tells, which 'emotion-training "
        "identifier' makes.",
        folder=True,
    )

    def __post_init__(self) -> None:
        validate(self)
        if self.baseline is not None:
            parse_baseline(self.baseline)
        if self.sample_fps is not None and self.stride != 1:
            raise UsageError(None, "--sample-fps and --stride exclude each other: pass one")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise UsageError(None, f"--end {self.end} is not after --start {self.start}")


@dataclass(frozen=True)
class RenderOptions:
    """How annotated copies look and are encoded."""

    preset: str = option(
        "superfast",
        "Speed of x264 against file size; superfast looks ahead like veryfast.",
        choices=X264_PRESETS,
    )
    crf: int = option(23, "Quality of x264: 0 is lossless, 51 worst.", low=0, high=51)
    blur_faces: bool = option(False, "Hide every detected face in the annotated copies.")

    def __post_init__(self) -> None:
        validate(self)
