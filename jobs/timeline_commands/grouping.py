"""The table over the tracks of a run, and over its conditions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.terminal import say

if TYPE_CHECKING:
    import pyarrow as pa

    from emotion_core.results.conditions import Conditions
    from emotion_core.results.windows import Windows


def tracks_of(out: Path, windows: Path | None = None) -> pa.Table:
    """One row per file and track, with windows per file, window and track."""
    import pyarrow as pa

    from emotion_core.results.find import find_timelines
    from emotion_core.timeline.summary import summarise_tracks

    timelines = find_timelines(out)
    if windows is not None:
        return _tracks_in_windows(timelines, windows)
    return pa.concat_tables(map(summarise_tracks, timelines))


def _tracks_in_windows(timelines: list[Path], path: Path) -> pa.Table:
    from emotion_core.results.names import listed
    from emotion_core.results.read import sources_of
    from emotion_core.results.windows import read_windows, summarise_windows

    sources = {source: timeline for timeline in timelines for source in sources_of(timeline)}
    windows = read_windows(path, sources)
    left_out = [source for source in sources if source not in windows]
    if left_out:
        names = f"{listed(left_out)} ({len(left_out)} in all)"
        say(f"Left out, as {path} does not name them: {names}.", err=True)
    table, notes = summarise_windows(sources, windows)
    for note in notes:
        say(note, err=True)
    return table


def conditions_of(
    sources: list[str], by: Path, chosen: tuple[str, ...] = (), unit: str = ""
) -> Conditions:
    """Which file belongs to which condition; says what files are left out."""
    from emotion_core.results.conditions import read_conditions
    from emotion_core.results.names import listed

    conditions = read_conditions(by, sources, chosen, unit)
    if conditions.left_out:
        count, names = len(conditions.left_out), listed(conditions.left_out)
        say(f"Left out, as {by} does not name them: {names} ({count} in all).", err=True)
    return conditions


def groups_of(
    tracks: pa.Table, conditions: Conditions, *, per_file: bool = False
) -> tuple[pa.Table, tuple[str, ...]]:
    """One row per condition or file, and which columns name it."""
    from emotion_core.results.groups import WINDOW, summarise_files, summarise_groups
    from emotion_core.results.units import summarise_units

    window = (WINDOW,) if WINDOW in tracks.column_names else ()
    names = (*conditions.names, *window)
    if per_file:
        unit = (conditions.unit,) if conditions.unit else ()
        return summarise_files(tracks, conditions), ("source", *unit, *names)
    if conditions.unit:
        return summarise_units(tracks, conditions), names
    return summarise_groups(tracks, conditions), names


def windows_of(out: Path, windows: Path | None) -> Windows:
    """The windows of each source; none where no file says any."""
    from emotion_core.results.windows import read_windows

    return {} if windows is None else read_windows(windows, sources_below(out))


def sources_below(out: Path) -> list[str]:
    """All files that have results, whether or not a window is of them."""
    from emotion_core.results.find import find_timelines
    from emotion_core.results.read import sources_of

    return [source for timeline in find_timelines(out) for source in sources_of(timeline)]
