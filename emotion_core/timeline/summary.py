"""What a timeline says in few numbers: per file, and per track for the table over a run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
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
from emotion_core.timeline.schema import NO_BASELINE, NO_IDENTITY, Column
from emotion_core.timeline.spans import frame_ends
from emotion_core.timeline.store import read_blocks, read_metadata

log = logging.getLogger(__name__)

Window = tuple[int, int]
"""Start and end in µs, on the clock of ``time_us``."""

_f64, _i64 = pa.float64(), pa.int64()
_NO_FACE: Final = "without a face"
_STILL_OR_NO_FACE: Final = "stills, and without a face"
_STILL: Final = "stills"
_CERTAIN: Final = "without a face, and where no row is certain"

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
        "Of the time of the file's frames that could be decoded, the share without a face; the "
        "same for all of its tracks.",
        "no frame could be decoded",
    ),
    Column(
        "share_damaged",
        _f64,
        "",
        "0-1",
        "Of the time of the file's frames, the share that is damaged or undecodable; the same for "
        "all of its tracks.",
    ),
    Column("transitions", _i64, "", "from 0", "How often the emotion changes.", _NO_FACE),
    Column(
        "uncertain_share", _f64, "", "0-1", "Share of its time in which it is uncertain.", _NO_FACE
    ),
    *(
        Column(
            f"share_{e}",
            _f64,
            "",
            "0-1",
            f"Share of its time in which the emotion is {e}.",
            _NO_FACE,
        )
        for e in EMOTIONS
    ),
    *(
        Column(f"mean_{e}", _f64, "", "0-1", f"Mean of p_{e} over its time.", _NO_FACE)
        for e in EMOTIONS
    ),
    *(
        Column(
            f"mean_baseline_{e}",
            _f64,
            "",
            "0-1",
            f"Mean of baseline_{e} over its time.",
            NO_BASELINE,
        )
        for e in EMOTIONS
    ),
    *(
        Column(
            f"certain_share_{e}",
            _f64,
            "",
            "0-1",
            f"Of its time that is certain, the share in which the emotion is {e}.",
            _CERTAIN,
        )
        for e in EMOTIONS
    ),
    *(
        Column(
            f"certain_mean_{e}",
            _f64,
            "",
            "0-1",
            f"Mean of p_{e} over its time that is certain.",
            _CERTAIN,
        )
        for e in EMOTIONS
    ),
    *(
        Column(
            f"frame_share_{e}",
            _f64,
            "",
            "0-1",
            f"Share of its rows whose emotion is {e}, however long they last.",
            _NO_FACE,
        )
        for e in EMOTIONS
    ),
    Column("shown_us", _i64, "µs", "from 0", "How long its rows last together.", _STILL_OR_NO_FACE),
    Column("certain_us", _i64, "µs", "from 0", "Those that are certain.", _STILL_OR_NO_FACE),
    Column("file_us", _i64, "µs", "from 0", "How long the file's analysed frames last.", _STILL),
    Column("seen_us", _i64, "µs", "from 0", "Those that could be decoded.", _STILL),
    Column("with_face_us", _i64, "µs", "from 0", "Those with a face.", _STILL),
    Column("with_certain_us", _i64, "µs", "from 0", "Those with a face that is certain.", _STILL),
    Column(
        "centre_x",
        _f64,
        "",
        "0-1",
        "Mean over its time of the middle of the box, from the left edge of the picture (0) to the "
        "right (1).",
        _STILL_OR_NO_FACE,
    ),
    Column("identity", pa.int32(), "", "from 0", "Number of the person in the run.", NO_IDENTITY),
)

SUMMARY_SCHEMA: Final = pa.schema([(column.name, column.type) for column in SUMMARY_COLUMNS])
"""One row per file and track; a file without a face has one row with a null track."""


_DAMAGED: Final = ("damaged", "undecodable")

_SUMMARISED: Final = [
    "source", "frame", "time_us", "status", "track", "box_x", "box_w", "gap", "emotion",
    "uncertain", "identity",
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


def summarise_tracks(timeline: Path, windows: Sequence[Window | None] = (None,)) -> pa.Table:
    """One row per file and track of a timeline, with the columns of `SUMMARY_SCHEMA`.

    A frame lasts as long as `frame_ends` says, and counts for so long; pictures count the same.

    Parameters
    ----------
    timeline : Path
    windows : sequence of tuple of int or None
        Start and end in µs of what is summed up, one after the other; None is the whole file. A
        frame counts as long as it lasts within the window. One that no frame lies in has no rows.

    Raises
    ------
    MediaError
        The timeline cannot be read.
    """
    table = pa.concat_tables(read_blocks(timeline, _SUMMARISED)).unify_dictionaries()
    width = read_metadata(timeline).get("width")
    rows = _track_rows(table, windows, width if isinstance(width, int) else None)
    return pa.Table.from_pylist(rows, SUMMARY_SCHEMA)


def _track_rows(
    table: pa.Table, windows: Sequence[Window | None], width: int | None
) -> list[dict[str, Any]]:
    source = table["source"].combine_chunks()
    files, names = source.indices.to_numpy(), source.dictionary.to_pylist()
    status = table["status"].cast(pa.string())
    emotion = pc.index_in(table["emotion"].cast(pa.string()), pa.array(EMOTIONS))
    left, breadth = _values(table["box_x"], np.nan), _values(table["box_w"], np.nan)
    columns = {
        "frame": _values(table["frame"]),
        "time_us": _values(table["time_us"], -1),
        "timed": _values(table["time_us"].is_valid()),
        "gap": _values(table["gap"], False),
        "damaged": _values(pc.is_in(status, pa.array(_DAMAGED))),
        "decoded": _values(pc.not_equal(status, "undecodable")),
        "shown": _values(table["box_x"].is_valid()),
        "track": _values(table["track"], -1),
        "emotion": _values(emotion, -1),
        "uncertain": _values(table["uncertain"], False),
        "identity": _values(table["identity"], -1),
        "centre": (left + breadth / 2) / width if width else np.full(len(left), np.nan),
        **{name: _values(table[name], np.nan) for name in _MEAN_OF.values()},
    }
    rows: list[dict[str, Any]] = []
    for some in _groups(files):
        file = _lasting({name: values[some] for name, values in columns.items()})
        for window in windows:
            inside = file if window is None else _within(file, window)
            if len(inside["frame"]):
                named = {"source": names[files[some[0]]]}
                rows.extend(named | row for row in _rows_of_file(inside))
    return rows


def _lasting(file: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The same rows with how long each lasts in µs; 0 for pictures."""
    lasts_us = np.zeros(len(file["frame"]), np.int64)
    if file["timed"].all():
        start_us = file["time_us"]
        lasts_us = frame_ends(file["frame"], start_us, 0, file["gap"])[0] - start_us
    return dict(file) | {"us": lasts_us}


