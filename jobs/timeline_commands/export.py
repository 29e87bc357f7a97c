"""``emotion-timeline export``: rows as CSV and JSON, intervals for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import say
from jobs.timeline_commands.kinds import PATH, decimal, look_of, out, safe_csv
from jobs.timeline_commands.rule import given_rule, rule_of, rule_options

ROWS = ("csv", "json")
INTERVALS = ("elan", "boris", "webvtt", "srt")


@click.command()
@out
@click.option(
    "--to", "form", type=click.Choice([*ROWS, *INTERVALS]), required=True,
    help="Rows: csv, or json, a record a line (.jsonl). Intervals of videos: elan (.eaf), boris "
    "(a project of all videos, emotions.boris), webvtt (.vtt), srt.",
)  # fmt: skip
@click.option(
    "--output", "-o", type=PATH, required=True, help="Folder for a file per timeline; see --merge."
)
@click.option(
    "--merge", is_flag=True, help="Write all rows into one file, which --output names: csv, json."
)
@decimal
@safe_csv
@rule_options
def export(
    out: Path,
    form: str,
    output: Path,
    merge: bool,
    decimal: str,
    safe_csv: bool,
    **rule: float,
) -> None:
    """Write timelines as CSV or JSON, or their intervals for ELAN, BORIS and as subtitles.

    OUT is the output folder of annotate, a folder of timelines, or a timeline. CSV and JSON have
    all rows and columns, and numbers have all their digits. In CSV, null is an empty cell and
    landmarks fill ten columns. Intervals are found anew, with the constants given.
    """
    from emotion_core.results.coded.write import export_intervals
    from emotion_core.results.export import export_all, export_each

    if merge and form in INTERVALS:
        raise click.UsageError(f"--merge is for {', '.join(ROWS)}: {form} has intervals.")
    if form in ROWS and (given := given_rule()):
        raise click.UsageError(f"{given} is for intervals: {form} has rows.")
    if form != "csv" and (decimal != "." or safe_csv):
        raise click.UsageError(f"--decimal and --safe-csv are for csv, not {form}.")
    look = look_of(decimal, safe_csv)
    endings = {"csv": (".csv",), "json": (".jsonl", ".json")}.get(form, ())
    if merge and output.suffix not in endings:
        raise click.UsageError(f"--output {output}: end it in {' or '.join(endings)}.")
    if not merge and output.suffix in endings and not output.is_dir():
        raise click.UsageError(f"--output {output} would be a folder: pass --merge for one file.")
    if merge:
        export_all(out, output, form, look)
        say(output)
        return
    paths = (
        export_each(out, output, form, look)
        if form in ROWS
        else export_intervals(out, output, form, rule_of(rule))
    )
    for path in paths:
        say(path)
