"""The tables of docs/media.md: every case of the corpus and what becomes of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from scripts.odd_media.case import Expected, Fails, Still, Video
from scripts.odd_media.corpus import CORPUS

_NAME_SHOWN = 32


def tables() -> Iterator[str]:
    """Lines of Markdown: a heading and a table for each group."""
    for group, cases in CORPUS.items():
        yield from (
            f"### {group}",
            "",
            "| file | what it is | what becomes of it |",
            "|---|---|---|",
        )
        for case in cases:
            cells = _shown(case.name), case.what, result(case.expected)
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
        yield ""


def result(expected: Expected) -> str:
    """What is expected, in words."""
    match expected:
        case Video():
            return _of_video(expected)
        case Still(_, damaged, _):
            return "read as far as it goes: `damaged`" if damaged else "read"
        case Fails(words):
            return f"fails: “… {_example(words)} …”"
        case _:
            return "passed over"


def _of_video(video: Video) -> str:
    whole = len(video.times_us)
    frames = f"the frames that are left of {whole}" if video.missing[1] else f"{whole} frames"
    marks = [
        f"{_range(*bounds)} `{status}`"
        for status, bounds in (("damaged", video.damaged), ("undecodable", video.undecodable))
        if bounds[1]
    ]
    return ", ".join([frames, *marks])


def _range(low: int, high: int) -> str:
    if low == high:
        return str(low)
    return f"at least {low}" if low else "perhaps some"


def _example(pattern: str) -> str:
    """The first words that a pattern takes."""
    return pattern.split("|", maxsplit=1)[0]


def _shown(name: str) -> str:
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    if len(text) > _NAME_SHOWN:
        text = f"{text[: _NAME_SHOWN - 12]}…{text[-8:]}"
    fence = "``" if "`" in text else "`"
    return re.sub(r"^|$", fence, text)