def _within(file: Mapping[str, NDArray[Any]], window: Window) -> dict[str, NDArray[Any]]:
    """Rows that last into a window, and how long they last in it."""
    start_us = np.maximum(file["time_us"], window[0])
    end_us = np.minimum(file["time_us"] + file["us"], window[1])
    inside = file["timed"] & (end_us > start_us)
    clipped = dict(file) | {"time_us": start_us, "us": end_us - start_us}
    return {name: values[inside] for name, values in clipped.items()}


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
    decoded, shown = file["decoded"], file["shown"]
    everything = np.ones(len(shown), np.bool_)
    frames = len(np.unique(file["frame"]))
    with_face = np.isin(file["frame"], file["frame"][shown])

    def share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float | None:
        of_us, in_us = _frames_us(file, part), _frames_us(file, whole)
        if in_us:
            return of_us / in_us
        count = len(np.unique(file["frame"][whole]))
        return len(np.unique(file["frame"][part])) / count if count else None

    shared: dict[str, Any] = {
        "share_without_face": share(decoded & ~with_face, decoded),
        "share_damaged": share(file["damaged"], everything),
    }
    if file["timed"].all():
        shared |= {
            "file_us": _frames_us(file, everything),
            "seen_us": _frames_us(file, decoded),
            "with_face_us": _frames_us(file, shown),
            "with_certain_us": _frames_us(file, shown & ~file["uncertain"]),
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


def _frames_us(file: Mapping[str, NDArray[Any]], rows: NDArray[np.bool_]) -> int:
    """How long the frames that have some rows last together."""
    _, first = np.unique(file["frame"][rows], return_index=True)
    return int(file["us"][rows][first].sum())


def _track_row(track: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    emotion, times, us = track["emotion"], track["time_us"], track["us"]
    timed = bool(track["timed"].all())
    # Where no time passes, as in a picture or a video of one frame, rows count the same.
    weight = us if us.sum() else np.ones(len(us), np.int64)
    certain = ~track["uncertain"]
    row: dict[str, Any] = {
        "track": int(track["track"][0]) if track["track"][0] >= 0 else None,
        "frames": len(emotion),
        "start_us": int(times.min()) if timed else None,
        "duration_us": int(times.max() - times.min()) if timed else None,
        "transitions": int(np.count_nonzero(np.diff(emotion))),
        "uncertain_share": _mean(track["uncertain"], weight),
        "shown_us": int(us.sum()) if timed else None,
        "certain_us": int(us[certain].sum()) if timed else None,
        "centre_x": _mean(track["centre"], weight),
        # A track is one person; rows in which it is seen badly have its number, too, or none.
        "identity": int(track["identity"].max()) if track["identity"].max() >= 0 else None,
    }
    for number, name in enumerate(EMOTIONS):
        leads = emotion == number
        row[f"share_{name}"] = _mean(leads, weight)
        row[f"certain_share_{name}"] = _mean(leads[certain], weight[certain])
        row[f"frame_share_{name}"] = float(leads.mean())
        row[f"certain_mean_{name}"] = _mean(track[f"p_{name}"][certain], weight[certain])
    for mean, name in _MEAN_OF.items():
        row[mean] = _mean(track[name], weight)
    return row


def _mean(values: NDArray[Any], weight: NDArray[np.int64]) -> float | None:
    """Mean of those that are there; None where none counts."""
    known = ~np.isnan(values.astype(np.float64))
    total = int(weight[known].sum())
    if not total:
        return None
    return float((values[known].astype(np.float64) * weight[known]).sum() / total)
