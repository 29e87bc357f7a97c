"""Where commands print their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_OF_FILES: Final = 200
"""Columns where the output is no terminal and so says no width."""


def standard_output() -> Console:
    """A console on the standard output, in full width where that is a file."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH_OF_FILES)
