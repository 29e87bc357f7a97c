"""In which form a table is written."""

from __future__ import annotations

from pathlib import Path

import click

FORMS = ("csv", "json", "parquet", "xlsx")


def form_of(output: Path, option: str = "--output") -> str:
    """The form that the ending of a file says.

    Raises
    ------
    click.UsageError
        It says none.
    """
    ending = output.suffix.removeprefix(".").replace("jsonl", "json")
    if ending not in FORMS:
        raise click.UsageError(f"{option} {output}: end it in .{', .'.join(FORMS)}.")
    return ending
