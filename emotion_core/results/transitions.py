"""How often each emotion follows each other on a face."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from emotion_core.errors import MediaError
from emotion_core.labels import EMOTIONS
from emotion_core.timeline.store import read_blocks

TRANSITION_SCHEMA: Final = pa.schema([
    ("source", pa.string()),
    ("track", pa.int32()),
    ("from", pa.string()),
    ("to", pa.string()),
    ("count", pa.int64()),
    ("face_seconds", pa.float64()),
    ("per_minute", pa.float64()),
])  # fmt: skip

_READ: Final = ("source", "time_us", "track", "emotion")
_US_PER_S: Final = 1_000_000


@dataclass
class _Track:
    """What is known of a track so far: counts are of shape (7, 7), from by to."""

    first_us: int
    last_us: int
    emotion: int
    counts: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    )


def count_transitions(timelines: Iterable[Path]) -> pa.Table:
    """A row for each track of a video and each ordered pair of emotions, also where there is none.

    As in the summary, a transition is a row of a track whose likeliest emotion is another than in
    the row of the track before it, however long the face was out of sight between them and whether
    or not they are uncertain. ``per_minute`` is per minute from the first to the last row of the
    track, and null where that is no time. So the counts of a track add up to its `transitions`.

    Parameters
    ----------
    timelines : iterable of Path
        Read a block at a time. Stills have no transitions.

    Returns
    -------
    transitions : pyarrow.Table
        With `TRANSITION_SCHEMA`, by timeline, track, and the order of `EMOTIONS`.

    Raises
    ------
    MediaError
        A timeline cannot be read, or holds an emotion that there is not.
    """
    tables = [pa.Table.from_pylist(_rows_of(timeline), TRANSITION_SCHEMA) for timeline in timelines]
    return pa.concat_tables([TRANSITION_SCHEMA.empty_table(), *tables])


def _rows_of(timeline: Path) -> list[dict[str, Any]]:
    source, tracks = "", dict[int, _Track]()
    for block in read_blocks(timeline, _READ):
        faces = block.filter(pc.and_(block["track"].is_valid(), block["time_us"].is_valid()))
        if not len(faces):
            continue
        source = str(faces["source"][0].as_py())
        emotion = pc.index_in(faces["emotion"].cast(pa.string()), pa.array(EMOTIONS))
        if emotion.null_count:
            raise MediaError(timeline, "holds an emotion that there is not: annotate it again")
        _count(tracks, faces["track"].to_numpy(), faces["time_us"].to_numpy(), emotion.to_numpy())
    return [row for number in sorted(tracks) for row in _pairs(source, number, tracks[number])]


def _count(
    tracks: dict[int, _Track],
    track: NDArray[np.integer[Any]],
    time_us: NDArray[np.int64],
    emotion: NDArray[np.integer[Any]],
) -> None:
    for number in np.unique(track).tolist():
        rows = np.flatnonzero(track == number)
        shown, times = emotion[rows].astype(np.int64), time_us[rows]
        known = tracks.setdefault(number, _Track(int(times[0]), int(times[0]), int(shown[0])))
        before = np.append(known.emotion, shown[:-1])
        np.add.at(known.counts, (before, shown), 1)
        known.first_us = min(known.first_us, int(times.min()))
        known.last_us = max(known.last_us, int(times.max()))
        known.emotion = int(shown[-1])


def _pairs(source: str, number: int, track: _Track) -> Iterable[dict[str, Any]]:
    face_us = track.last_us - track.first_us
    for before, after in permutations(range(len(EMOTIONS)), 2):
        count = int(track.counts[before, after])
        yield {
            "source": source,
            "track": number,
            "from": EMOTIONS[before],
            "to": EMOTIONS[after],
            "count": count,
            "face_seconds": face_us / _US_PER_S,
            "per_minute": count * 60 * _US_PER_S / face_us if face_us else None,
        }
