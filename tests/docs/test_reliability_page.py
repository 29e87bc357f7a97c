"""The tests that the page on reliability names are there."""

from __future__ import annotations

import re

from tests.docs.fences import REPOSITORY

PAGE = REPOSITORY / "docs" / "reliability.md"


def test_named_tests_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))
    sources = [path.read_text(encoding="utf-8") for path in (REPOSITORY / "tests").rglob("*.py")]
    defined = {name for text in sources for name in re.findall(r"def (test_\w+)", text)}
    assert len(named) > 15
    assert named <= defined
