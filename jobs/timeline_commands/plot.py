"""``emotion-timeline plot``: figures of timelines."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import say
from jobs.timeline_commands.grouping import (
    conditions_of,
    groups_of,
    sources_below,
    tracks_of,
    windows_of,
)
from jobs.timeline_commands.kinds import PATH, by, out, windows

FORMS = ("png", "svg")


@click.command()
@out
@click.option(
    "--output", "-o", type=PATH, default=Path("plots"), show_default=True,
    help="Folder for the pictures.",
)  # fmt: skip
@by
@windows
@click.option(
    "--to", "forms", type=click.Choice(FORMS), multiple=True, default=FORMS, show_default=True,
    help="Kind of pictures; repeatable.",
)  # fmt: skip
@click.option(
    "--tracks", type=click.IntRange(1, 100), default=8, show_default=True,
    help="Tracks drawn of a video: those seen longest.",
)  # fmt: skip
@click.option(
    "--baseline", is_flag=True,
    help="Draw the values less a baseline that annotate --baseline made.",
)  # fmt: skip
def plot(
    out: Path,
    output: Path,
    by: Path | None,
    windows: Path | None,
    forms: tuple[str, ...],
    tracks: int,
    baseline: bool,
) -> None:
    """Draw probabilities over time, a picture per video, and the shares of the emotions.

    OUT is the output folder of annotate, a folder of timelines, or a timeline. Shares are drawn
    per track and per folder of stills, with --by per condition, and as they are, whatever the
    baseline.
    """
    from emotion_core.plots.shares import bars_of_groups, bars_of_tracks
    from emotion_core.plots.write import plot_shares, plot_video
    from emotion_core.results.find import find_timelines, name_below

    summary = tracks_of(out, windows)
    spans = windows_of(out, windows)
    if by is None:
        bars = bars_of_tracks(summary)
    else:
        bars = bars_of_groups(*groups_of(summary, conditions_of(sources_below(out), by)))
    for timeline in find_timelines(out):
        path = output / name_below(out, timeline)
        pictures = plot_video(timeline, path, forms, tracks, less_baseline=baseline, windows=spans)
        for picture in pictures:
            say(picture)
        if baseline and not pictures:
            say(f"{timeline}: no track has values less a baseline", err=True)
    for picture in plot_shares(bars, output / "shares", forms):
        say(picture)
