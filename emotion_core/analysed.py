"""What became of a segment in pass 1: counts, beside the faces on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from emotion_core.files import reported_for, written_aside


@dataclass(frozen=True)
class Analysed:
    """What became of a segment in pass 1.

    Attributes
    ----------
    frames : int
        Analysed.
    cuts : tuple of int
        Those of them that a camera cut comes before.
    """

    frames: int
    cuts: tuple[int, ...]


def write_analysed(part: Path, analysed: Analysed) -> None:
    """Keep it beside a part file that is complete, as the mark that this is so.

    Raises
    ------
    OutputError
    """
    path = _beside(part)
    with written_aside(path) as partial, reported_for(path):
        partial.write_text(json.dumps({"frames": analysed.frames, "cuts": analysed.cuts}))


def read_analysed(part: Path) -> Analysed | None:
    """What was kept beside a part file; None where that is not complete."""
    try:
        kept = json.loads(_beside(part).read_text())
    except FileNotFoundError:
        return None
    return Analysed(kept["frames"], tuple(kept["cuts"]))


def _beside(part: Path) -> Path:
    return part.with_suffix(".json")
