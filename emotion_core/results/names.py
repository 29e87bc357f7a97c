"""Names that users give to files, and the sources that they mean."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Final

from emotion_core.errors import UsageError

_SHOWN_MAX: Final = 5
_ALIKE_MIN: Final = 0.8
"""Ratio of difflib from which a name is taken for a misspelt one."""


class SourceNames:
    """Finds sources by what users call them.

    A source is called by its full name, by the last parts of it, and by these without the ending
    of the file; a full name goes before all others. Names that look alike, as a Mac and other
    systems write accents, are the same where only one source is called so.

    Parameters
    ----------
    sources : iterable of str
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._sources = dict.fromkeys(sources)
        self._called: dict[str, list[str]] = defaultdict(list)
        for source in self._sources:
            for name in _names_of(source):
                self._called[name].append(source)
        self._alike_called: dict[str, list[str]] = defaultdict(list)
        for source in self._sources:
            for name in {composed(name) for name in _names_of(source)}:
                self._alike_called[name].append(source)

    def find(self, name: str) -> str:
        """The one source that is called so.

        Raises
        ------
        UsageError
            None is, or several are.
        """
        if name in self._sources:
            return name
        found = self._called.get(name) or self._alike_called.get(composed(name), [])
        if not found:
            raise UsageError(
                None,
                f"{name!r} has no timeline: not annotated, failed, or misspelt{self._alike(name)}",
            )
        if len(found) > 1:
            raise UsageError(
                None,
                f"{name!r} fits {listed(told_apart(found))}: write more of the path, or all of "
                "'source'",
            )
        return found[0]

    def _alike(self, name: str) -> str:
        """A question after a name that is called nearly so."""
        folded = {called.casefold(): called for called in self._called}
        near = get_close_matches(name.casefold(), folded, n=1, cutoff=_ALIKE_MIN)
        return f" (is {folded[near[0]]!r} meant?)" if near else ""


def find_sources(names: Iterable[str], sources: Iterable[str]) -> set[str]:
    """Sources that some names mean.

    Raises
    ------
    UsageError
        A name fits none of the sources, or several.
    """
    known = SourceNames(sources)
    return {known.find(name) for name in names}


def listed(names: Collection[str]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(list(names)[:_SHOWN_MAX])
    return shown if len(names) <= _SHOWN_MAX else f"{shown} and {len(names) - _SHOWN_MAX} more"


def composed(name: str) -> str:
    """A name with each accent and its letter as one character, as most systems write them (NFC)."""
    return unicodedata.normalize("NFC", name)


def told_apart(names: Collection[str]) -> list[str]:
    """Names to be read; those that look alike have what is not ASCII written as Python does."""
    alike = len({composed(name) for name in names}) < len(names)
    return [ascii(name) if alike else name for name in names]


def _names_of(source: str) -> set[str]:
    path = PurePosixPath(source)
    endings = ["/".join(path.parts[start:]) for start in range(len(path.parts))]
    return {*endings, *(name.removesuffix(path.suffix) for name in endings)}
