"""Inputs as a user writes them: a file, a folder, a glob, or ``@LIST`` naming these."""

from __future__ import annotations

import glob
import os
import unicodedata
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
    if (other := _written_otherwise(path)) is not None:
        return [other]
    raise UsageError(path, "does not exist: check --input")


def _written_otherwise(path: Path) -> Path | None:
    """The file whose name differs only in how accents are written, as on a Mac; None: no such.

    Raises
    ------
    UsageError
        There are several.
    """
    found = Path(path.anchor)
    for part in path.parts[1:]:
        if not os.path.lexists(found / part):
            wanted = unicodedata.normalize("NFC", part)
            try:
                names = [n for n in os.listdir(found) if unicodedata.normalize("NFC", n) == wanted]
            except OSError:
                return None
            if len(names) > 1:
                shown = ", ".join(map(ascii, names))
                raise UsageError(path, f"may be any of {shown}, which look alike: rename one")
            if not names:
                return None
            found /= names[0]
        else:
            found /= part
    return found


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
