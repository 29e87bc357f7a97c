"""Kinds of option values."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

FILE: Final = click.Path(dir_okay=False, path_type=Path)
FOLDER: Final = click.Path(file_okay=False, path_type=Path)
PATH: Final = click.Path(path_type=Path)
"""A file or a folder."""


class Widths(click.ParamType[tuple[int, ...]]):
    """Numbers of channels or filters, like ``24,48,96,192``."""

    name = "numbers"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            widths = tuple(int(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is no list like 24,48,96,192", param, ctx)
        if min(widths) < 1 or len(widths) > 5:
            self.fail("one to five positive numbers, separated by commas", param, ctx)
        return widths
