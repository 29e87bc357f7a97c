"""Windows of time, per file: a CSV file that says when a stimulus was shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa

from emotion_core.errors import UsageError
from emotion_core.options import parse_time
from emotion_core.results.conditions import NAMING_COLUMNS, read_lines
from emotion_core.results.names import SourceNames
from emotion_core.timeline.store import read_metadata
from emotion_core.timeline.summary import Window, summarise_tracks

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


def summarise_windows(
    timelines: Mapping[str, Path], windows: Windows
) -> tuple[pa.Table, list[str]]:
    """One row per window and track, and a line on each window that the file does not fill.

    Parameters
    ----------
    timelines : mapping of str to Path
        By source.
    windows : Windows

    Returns
    -------
    tracks : pyarrow.Table
        `SUMMARY_SCHEMA` with ``window``, the label, after ``source``. Of a window that no analysed
        frame lies in there is no row.
    notes : list of str

    Raises
    ------
    MediaError
        A timeline cannot be read.
    UsageError
        A window is of a still, or no window has rows.
    """
    tables, notes = [], []
    for source, of_file in windows.items():
        if "inputs" in read_metadata(timelines[source]):
            raise UsageError(None, f"{source} is a still, which has no windows of time")
        for label, (start_us, end_us) in of_file.items():
            rows = summarise_tracks(timelines[source], [(start_us, end_us)])
            there_us = rows["file_us"][0].as_py() if len(rows) else 0
            if there_us < end_us - start_us:
                of_it = f"{there_us / _US_PER_S:.3f} of its {(end_us - start_us) / _US_PER_S:.3f} s"
                notes.append(f"{source}: the window {label!r} has {of_it} within analysed frames.")
            tables.append(rows.add_column(1, "window", pa.array([label] * len(rows), pa.string())))
    if not any(map(len, tables)):
        raise UsageError(None, "no window has a frame: are times in seconds since the first frame?")
    return pa.concat_tables(tables), notes
