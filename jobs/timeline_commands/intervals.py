"""``emotion-timeline intervals``: when one emotion holds on a face, with constants of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import counted, say
from jobs.timeline_commands.form import form_of
from jobs.timeline_commands.kinds import PATH, out
from jobs.timeline_commands.rule import rule_of, rule_options


@click.command()
@out
@click.option(
    "--output", "-o", type=PATH, required=True,
    help="File to write; its ending, csv, json or parquet, decides the form.",
)  # fmt: skip
@rule_options
def intervals(out: Path, output: Path, **rule: float) -> None:
    """Find intervals of one emotion again, with other constants than annotate did.

    OUT is the output folder of annotate, a folder of timelines, or a timeline. The columns are
    those of intervals.parquet.
    """
    from emotion_core.results.export import write_table
    from emotion_core.results.find import find_timelines
    from emotion_core.timeline.intervals import all_intervals

    form = form_of(output)
    table = all_intervals(find_timelines(out), rule_of(rule))
    write_table(table, output, form)
    say(f"Written: {output} ({counted(len(table), 'row')})", err=True)
