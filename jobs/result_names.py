"""Names of results on file systems that cannot hold the sources' own, such as exFAT, NTFS and SMB.

They refuse some characters, and take names for one that differ in case alone. So that two files
have two results there, as anywhere else, names are changed, always in the same way.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

_REFUSED: Final = re.compile(r'[\x00-\x1f"*:<>?\\|]|[. ]+$')
"""What Windows' file systems refuse in a name: these characters, and dots and blanks at its end."""

_HASH_DIGITS: Final = 12


@dataclass(frozen=True)
class NameRules:
    """What a file system makes of names.

    Attributes
    ----------
    refuses : bool
        Names with a colon, a question mark and the like cannot be written.
    ignores_case : bool
        Names that differ in case alone are one file.
    """

    refuses: bool = False
    ignores_case: bool = False

    def fitting(self, name: str) -> str:
        """A name of a file or folder as it can be written; it stays where that is its own."""
        if not self.refuses or not _REFUSED.search(name):
            return name
        return _marked(_REFUSED.sub("_", name), name)


def rules_of(output: Path) -> NameRules:
    """What the file system of an output makes of names, by trying in the nearest folder there is.

    Where nothing can be written, names are left alone: the run will say so.
    """
    place = next(folder for folder in (output, *output.parents) if folder.is_dir())
    name = f".{uuid4().hex}"
    plain = place / f"{name}.part"
    try:
        plain.touch()
    except OSError:
        return NameRules()
    try:
        return NameRules(_is_refused(place / f"{name}:.part"), (place / f"{name}.PART").exists())
    finally:
        plain.unlink()


def place_names(sources: Collection[str], output: Path) -> dict[str, str]:
    """What results of sources are placed by, of those whose own name the output cannot hold.

    The output is looked at only where some name might not fit.

    Parameters
    ----------
    sources : collection of str
        Names in results: folders and file, with slashes.
    output : Path

    Returns
    -------
    dict of str to str
        By the name of a source, or of a folder above one.
    """
    below: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        parts = source.split("/")
        for depth, part in enumerate(parts):
            below["/".join(parts[:depth])].add(part)
    if not any(_may_not_fit(names) for names in below.values()):
        return {}
    rules = rules_of(output)
    placed: dict[str, str] = {}
    for folder in sorted(below, key=lambda name: (name.count("/"), name)):
        for part, name in _told_apart(below[folder], rules).items():
            source = f"{folder}/{part}" if folder else part
            above = placed.get(folder, folder)
            placed[source] = f"{above}/{name}" if above else name
    return {source: name for source, name in placed.items() if source != name}


def _told_apart(names: Iterable[str], rules: NameRules) -> dict[str, str]:
    """The names of one folder as they can be written beside each other."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names):
        fitting = rules.fitting(name)
        if rules.ignores_case and _folded(fitting) in taken:
            fitting = _marked(fitting, name)
        taken.add(_folded(fitting))
        found[name] = fitting
    return found


def _may_not_fit(names: Collection[str]) -> bool:
    folded = {_folded(name) for name in names}
    return len(folded) < len(names) or any(map(_REFUSED.search, names))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _marked(name: str, own: str) -> str:
    """A name that a hash of the source's own tells from all others."""
    stem, suffix = os.path.splitext(name)
    digits = hashlib.sha256(os.fsencode(own)).hexdigest()[:_HASH_DIGITS]
    return f"{stem}~{digits}{suffix}"


def _is_refused(path: Path) -> bool:
    try:
        path.touch()
    except OSError:
        return True
    path.unlink()
    return False
