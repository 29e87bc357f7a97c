"""What the user names as input, as paths: files, folders, globs and lists of them."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Final

from emotion_core.errors import UsageError

_GLOB_CHARACTERS: Final = frozenset("*?[")


def expand_input(item: str) -> list[Path]:
    """Absolute paths of one input as the user wrote it.

    Raises
    ------
    UsageError
        It does not exist, a pattern matches nothing, or a list cannot be read.
    """
    if item.startswith("@") and not os.path.lexists(item):
        return _expand_list(Path(item[1:]))
    path = Path(item).expanduser().absolute()
    if ".." in path.parts:
        path = Path(os.path.realpath(path))
    if os.path.lexists(path):
        return [path]
    if not _GLOB_CHARACTERS.isdisjoint(item):
        matches = sorted(glob.glob(str(path), recursive=True))
        if matches:
            return [Path(match) for match in matches]
        raise UsageError(path, "matches no file: check the pattern")
    raise UsageError(path, "does not exist: check --input")


def _expand_list(path: Path) -> list[Path]:
    found: list[Path] = []
    for line in _read_list(path):
        if line.startswith("@") and not os.path.lexists(line):
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
