"""Configuration files: options of a command, checked and handed to it as its defaults.

What there is to set, and how a value is read, is taken from the command's own options.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from emotion_core.errors import UsageError
from emotion_core.live.address import absolute_source
from emotion_core.paths import absolute_path
from jobs.inputs import absolute_input
from jobs.options_cli import FaceCountType, InputType, SourceType, TimeType

_Form = tuple[tuple[type, ...], str]
_TEXT: Final[_Form] = ((str,), "text in quotes")
_WRITTEN: Final[dict[type[click.ParamType[Any]], _Form]] = {
    click.types.BoolParamType: ((bool,), "true or false"),
    click.types.IntParamType: ((int,), "a whole number"),
    click.types.FloatParamType: ((int, float), "a number"),
    TimeType: ((int, float, str), 'a number of seconds, or text like "1:30"'),
    FaceCountType: ((int, str), 'a whole number, or "largest"'),
    SourceType: ((int, str), "a camera's number, or text in quotes"),
}
"""How the values of each type of option are written in a file; all others are `_TEXT`."""


def use_file(context: click.Context, _: click.Parameter, path: Path | None) -> Path | None:
    """Callback of an eager option: what the file sets holds where the command line is silent."""
    if path is not None:
        try:
            context.default_map = read_options(path, context.command.params)
        except UsageError as error:
            raise click.UsageError(str(error), context) from error
    return path


def read_options(path: Path, parameters: Iterable[click.Parameter]) -> dict[str, Any]:
    """Values by name of the parameter, with paths as seen from the file's folder.

    Parameters
    ----------
    path : Path
        TOML with options at its top level, named as on the command line; or, where the name ends
        in ``.json``, the ``run.json`` of an earlier run.
    parameters : iterable of click.Parameter
        Of the command. Eager options, like ``--help``, cannot be set.

    Raises
    ------
    UsageError
        Names the file, and the option where one is unknown, repeated or out of its range.
    """
    options = {
        _name(option): option
        for option in parameters
        if isinstance(option, click.Option) and not option.is_eager
    }
    values: dict[str, Any] = {}
    for written, value in _parse(path).items():
        option = options.get(written.replace("_", "-"))
        if option is None:
            raise UsageError(path, f"there is no option {written!r}{_advice(written, options)}")
        assert option.name is not None
        if option.name in values:
            raise UsageError(path, f"{written} is set twice, with - and with _: keep one")
        try:
            values[option.name] = _value(option, value, path.absolute().parent)
        except click.BadParameter as error:
            shown = json.dumps(value, ensure_ascii=False, default=str)
            raise UsageError(path, f"{written} = {shown}: {error.message}") from error
    return values


def _parse(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(path, f"cannot be read ({error.strerror}): check --config") from error
    except UnicodeDecodeError as error:
        raise UsageError(path, "is not UTF-8 text: check --config") from error
    if path.suffix.lower() != ".json":
        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise UsageError(path, f"is not valid TOML: {error}") from error
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(path, f"is not valid JSON: {error}") from error
    config = record.get("config") if isinstance(record, dict) else None
    if not isinstance(config, dict):
        raise UsageError(path, "is no run.json, which has its options under 'config': use TOML")
    return config


def _value(option: click.Option, value: Any, folder: Path) -> Any:
    if not option.multiple:
        return _single(option, value, folder)
    items = value if isinstance(value, list) else [value]
    return tuple(_single(option, item, folder) for item in items)


def _single(option: click.Option, value: Any, folder: Path) -> Any:
    types, words = next(
        (form for kind, form in _WRITTEN.items() if isinstance(option.type, kind)), _TEXT
    )
    # A truth value is a whole number in Python.
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise click.BadParameter(f"write it as {words}")
    converted = option.type.convert(value, option, None)
    if isinstance(option.type, InputType):
        return absolute_input(converted, folder)
    if isinstance(option.type, SourceType):
        return absolute_source(converted, folder)
    return absolute_path(converted, folder) if isinstance(option.type, click.Path) else converted


def _name(option: click.Option) -> str:
    return next(name for name in option.opts if name.startswith("--")).removeprefix("--")


def _advice(written: str, options: Iterable[str]) -> str:
    names = list(options)
    close = difflib.get_close_matches(written.replace("_", "-"), names, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(sorted(names))}"
