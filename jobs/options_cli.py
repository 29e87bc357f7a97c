"""Command-line options made from the declared ones: names, types, ranges, defaults and help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from emotion_core.errors import UsageError
from emotion_core.options import parse_baseline, parse_time

CHOICES_MAX: Final = 50
"""Letters of choices that stand beside an option's name."""

Command = TypeVar("Command", bound=Callable[..., Any])


class InputType(click.ParamType[str]):
    """A file, folder, glob, or ``@LIST``."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value)


class SourceType(click.ParamType[str]):
    """A live source: a camera, a URL, or a file."""

    name = "source"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value)


class TimeType(click.ParamType[float]):
    """Seconds, or ``[HH:]MM:SS`` with a fraction: a float."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            return parse_time(str(value))
        except ValueError:
            self.fail(f"{value!r} is neither seconds nor [HH:]MM:SS.", param, ctx)


class BaselineType(click.ParamType[str]):
    """``auto``, or two times with a hyphen between them."""

    name = "auto|START-END"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parse_baseline(str(value))
        except UsageError as error:
            self.fail(error.message, param, ctx)
        return str(value)


class FaceCountType(click.ParamType[int]):
    """A number of faces, or ``largest`` for one."""

    name = "N|largest"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == "largest":
            return 1
        if not str(value).isdecimal() or int(value) < 1:
            self.fail(f"{value!r} is neither a number from 1 on nor 'largest'.", param, ctx)
        return int(value)


_MARKED: Final[dict[str, click.ParamType[Any]]] = {
    "time": TimeType(),
    "baseline": BaselineType(),
    "largest": FaceCountType(),
    "folder": click.Path(path_type=Path),
}
"""Types by what the metadata of a field call them."""


def options_of(*classes: type[Any]) -> Callable[[Command], Command]:
    """A decorator that adds an option for each field of some options classes."""

    def decorate(command: Command) -> Command:
        for options in reversed(classes):
            for declared in reversed(fields(options)):
                command = _option(declared)(command)
        return command

    return decorate


def pick(options: type[Any], values: dict[str, Any]) -> Any:
    """An options object from the parsed command line, which may hold more."""
    return options(**{declared.name: values[declared.name] for declared in fields(options)})


def _option(declared: Field[Any]) -> Callable[[Command], Command]:
    name = declared.name.replace("_", "-")
    shown = declared.default is not None and not isinstance(declared.default, bool)
    names, kind = f"--{name}", _type(declared)
    if declared.default is True:
        names = f"--{name}/--no-{name}"
    listed = _listed_choices(declared)
    return click.option(
        names,
        declared.name,
        type=kind,
        is_flag=isinstance(declared.default, bool),
        default=declared.default,
        show_default=shown,
        help=declared.metadata["help"] + listed,
        metavar=declared.name.upper() if listed else None,
    )


def _listed_choices(declared: Field[Any]) -> str:
    """Choices that are too many for a line of help beside the option's name; else nothing."""
    choices = declared.metadata.get("choices", ())
    return f" One of {', '.join(choices)}." if len("|".join(choices)) > CHOICES_MAX else ""


def _type(declared: Field[Any]) -> Any:
    limits, annotation = declared.metadata, str(declared.type)
    if "choices" in limits:
        return click.Choice(limits["choices"])
    for mark, kind in _MARKED.items():
        if limits.get(mark):
            return kind
    if "float" in annotation:
        return click.FloatRange(limits.get("low"), limits.get("high"))
    if "int" in annotation:
        return click.IntRange(limits.get("low"), limits.get("high"))
    return None if "bool" in annotation else click.STRING
