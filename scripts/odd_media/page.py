"""The tables of docs/media.md: limits, and every case of the corpus with what becomes of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from emotion_core.faces.detector import CANDIDATES_MAX
from emotion_core.media import limits
from scripts.odd_media.case import Expected, Fails, Still, Video
from scripts.odd_media.corpus import CORPUS

_NAME_SHOWN = 32


def tables() -> Iterator[str]:
    """Lines of Markdown."""
    yield from (
        "## Limits",
        "",
        "Far above what cameras make. What is beyond ends as a failure that says so.",
        "",
        "| what | at most |",
        "|---|---|",
        f"| pixels of a picture | {limits.STILL_PIXELS_MAX:,} |",
        f"| pixels of a frame of video | {limits.VIDEO_PIXELS_MAX:,} |",
        f"| frames of a video | {limits.FRAMES_MAX:,} |",
        f"| from the first frame to the last | {limits.SPAN_MAX.days} days |",
        f"| streams of a file | {limits.STREAMS_MAX} |",
        f"| places in a picture that score as faces, several to a face | {CANDIDATES_MAX:,} |",
        "",
        "## What becomes of odd files",
        "",
        "`python -m scripts.make_odd_media --output FOLDER` writes these; a test runs `annotate` "
        "over all of them and holds it to the last column.",
        "",
    )
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
    marks += [f"clock jumps {_times(video.jumps)}, time goes on"] if video.jumps else []
    return ", ".join([frames, *marks])


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


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
