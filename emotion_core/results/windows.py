"""Windows of time, per file: a CSV file that says when a stimulus was shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Final

from emotion_core.errors import UsageError
from emotion_core.options import parse_time
from emotion_core.results.conditions import NAMING_COLUMNS, read_lines
from emotion_core.results.names import SourceNames
from emotion_core.timeline.summary import Window

_COLUMNS: Final = ("start", "end", "label")
_US_PER_S: Final = 1_000_000

Windows = dict[str, dict[str, Window]]
"""By source and label, in the order of the file."""


def read_windows(path: Path, sources: Collection[str]) -> Windows:
    """Read a CSV file with a line per window: file (or source), start, end and label.

    Times are in seconds or ``[HH:]MM:SS``, since the first frame. Files are named as `SourceNames`
    describes. Windows may overlap.

    Raises
    ------
    UsageError
        The file cannot be read, lacks a column, or has a line that names no one file, no times, or
        a label that the file has already.
    """
    (_, headings), *lines = read_lines(path)
    naming = next((name for name in NAMING_COLUMNS if name in headings), None)
    missing = [name for name in _COLUMNS if name not in headings]
    if naming is None or missing:
        lacking = ", ".join(([] if naming else ["file"]) + missing)
        raise UsageError(path, f"line 1 lacks {lacking}: the columns are file, start, end, label")
    known, found = SourceNames(sources), defaultdict[str, dict[str, Window]](dict)
    line_of: dict[tuple[str, str], int] = {}
    for number, cells in lines:
        if len(cells) != len(headings):
            raise UsageError(path, f"line {number} has {len(cells)} cells, not {len(headings)}")
        row = dict(zip(headings, cells, strict=True))
        try:
            source = known.find(row[naming])
        except UsageError as error:
            raise UsageError(path, f"line {number}: {error.message}") from error
        label = row["label"]
        if not label:
            raise UsageError(path, f"line {number} has no label")
        if (source, label) in line_of:
            raise UsageError(
                path,
                f"lines {line_of[source, label]} and {number} both call a window of {source} "
                f"{label!r}: number them",
            )
        line_of[source, label] = number
        found[source][label] = _window(path, number, row["start"], row["end"])
    return dict(found)


def _window(path: Path, number: int, start: str, end: str) -> Window:
    try:
        start_us, end_us = (
            round(parse_time(text.replace(",", ".")) * _US_PER_S) for text in (start, end)
        )
    except ValueError as error:
        message = f"line {number}: {start!r} to {end!r} are no times such as 12.5 or 1:30"
        raise UsageError(path, message) from error
    if end_us <= start_us:
        raise UsageError(path, f"line {number}: the end, {end}, is not after the start, {start}")
    return start_us, end_us
