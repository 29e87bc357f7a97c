"""Parameters that commands share."""

from __future__ import annotations

from pathlib import Path

import click

PATH = click.Path(path_type=Path)

out = click.argument("out", type=PATH)
"""The output folder of a run, a folder of timelines, or a timeline."""

by = click.option(
    "--by", type=PATH, metavar="CSV",
    help="One line per file: a column 'source' or 'file', all others are conditions.",
)  # fmt: skip
