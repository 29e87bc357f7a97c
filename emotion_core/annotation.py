"""What annotating one file gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from emotion_core.timeline.summary import FileSummary

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Annotation:
    """What was found in one picture or video.

    Attributes
    ----------
    source : str
        What the rows call the file: the name of its folder, and its path below that.
    rows : pyarrow.Table
        One row per face and frame, and one for each frame without a face, by frame and track. The
        columns, with their types and units, are those of `emotion_core.timeline.schema.COLUMNS`.
    summary : FileSummary
        Counts of frames, among them of damaged and undecodable ones.
    timeline : Path or None
        The Parquet file with the same rows; None without an output folder.
    annotated : Path or None
        The annotated copy; None where none was written.
    """

    source: str
    rows: pa.Table
    summary: FileSummary
    timeline: Path | None
    annotated: Path | None

    @property
    def frames(self) -> int:
        """Frames analysed; 1 for a still."""
        return self.summary.frames

    @property
    def faces(self) -> int:
        """Rows that show a face, over all frames."""
        return len(self.rows) - int(self.rows["box_x"].null_count)

    @property
    def tracks(self) -> int:
        """Distinct faces over time; for a still, its faces."""
        return self.summary.tracks

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a data frame; whole numbers with gaps, such as `track`, become floats."""
        frame: pd.DataFrame = self.rows.to_pandas()
        return frame

    def __repr__(self) -> str:
        counts = f"{self.frames} frames, {self.faces} faces, {self.tracks} tracks"
        return f"Annotation({self.source!r}, {counts})"
