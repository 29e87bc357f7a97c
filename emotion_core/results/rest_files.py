"""A baseline from another file: the clip of the same person at rest."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import UsageError
from emotion_core.layout import timelines_folder
from emotion_core.results.conditions import NAMING_COLUMNS, read_lines
from emotion_core.results.find import find_timelines, name_below
from emotion_core.results.names import SourceNames
from emotion_core.results.read import sources_of
from emotion_core.timeline.baseline import Rest, offsets_of, rows_at_rest, with_baseline
from emotion_core.timeline.run_tables import write_run_tables
from emotion_core.timeline.store import new_timeline, read_blocks, read_metadata

_COLUMN: Final = "baseline"
_ALL_OF_IT: Final = Rest(0, 2**62)


def take_baselines(out: Path, table: Path, output: Path) -> list[Path]:
    """Copy timelines into a new folder, with the baselines that a table says.

    The face of the rest file must be one at a time, as must that of the file; with identities,
    each person has the baseline of the same number instead.

    Parameters
    ----------
    out : Path
        The output folder of a run, a folder that holds timelines, or a timeline.
    table : Path
        CSV: columns ``file`` (or ``source``), and ``baseline``, the file at rest.
    output : Path
        Must hold no timelines yet.

    Returns
    -------
    timelines : list of Path
        Those that have a baseline now. Others are not copied.

    Raises
    ------
    UsageError
        The table has a fault, a file shows several faces at once, or its rest file none for a
        second.
    MediaError
        A timeline cannot be read.
    OutputError
        A file cannot be written.
    """
    folder = timelines_folder(output)
    if any(folder.rglob("*.parquet")):
        raise UsageError(output, "holds timelines already: choose a new folder")
    timelines = {source: path for path in find_timelines(out) for source in sources_of(path)}
    made = []
    for number, source, rest in _pairs(table, timelines):
        place = f"line {number}"
        offsets, column = _offsets(table, place, timelines[rest], rest)
        timeline = timelines[source]
        if column == "track":
            _one_at_a_time(table, place, timeline, source)
        copy = folder / name_below(out, timeline, ".parquet")
        metadata = read_metadata(timeline) | {"baseline_from": rest}
        with new_timeline(copy, metadata) as append:
            for rows in read_blocks(timeline):
                # Without identities, every track is the one person.
                known = offsets
                if column == "track":
                    found = rows["track"].drop_null().unique().to_pylist()
                    known = dict.fromkeys(found, offsets[0])
                append(with_baseline(rows, known, column) if known else rows)
        made.append(copy)
    write_run_tables(output, sorted(made))
    return made


def _offsets(
    table: Path, place: str, timeline: Path, source: str
) -> tuple[dict[int, NDArray[np.float64]], str]:
    """What to take off, by number in a column."""
    named = any(len(rows["identity"].drop_null()) for rows in read_blocks(timeline, ["identity"]))
    column = "identity" if named else "track"
    seen = rows_at_rest(read_blocks(timeline), _ALL_OF_IT, column)
    if not named:
        _one_at_a_time(table, place, timeline, source)
        found = offsets_of([{0: part} for part in seen.values()], _ALL_OF_IT)
    else:
        found = offsets_of([seen], _ALL_OF_IT)
    if not found:
        raise UsageError(table, f"{place}: {source} shows no face for a second")
    return found, column


def _one_at_a_time(table: Path, place: str, timeline: Path, source: str) -> None:
    last = -1
    for rows in read_blocks(timeline, ["frame", "track"]):
        frame = rows["frame"].filter(rows["track"].is_valid()).to_numpy()
        if (np.diff(frame, prepend=last) == 0).any():
            raise UsageError(
                table,
                f"{place}: {source} shows several faces at once, so it is not known whose baseline "
                "it is: annotate it with --max-faces largest, or with --identities",
            )
        last = int(frame[-1]) if len(frame) else last


def _pairs(table: Path, timelines: dict[str, Path]) -> list[tuple[int, str, str]]:
    """Line, source and rest file of each line."""
    (_, headings), *lines = read_lines(table)
    naming = next((name for name in NAMING_COLUMNS if name in headings), None)
    if naming is None or _COLUMN not in headings:
        raise UsageError(table, "line 1 lacks a column: there must be file and baseline")
    known, seen, pairs = SourceNames(timelines), dict[str, int](), []
    for number, cells in lines:
        if len(cells) != len(headings):
            raise UsageError(table, f"line {number} has {len(cells)} cells, not {len(headings)}")
        row = dict(zip(headings, cells, strict=True))
        try:
            source, rest = known.find(row[naming]), known.find(row[_COLUMN])
        except UsageError as error:
            raise UsageError(table, f"line {number}: {error.message}") from error
        for name in (source, rest):
            if "inputs" in read_metadata(timelines[name]):
                raise UsageError(table, f"line {number}: {name} is a still, which has no baseline")
        if source in seen:
            raise UsageError(table, f"lines {seen[source]} and {number} both name {source}")
        seen[source] = number
        pairs.append((number, source, rest))
    return pairs
