"""``emotion-timeline merge``: timelines of several runs in one folder."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import counted, say
from jobs.timeline_commands.kinds import PATH


@click.command()
@click.argument("outs", type=PATH, nargs=-1, required=True)
@click.option("--output", "-o", type=PATH, required=True, help="A new folder.")
def merge(outs: tuple[Path, ...], output: Path) -> None:
    """Copy timelines of several runs into a new folder, with summary.parquet and intervals.parquet.

    OUTS are output folders of annotate, folders of timelines, or timelines. Two that have rows of
    the same file are refused.
    """
    from emotion_core.results.merge import merge as merge_timelines

    copies = merge_timelines(outs, output)
    say(f"Merged: {counted(len(copies), 'timeline')} into {output}", err=True)
