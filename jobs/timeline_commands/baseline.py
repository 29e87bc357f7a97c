"""``emotion-timeline baseline``: what a person's face reads at rest, from another file."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import counted, say
from jobs.timeline_commands.kinds import PATH, out


@click.command()
@out
@click.option(
    "--baseline-from", "table", type=PATH, metavar="CSV", required=True,
    help="One line per file: columns file and baseline, the file of the same person at rest.",
)  # fmt: skip
@click.option("--output", "-o", type=PATH, required=True, help="A new folder.")
def baseline(out: Path, table: Path, output: Path) -> None:
    """Take off what a person's face reads in another file, at rest.

    OUT is the output folder of annotate, or a folder of timelines. Writes the timelines that the
    table names into a new folder, with baseline_<emotion>, and the tables over them.
    """
    from emotion_core.results.rest_files import take_baselines

    made = take_baselines(out, table, output)
    say(f"Written: {counted(len(made), 'timeline')} into {output}", err=True)
