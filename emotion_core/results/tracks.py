"""A row per track, as users ask for it: with conditions and position, of certain rows, by frame."""

from __future__ import annotations

import pyarrow as pa

from emotion_core.errors import UsageError
from emotion_core.labels import EMOTIONS
from emotion_core.results.conditions import Conditions


def of_certain_rows(tracks: pa.Table) -> pa.Table:
    """The same tracks, whose shares and means are of rows that are certain alone."""
    tracks = _replaced(tracks, "certain_")
    place = tracks.column_names.index("shown_us")
    return tracks.set_column(place, "shown_us", tracks["certain_us"])


def of_frames(tracks: pa.Table) -> pa.Table:
    """The same tracks, whose shares are of frames; means stay those over time."""
    return _replaced(tracks, "frame_")


def _replaced(tracks: pa.Table, prefix: str) -> pa.Table:
    for name in (f"{kind}_{emotion}" for kind in ("share", "mean") for emotion in EMOTIONS):
        if prefix + name in tracks.column_names:
            place = tracks.column_names.index(name)
            tracks = tracks.set_column(place, name, tracks[prefix + name])
    return tracks


def with_conditions(tracks: pa.Table, conditions: Conditions | None) -> pa.Table:
    """A row per track, with conditions, unit and ``position``, in which half its face is mostly.

    Raises
    ------
    UsageError
        A condition has the name of one of the other columns.
    """
    middles = tracks["centre_x"].to_pylist()
    words = [None if x is None else "left" if x < 0.5 else "right" for x in middles]
    tracks = tracks.append_column("position", pa.array(words, pa.string()))
    if conditions is None:
        return tracks
    values_of = {
        source: (*values, *([conditions.unit_of[source]] if conditions.unit else []))
        for values, sources in conditions.groups.items()
        for source in sources
    }
    tracks = tracks.filter(pa.array([s in values_of for s in tracks["source"].to_pylist()]))
    names = (*conditions.names, *([conditions.unit] if conditions.unit else []))
    for place, name in enumerate(names):
        if name in tracks.column_names:
            raise UsageError(None, f"a condition cannot be called {name!r}: rename the column")
        cells = [values_of[source][place] for source in tracks["source"].to_pylist()]
        tracks = tracks.add_column(place + 1, name, pa.array(cells, pa.string()))
    return tracks
