"""Parameters that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from emotion_core.results.rows_out import CsvLook

PATH = click.Path(path_type=Path)

out = click.argument("out", type=PATH)
"""The output folder of a run, a folder of timelines, or a timeline."""

by = click.option(
    "--by", type=PATH, metavar="CSV",
    help="One line per file: a column 'source' or 'file', all others are conditions.",
)  # fmt: skip


decimal = click.option(
    "--decimal", type=click.Choice([".", ","]), default=".", show_default=True,
    help="CSV: decimal mark. With a comma, semicolons separate columns, as German Excel opens it.",
)  # fmt: skip

safe_csv = click.option(
    "--safe-csv", is_flag=True,
    help="CSV: put ' before text that a spreadsheet may take for a formula (= + - @ first).",
)  # fmt: skip

windows = click.option(
    "--windows", type=PATH, metavar="CSV",
    help="One line per window of time: columns file, start, end, label; seconds or m:ss.",
)  # fmt: skip


def look_of(decimal: str, safe: bool) -> CsvLook:
    """How CSV is to be written."""
    from emotion_core.results.rows_out import CsvLook

    return CsvLook(decimal, safe)
