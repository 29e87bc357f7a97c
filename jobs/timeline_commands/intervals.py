"""``emotion-timeline intervals``: when one emotion holds on a face, with constants of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import counted, say
from jobs.timeline_commands.form import form_of
from jobs.timeline_commands.kinds import PATH, decimal, look_of, out, safe_csv
from jobs.timeline_commands.rule import rule_of, rule_options


@click.command()
@out
@click.option(
    "--output", "-o", type=PATH,
    help="File to write; its ending, csv, json, parquet or xlsx, decides the form. Default: a "
    "table to read.",
)  # fmt: skip
@click.option(
    "--first", type=PATH, metavar="FILE",
    help="Also write when each track first shows each emotion; its ending decides the form.",
)  # fmt: skip
@decimal
@safe_csv
@rule_options
def intervals(
    out: Path,
    output: Path | None,
    first: Path | None,
    decimal: str,
    safe_csv: bool,
    **rule: float,
) -> None:
    """Who showed which emotion when; also with other constants than annotate had.

    OUT is the output folder of annotate, a folder of timelines, or a timeline. The columns are
    those of intervals.parquet.
    """
    from emotion_core.results.export import write_table
    from emotion_core.results.find import find_timelines
    from emotion_core.timeline.intervals import all_intervals

    form = None if output is None else form_of(output)
    form_of_first = None if first is None else form_of(first, "--first")
    if output is not None and first is not None and output.resolve() == first.resolve():
        raise click.UsageError(f"--output and --first are the same file, {first}: name another.")
    table = all_intervals(find_timelines(out), rule_of(rule))
    look = look_of(decimal, safe_csv)
    if output is None or form is None:
        from jobs.timeline_commands.tables import interval_table, print_table

        print_table(interval_table(table))
    else:
        write_table(table, output, form, look)
        say(f"Written: {output} ({counted(len(table), 'row')})", err=True)
    if first is not None and form_of_first is not None:
        from emotion_core.results.first_times import first_times

        rows = first_times(table)
        write_table(rows, first, form_of_first, look)
        say(f"Written: {first} ({counted(len(rows), 'row')})", err=True)
