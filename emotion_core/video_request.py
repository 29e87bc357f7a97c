"""What is wanted of a video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emotion_core.options import SEGMENT_FRAMES, AnalysisOptions, RenderOptions


@dataclass(frozen=True)
class VideoRequest:
    """What is wanted of a video.

    Attributes
    ----------
    path : Path
        Absolute.
    source : str
        How the rows name it.
    input : mapping
        What `identify` says of the file now: what is read later must be the same.
    timeline : Path
    annotated : Path or None
        None: no copy is drawn.
    parts : Path
        A folder of this video's own for intermediate results; it is left for the caller to remove.
        Those that are there are used again: of the same file, options and models, or none.
    analysis : AnalysisOptions
    render : RenderOptions
    metadata : mapping
        What made the timeline, for its footer: JSON values.
    segment_frames : int
        About so many frames are analysed, and drawn, as one task.
    """

    path: Path
    source: str
    input: Mapping[str, Any]
    timeline: Path
    annotated: Path | None
    parts: Path
    analysis: AnalysisOptions
    render: RenderOptions
    metadata: Mapping[str, Any]
    segment_frames: int = SEGMENT_FRAMES
