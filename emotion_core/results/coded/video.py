"""A video with its intervals, and their times in whole milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from emotion_core.timeline.intervals import IntervalRule, find_intervals, source_of
from emotion_core.timeline.store import read_blocks, read_metadata


@dataclass(frozen=True)
class Interval:
    """One interval; the values are those of its row in `INTERVAL_COLUMNS`.

    Attributes
    ----------
    track : int
    emotion : str
    onset_us, offset_us : int
    onset_frame, offset_frame : int
    mean_confidence : float, 0-1
    identity : int or None
        Number of the person, where people are told apart.
    """

    track: int
    emotion: str
    onset_us: int
    offset_us: int
    onset_frame: int
    offset_frame: int
    mean_confidence: float
    identity: int | None = None

    @property
    def subject(self) -> str:
        """What the face is called in other programs: its person, or else its track."""
        return f"track {self.track}" if self.identity is None else f"person {self.identity}"


@dataclass(frozen=True)
class CodedVideo:
    """What a writer needs to know of a video.

    Attributes
    ----------
    source : str
    media : str
        Path of the file that was annotated, as its timeline records it.
    written : datetime
        When the timeline was written, in UTC.
    intervals : tuple of Interval
        By onset, then track. Times count as players of the file do.
    frames : int
        Of the video, analysed or not.
    end_us : int
        Where the last frame of the timeline ends, if it lasts as long as the mean frame.
    """

    source: str
    media: str
    written: datetime
    intervals: tuple[Interval, ...]
    frames: int = 0
    end_us: int = 0


def read_video(timeline: Path, rule: IntervalRule) -> CodedVideo | None:
    """A video with its intervals; None for a timeline of stills, which have none.

    Raises
    ------
    MediaError
        The timeline cannot be read.
    """
    metadata = read_metadata(timeline)
    if "inputs" in metadata:
        return None
    names = Interval.__dataclass_fields__
    found = find_intervals(timeline, rule).select(list(names)).to_pylist()
    source = source_of(timeline)
    recorded: Any = metadata.get("input")
    start_us = start_in_players(metadata)
    return CodedVideo(
        source=source,
        media=str(recorded["path"])
        if isinstance(recorded, dict) and "path" in recorded
        else source,
        written=datetime.fromtimestamp(int(timeline.stat().st_mtime), UTC),
        intervals=tuple(
            Interval(**row | {name: row[name] + start_us for name in ("onset_us", "offset_us")})
            for row in found
        ),
        frames=int(metadata.get("frames", 0)),
        end_us=_end(timeline) + start_us,
    )


def start_in_players(metadata: Mapping[str, Any]) -> int:
    """When players show the first frame of a video, in µs: times of a timeline count from there.

    They count from where the first of its streams begins, which may be its sound.
    """
    return int(metadata.get("start_us", 0))


def _end(timeline: Path) -> int:
    last_us, last_frame = 0, 0
    for rows in read_blocks(timeline, ["frame", "time_us"]):
        if len(rows):
            last_us = max(last_us, pc.max(rows["time_us"]).as_py())
            last_frame = max(last_frame, pc.max(rows["frame"]).as_py())
    return last_us + round(last_us / last_frame) if last_frame else last_us


def natural(subject: str) -> tuple[str, int]:
    """By which subjects are sorted: "track 9" comes before "track 10"."""
    words, _, number = subject.rpartition(" ")
    return words, int(number)


def times_ms(intervals: Iterable[Interval]) -> list[tuple[int, int]]:
    """Start and end of each in whole milliseconds, in the order given.

    Times are rounded half to even, so that intervals that touch go on touching. None ends before a
    millisecond has passed; the next of its subject then begins no earlier than it ends.

    Parameters
    ----------
    intervals : iterable of Interval
        Each subject by onset.
    """
    found: list[tuple[int, int]] = []
    last_of: dict[str, tuple[int, int]] = {}
    for interval in intervals:
        start, end = _ms(interval.onset_us), _ms(interval.offset_us)
        offset_us, taken = last_of.get(interval.subject, (interval.onset_us, start))
        # Where a recording's clock has stepped back, times are those of the next lap.
        if offset_us <= interval.onset_us:
            start = max(start, taken)
        end = max(end, start + 1)
        last_of[interval.subject] = interval.offset_us, end
        found.append((start, end))
    return found


def _ms(time_us: int) -> int:
    whole, rest = divmod(time_us, 1000)
    return whole + (rest > 500 or (rest == 500 and whole % 2 == 1))
