"""Kinds of option values."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, Final

import click


class Output(click.Path):
    """A file or folder to write, which is refused before any work where it cannot be."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        above = (path if path.is_dir() else None, *path.absolute().parents)
        place = next(each for each in above if each is not None and each.exists())
        if not place.is_dir():
            self.fail(f"{path} cannot be made: {place} is no folder", param, ctx)
        if not os.access(place, os.W_OK):
            self.fail(f"{path} cannot be written: check the permission of {place}", param, ctx)
        return path


FILE: Final = click.Path(dir_okay=False, path_type=Path)
FOLDER: Final = click.Path(file_okay=False, path_type=Path)
OUTPUT_FILE: Final = Output(dir_okay=False, path_type=Path)
OUTPUT_FOLDER: Final = Output(file_okay=False, path_type=Path)
PATH: Final = click.Path(path_type=Path)
"""A file or a folder."""
SEED: Final = click.IntRange(0, 2**32 - 1)


class Finite(click.FloatRange):
    """A range of numbers that leaves out infinity and NaN, which click takes for any number."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


class Widths(click.ParamType[tuple[int, ...]]):
    """Numbers of channels or filters, like ``24,48,96,192``."""

    name = "numbers"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        try:
            widths = value if isinstance(value, tuple) else tuple(map(int, value.split(",")))
        except ValueError:
            widths = (value,)
        if any(type(width) is not int for width in widths):
            self.fail(f"{value!r} is no list like 24,48,96,192", param, ctx)
        if not 1 <= len(widths) <= 5 or min(widths) < 1:
            self.fail("one to five positive numbers, separated by commas", param, ctx)
        return widths
