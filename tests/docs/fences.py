"""Fenced blocks of code in Markdown pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md")))
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code: its text, and the line of the page on which it begins, from 1."""

    text: str
    line: int


def blocks(page: Path, language: str) -> list[Block]:
    """The blocks of a page in one language, in their order."""
    content = page.read_text(encoding="utf-8")
    return [
        Block(found[2], content.count("\n", 0, found.start(2)) + 1)
        for found in _FENCE.finditer(content)
        if found[1] == language
    ]
