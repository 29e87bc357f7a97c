"""Inputs as a user writes them: a file, a folder, a glob, or ``@LIST`` naming these."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Final

from emotion_core.errors import UsageError
from emotion_core.live.address import shown_source
from emotion_core.paths import absolute_path

_GLOB_CHARACTERS: Final = frozenset("*?[")


def absolute_input(item: str, folder: Path) -> str:
    """An input as written in `folder`, in a form that holds in any other."""
    mark = "@" if is_list(item, folder) else ""
    return mark + str(absolute_path(item.removeprefix(mark), folder))


def is_list(item: str, folder: Path) -> bool:
    """Whether an input names a list of inputs, and not a file that is called like one."""
    return item.startswith("@") and not os.path.lexists(folder / item)


def expand_input(item: str) -> list[Path]:
    """Absolute paths of one input as the user wrote it.

    Raises
    ------
    UsageError
        It does not exist, a pattern matches nothing, or a list cannot be read.
    """
    if is_list(item, Path.cwd()):
        return _expand_list(Path(item[1:]))
    path = absolute_path(item)
    if os.path.lexists(path):
        return [path]
    if "://" in item or shown_source(item) != item:
        raise UsageError(None, f"{shown_source(item)}: no such file; pass an address to --webcam")
    if not _GLOB_CHARACTERS.isdisjoint(item):
        matches = sorted(glob.glob(str(path), recursive=True))
        if matches:
            return [Path(match) for match in matches]
        raise UsageError(path, "matches no file: check the pattern")
    raise UsageError(path, "does not exist: check --input")


def _expand_list(path: Path) -> list[Path]:
    found: list[Path] = []
    for line in _read_list(path):
        if is_list(line, Path.cwd()):
            raise UsageError(path.absolute(), f"names another list ({line}): put its lines here")
        try:
            found += expand_input(line)
        except UsageError as error:
            raise UsageError(error.path, f"{error.message} (listed in {path})") from error
    return found


def _read_list(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise UsageError(
            path.absolute(), f"the list of inputs cannot be read ({reason})"
        ) from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
