"""Figures per file with its conditions, and per condition: means over files, and their spread."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from emotion_core.errors import UsageError
from emotion_core.labels import EMOTIONS
from emotion_core.results.conditions import Conditions

COUNTS: Final = {
    "files": pa.int64(),
    "files_with_face": pa.int64(),
    "files_timed": pa.int64(),
    "files_with_baseline": pa.int64(),
    "faces": pa.int64(),
    "face_seconds": pa.float64(),
    "seconds": pa.float64(),
    "seconds_seen": pa.float64(),
    "seconds_with_face": pa.float64(),
    "seconds_certain": pa.float64(),
}
FACE_MEASURES: Final = (
    "uncertain_share",
    *(f"share_{name}" for name in EMOTIONS),
    *(f"mean_{name}" for name in EMOTIONS),
    *(f"frame_share_{name}" for name in EMOTIONS),
)
_CERTAIN_MEASURES: Final = tuple(
    f"certain_{kind}_{name}" for kind in ("share", "mean") for name in EMOTIONS
)
_BASELINE_MEASURES: Final = tuple(f"mean_baseline_{name}" for name in EMOTIONS)
_FRAME_MEASURES: Final = ("share_without_face", "share_damaged")
MEASURES: Final = (
    *_FRAME_MEASURES,
    "transitions_per_minute",
    *FACE_MEASURES,
    *_BASELINE_MEASURES,
    *_CERTAIN_MEASURES,
)

_SECONDS: Final = {
    "seconds": "file_us",
    "seconds_seen": "seen_us",
    "seconds_with_face": "with_face_us",
    "seconds_certain": "with_certain_us",
}
_FILE_COUNTS: Final = {name: COUNTS[name] for name in ("faces", "face_seconds", *_SECONDS)}

_US_PER_S: Final = 1_000_000
_US_PER_MIN: Final = 60 * _US_PER_S


FileKey = tuple[str, str]
"""Source, and label of the window; that is empty where there are no windows."""

WINDOW: Final = "window"


@dataclass(frozen=True)
class FileFigures:
    """What one file adds to its group.

    Attributes
    ----------
    faces : int
        Tracks of a video, or faces of a still.
    face_us : int
        Sum of the durations of its tracks.
    measures : dict of str to float
        By the names in `MEASURES`; without those that the file does not have.
    seconds : dict of str to float, s
        Of the file, and of its frames that could be decoded, have a face, have a certain one.
    """

    faces: int
    face_us: int
    measures: dict[str, float]
    seconds: dict[str, float]

    @property
    def counts(self) -> dict[str, float]:
        """What is summed over files."""
        return {"faces": self.faces, "face_seconds": self.face_us / _US_PER_S, **self.seconds}


def summarise_groups(tracks: pa.Table, conditions: Conditions) -> pa.Table:
    """One row per group: counts, then mean and standard deviation between files of each measure.

    Within a file each face counts as long as it is shown; faces of a still count the same. Between
    files each file counts the same, however long it is. So n of a mean is the number of files:
    `files_timed` (videos in which a face is seen for a time) for ``transitions_per_minute``,
    `files` for ``share_damaged`` and ``share_without_face`` (less those of which no frame could be
    decoded), `files_with_baseline` for the means of baseline values (files with a face that has
    some), files with a certain row for ``certain_…``,
    `files_with_face` for everything else.

    Parameters
    ----------
    tracks : pyarrow.Table
        One row per file and track, of `SUMMARY_SCHEMA`.
    conditions : Conditions

    Returns
    -------
    groups : pyarrow.Table
        The conditions (string), counts, and ``<measure>`` and ``<measure>_sd`` (float64) of each
        of `MEASURES`. Shares are 0-1. The standard deviation is that of a sample (n - 1) and null
        for one file; a mean over no file is null.

    Raises
    ------
    UsageError
        A condition has the name of one of the other columns.
    """
    columns = dict(COUNTS)
    for name in MEASURES:
        columns |= {name: pa.float64(), f"{name}_sd": pa.float64()}
    names, groups, files = grouped_figures(tracks, conditions)
    schema = _schema(names, columns)
    rows = [
        dict(zip(names, values, strict=True)) | _group_row([files[key] for key in keys])
        for values, keys in groups.items()
    ]
    return pa.Table.from_pylist(rows, schema)


def summarise_files(tracks: pa.Table, conditions: Conditions) -> pa.Table:
    """One row per file that the conditions name, in their order: what tests of a difference take.

    Parameters
    ----------
    tracks : pyarrow.Table
        One row per file and track, of `SUMMARY_SCHEMA`.
    conditions : Conditions

    Returns
    -------
    files : pyarrow.Table
        ``source`` and the conditions (string), ``faces``, ``face_seconds``, and each of
        `MEASURES` (float64; null where the file does not have it).

    Raises
    ------
    UsageError
        A condition has the name of one of the other columns.
    """
    columns = {**_FILE_COUNTS, **dict.fromkeys(MEASURES, pa.float64())}
    names, groups, files = grouped_figures(tracks, conditions)
    units = {conditions.unit: pa.string()} if conditions.unit else {}
    schema = _schema(names, {"source": pa.string(), **units, **columns})
    rows = [
        {
            **dict(zip(names, values, strict=True)),
            "source": key[0],
            **({conditions.unit: conditions.unit_of[key[0]]} if conditions.unit else {}),
            **files[key].counts,
            **files[key].measures,
        }
        for values, keys in groups.items()
        for key in keys
    ]
    return pa.Table.from_pylist(rows, schema)


def _schema(conditions: Sequence[str], columns: Mapping[str, pa.DataType]) -> pa.Schema:
    clash = [name for name in conditions if name in columns]
    if clash:
        raise UsageError(None, f"a condition cannot be called {clash[0]!r}: rename the column")
    first = {name: kind for name, kind in columns.items() if name == "source"}
    named = dict.fromkeys(conditions, pa.string())
    return pa.schema(list((first | named | dict(columns)).items()))


def grouped_figures(
    tracks: pa.Table, conditions: Conditions
) -> tuple[tuple[str, ...], dict[tuple[str, ...], list[FileKey]], dict[FileKey, FileFigures]]:
    """Names of the conditions, what is in each group, and the figures of each file.

    Where tracks have a column ``window``, it is one more condition, and a file has figures in each
    of its windows.
    """
    rows_of: dict[FileKey, list[dict[str, Any]]] = defaultdict(list)
    for row in tracks.to_pylist():
        rows_of[row["source"], row.get("window", "")].append(row)
    files = {key: _file_figures(rows) for key, rows in rows_of.items()}
    windows = list(dict.fromkeys(window for _, window in files))
    has_windows = WINDOW in tracks.column_names
    names = (*conditions.names, WINDOW) if has_windows else conditions.names
    groups: dict[tuple[str, ...], list[FileKey]] = {}
    for values, sources in conditions.groups.items():
        for window in windows:
            keys = [(source, window) for source in sources if (source, window) in files]
            if keys:
                groups[(*values, window) if has_windows else values] = keys
    return names, groups, files


def _file_figures(rows: Sequence[dict[str, Any]]) -> FileFigures:
    # A file without a face has one row, which has no figures of a face.
    faces = [row for row in rows if row["uncertain_share"] is not None]
    measures = {name: rows[0][name] for name in _FRAME_MEASURES if rows[0][name] is not None}
    if faces:
        measures |= means_over_faces(faces, FACE_MEASURES)
    certain = [row for row in faces if row[_CERTAIN_MEASURES[0]] is not None]
    if certain:
        measures |= means_over_faces(certain, _CERTAIN_MEASURES, "certain_us")
    # A face that was seen too shortly has none.
    at_rest = [row for row in faces if row[_BASELINE_MEASURES[0]] is not None]
    if at_rest:
        measures |= means_over_faces(at_rest, _BASELINE_MEASURES)
    face_us = sum(row["duration_us"] or 0 for row in faces)
    if face_us:
        transitions = sum(row["transitions"] for row in faces)
        measures["transitions_per_minute"] = transitions * _US_PER_MIN / face_us
    seconds = {name: (rows[0][column] or 0) / _US_PER_S for name, column in _SECONDS.items()}
    return FileFigures(len(faces), face_us, measures, seconds)


def means_over_faces(
    faces: Sequence[dict[str, Any]], names: Sequence[str], weight: str = "shown_us"
) -> dict[str, float]:
    """Means over the faces of a file or person, each by how long it is seen, or by its frames."""
    frames = [face["frames"] for face in faces]
    lasting = [face[weight] or 0 for face in faces]
    weights = lasting if sum(lasting) else frames
    return {
        name: statistics.fmean(
            (face[name] for face in faces), frames if name.startswith("frame_") else weights
        )
        for name in names
    }


def _group_row(files: Sequence[FileFigures]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "files": len(files),
        "files_with_face": sum(file.faces > 0 for file in files),
        "files_timed": sum(file.face_us > 0 for file in files),
        "files_with_baseline": sum(_BASELINE_MEASURES[0] in file.measures for file in files),
        **{name: sum(file.counts[name] for file in files) for name in _FILE_COUNTS},
    }
    for name in MEASURES:
        values = [file.measures[name] for file in files if name in file.measures]
        row |= {name: _mean(values), f"{name}_sd": _deviation(values)}
    return row


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


def _deviation(values: Sequence[float]) -> float | None:
    return statistics.stdev(values) if len(values) > 1 else None
