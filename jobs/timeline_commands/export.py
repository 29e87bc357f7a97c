"""``emotion-timeline export``: timelines as CSV and JSON."""

from __future__ import annotations

from pathlib import Path

import click

from jobs.timeline_commands.kinds import PATH, out

FORMS = ("csv", "json")


@click.command()
@out
@click.option(
    "--to", "form", type=click.Choice(FORMS), required=True, help="json: a record a line (.jsonl)."
)
@click.option(
    "--output", "-o", type=PATH, required=True, help="Folder for a file per timeline; see --merge."
)
@click.option("--merge", is_flag=True, help="Write all into one file, which --output names.")
def export(out: Path, form: str, output: Path, merge: bool) -> None:
    """Write timelines as CSV or JSON, with all rows and columns.

    OUT is the output folder of annotate, a folder of timelines, or a timeline. Numbers have all
    their digits. In CSV, null is an empty cell and landmarks fill ten columns.
    """
    from emotion_core.results.export import export_all, export_each

    if merge:
        export_all(out, output, form)
        click.echo(str(output))
        return
    for path in export_each(out, output, form):
        click.echo(str(path))
