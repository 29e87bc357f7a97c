"""The table over the tracks of a run, and over its conditions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.terminal import say

if TYPE_CHECKING:
    import pyarrow as pa

    from emotion_core.results.conditions import Conditions


def tracks_of(out: Path) -> pa.Table:
    """One row per file and track."""
    import pyarrow as pa

    from emotion_core.results.find import find_timelines
    from emotion_core.timeline.summary import summarise_tracks

    return pa.concat_tables(map(summarise_tracks, find_timelines(out)))


def conditions_of(tracks: pa.Table, by: Path) -> Conditions:
    """Which file belongs to which condition; says what files are left out."""
    from emotion_core.results.conditions import read_conditions
    from emotion_core.results.names import listed

    conditions = read_conditions(by, tracks["source"].unique().to_pylist())
    if conditions.left_out:
        count, names = len(conditions.left_out), listed(conditions.left_out)
        say(f"Left out, as {by} does not name them: {names} ({count} in all).", err=True)
    return conditions


def groups_of(
    tracks: pa.Table, conditions: Conditions, *, per_file: bool = False
) -> tuple[pa.Table, tuple[str, ...]]:
    """One row per condition or file, and which columns name it."""
    from emotion_core.results.groups import summarise_files, summarise_groups

    if per_file:
        return summarise_files(tracks, conditions), ("source", *conditions.names)
    return summarise_groups(tracks, conditions), conditions.names
