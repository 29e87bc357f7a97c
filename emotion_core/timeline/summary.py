"""What a timeline says in few numbers: per file, and per track for the table over a run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from emotion_core.errors import MediaError
from emotion_core.files import reported_for, written_aside
from emotion_core.labels import EMOTIONS
from emotion_core.timeline.schema import NO_BASELINE, Column
from emotion_core.timeline.store import read_blocks

log = logging.getLogger(__name__)

_f64, _i64 = pa.float64(), pa.int64()
_NO_FACE: Final = "without a face"
_STILL_OR_NO_FACE: Final = "stills, and without a face"

SUMMARY_COLUMNS: Final[tuple[Column, ...]] = (
    Column("source", pa.string(), "", "", "As in the timeline."),
    Column("track", pa.int32(), "", "from 0", "Number of the face.", _NO_FACE),
    Column("frames", _i64, "", "from 1", "Rows of the track; without a face, frames of the file."),
    Column("start_us", _i64, "µs", "", "Time of the first row.", _STILL_OR_NO_FACE),
    Column("duration_us", _i64, "µs", "from 0", "From first to last row.", _STILL_OR_NO_FACE),
    Column(
        "share_without_face",
        _f64,
        "",
        "0-1",
        "Of the file's frames that could be decoded, the share without a face; the same for all "
        "of its tracks.",
        "no frame could be decoded",
    ),
    Column(
        "share_damaged",
        _f64,
        "",
        "0-1",
        "Of the file's frames, the share that is damaged or undecodable; the same for all of its "
        "tracks.",
    ),
    Column("transitions", _i64, "", "from 0", "How often the emotion changes.", _NO_FACE),
    Column("uncertain_share", _f64, "", "0-1", "Share of rows that are uncertain.", _NO_FACE),
    *(
        Column(f"share_{e}", _f64, "", "0-1", f"Share of rows whose emotion is {e}.", _NO_FACE)
        for e in EMOTIONS
    ),
    *(Column(f"mean_{e}", _f64, "", "0-1", f"Mean of p_{e}.", _NO_FACE) for e in EMOTIONS),
    *(
        Column(f"mean_baseline_{e}", _f64, "", "0-1", f"Mean of baseline_{e}.", NO_BASELINE)
        for e in EMOTIONS
    ),
)

SUMMARY_SCHEMA: Final = pa.schema([(column.name, column.type) for column in SUMMARY_COLUMNS])
"""One row per file and track; a file without a face has one row with a null track."""


_DAMAGED: Final = ("damaged", "undecodable")

_SUMMARISED: Final = [
    "source", "frame", "time_us", "status", "track", "box_x", "emotion", "uncertain",
    *(f"{kind}_{name}" for kind in ("p", "baseline") for name in EMOTIONS),
]  # fmt: skip
"""Of the columns of a timeline, those that the summary is made of."""

_MEAN_OF: Final = {f"mean_{name}": f"p_{name}" for name in EMOTIONS} | {
    f"mean_baseline_{name}": f"baseline_{name}" for name in EMOTIONS
}


@dataclass(frozen=True)
class FileSummary:
    """Counts of one file.

    Attributes
    ----------
    frames : int
        Frames analysed.
    with_face, damaged, undecodable : int
        Frames with at least one face; frames of these two statuses.
    tracks : int
        Distinct faces over time; for a still, its faces.
    """

    frames: int = 0
    with_face: int = 0
    damaged: int = 0
    undecodable: int = 0
    tracks: int = 0

    def followed_by(self, other: FileSummary) -> FileSummary:
        """Counts of a video whose next frames have the counts `other`."""
        return FileSummary(
            self.frames + other.frames,
            self.with_face + other.with_face,
            self.damaged + other.damaged,
            self.undecodable + other.undecodable,
            max(self.tracks, other.tracks),
        )


def summarise(table: pa.Table) -> FileSummary:
    """Counts of some rows of one file: of a still, or of whole frames of a video."""
    frame = table["frame"].to_numpy()
    shown = table["box_x"].is_valid().to_numpy(zero_copy_only=False)
    status = table["status"].combine_chunks().cast(pa.string())
    # Tracks are numbered from 0 in the order in which they begin.
    last_track = pc.max(table["track"]).as_py()

    def frames_where(rows: Any) -> int:
        return len(np.unique(frame[np.asarray(rows)]))

    return FileSummary(
        frames=len(np.unique(frame)),
        with_face=frames_where(shown),
        damaged=frames_where(pc.equal(status, "damaged")),
        undecodable=frames_where(pc.equal(status, "undecodable")),
        tracks=int(shown.sum()) if last_track is None else last_track + 1,
    )


def write_summary(path: Path, timelines: Iterable[Path]) -> None:
    """One table over all timelines of a run, read one after the other.

    Raises
    ------
    OutputError
        The table cannot be written.
    """
    with (
        written_aside(path) as partial,
        reported_for(path),
        pq.ParquetWriter(partial, SUMMARY_SCHEMA) as writer,
    ):
        for timeline in timelines:
            try:
                rows = summarise_tracks(timeline)
            except MediaError as error:
                log.warning("left out of the summary: %s", error)
                continue
            writer.write_table(rows)


def summarise_tracks(timeline: Path) -> pa.Table:
    """One row per file and track of a timeline, with the columns of `SUMMARY_SCHEMA`.

    Raises
    ------
    MediaError
        The timeline cannot be read.
    """
    table = pa.concat_tables(read_blocks(timeline, _SUMMARISED)).unify_dictionaries()
    return pa.Table.from_pylist(_track_rows(table), SUMMARY_SCHEMA)


def _track_rows(table: pa.Table) -> list[dict[str, Any]]:
    source = table["source"].combine_chunks()
    files, names = source.indices.to_numpy(), source.dictionary.to_pylist()
    status = table["status"].cast(pa.string())
    emotion = pc.index_in(table["emotion"].cast(pa.string()), pa.array(EMOTIONS))
    columns = {
        "frame": _values(table["frame"]),
        "time_us": _values(table["time_us"], -1),
        "timed": _values(table["time_us"].is_valid()),
        "damaged": _values(pc.is_in(status, pa.array(_DAMAGED))),
        "decoded": _values(pc.not_equal(status, "undecodable")),
        "shown": _values(table["box_x"].is_valid()),
        "track": _values(table["track"], -1),
        "emotion": _values(emotion, -1),
        "uncertain": _values(table["uncertain"], False),
        **{name: _values(table[name], np.nan) for name in _MEAN_OF.values()},
    }
    rows: list[dict[str, Any]] = []
    for some in _groups(files):
        file = {name: values[some] for name, values in columns.items()}
        rows.extend({"source": names[files[some[0]]]} | row for row in _rows_of_file(file))
    return rows


def _values(column: pa.ChunkedArray, missing: Any = None) -> NDArray[Any]:
    """A column without nulls."""
    return np.asarray(column if missing is None else column.fill_null(missing))


def _groups(keys: NDArray[Any]) -> list[NDArray[np.intp]]:
    """Where each key stands, keys in the order in which they first come."""
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order])) + 1
    groups = np.split(order, starts) if len(order) else []
    return sorted(groups, key=lambda group: int(group[0]))


def _rows_of_file(file: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    frame, decoded, shown = file["frame"], file["decoded"], file["shown"]
    frames, seen = len(np.unique(frame)), len(np.unique(frame[decoded]))
    faceless = len(np.unique(frame[decoded & ~shown]))
    shared = {
        "share_without_face": faceless / seen if seen else None,
        "share_damaged": len(np.unique(frame[file["damaged"]])) / frames,
    }
    faces = {name: values[shown] for name, values in file.items()}
    track = faces["track"]
    if not len(track):
        return [shared | {"track": None, "frames": frames}]
    # An earlier version did not number the faces of a still: each is a row of its own.
    alone = track < 0
    keys = np.where(alone, track.max() + 1 + np.cumsum(alone), track)
    groups = sorted(_groups(keys), key=lambda group: int(keys[group[0]]))
    return [
        shared | _track_row({name: values[group] for name, values in faces.items()})
        for group in groups
    ]


def _track_row(track: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    emotion, times = track["emotion"], track["time_us"]
    timed = bool(track["timed"].all())
    row: dict[str, Any] = {
        "track": int(track["track"][0]) if track["track"][0] >= 0 else None,
        "frames": len(emotion),
        "start_us": int(times.min()) if timed else None,
        "duration_us": int(times.max() - times.min()) if timed else None,
        "transitions": int(np.count_nonzero(np.diff(emotion))),
        "uncertain_share": float(track["uncertain"].mean()),
    }
    for number, name in enumerate(EMOTIONS):
        row[f"share_{name}"] = float((emotion == number).mean())
    for mean, name in _MEAN_OF.items():
        known = track[name][~np.isnan(track[name])]
        row[mean] = float(known.mean(dtype=np.float64)) if len(known) else None
    return row
