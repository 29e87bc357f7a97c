"""A process that reads one file after the other, and says how each ended.

Paths come in on standard input, one a line; a line of JSON goes out for each.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import av

from emotion_core.errors import EmotionError, SegmentMismatch
from emotion_core.media.index import index_video
from emotion_core.media.kinds import is_still
from emotion_core.media.still import read_still
from emotion_core.media.video import read_frames, split
from emotion_core.options import SEGMENT_FRAMES

MEMORY_MAX: Final = 6 << 30
"""Bytes of address space: what asks for more fails here instead of filling the machine."""

READ, REFUSED, UNCLEAR = "read", "refused", "unclear"


def read(path: Path) -> None:
    """Index and decode a file as pass 1 does."""
    if is_still(path):
        read_still(path)
        return
    try:
        _decode(path, in_order=False)
    except SegmentMismatch:
        _decode(path, in_order=True)


def _decode(path: Path, *, in_order: bool) -> None:
    index = index_video(path, in_order=in_order)
    for segment in split(index, 0, len(index), SEGMENT_FRAMES):
        for _ in read_frames(segment):
            pass


def annotate(path: Path) -> None:
    """Take a file through the whole pipeline, in this process."""
    from emotion_core.annotator import Annotator

    annotator = _KEPT.setdefault("annotator", Annotator())
    with TemporaryDirectory() as output:
        annotator.annotate(path, output)


_KEPT: dict[str, Any] = {}


def outcome_of(path: Path, work: Callable[[Path], None]) -> tuple[str, str]:
    """How reading a file ended, and what was said.

    A clear refusal is an `EmotionError` with a path and one line of text.
    """
    try:
        work(path)
    except EmotionError as error:
        clear = error.path is not None and len(error.message.splitlines()) == 1
        unexpected = getattr(error, "trace", "")
        if clear and not unexpected:
            return REFUSED, error.message
        return UNCLEAR, unexpected or repr(error)
    except Exception:
        return UNCLEAR, traceback.format_exc()
    return READ, ""


def main() -> None:
    """Read until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    logging.disable(logging.CRITICAL)
    av.logging.set_level(None)
    warnings.simplefilter("error", RuntimeWarning)
    work = annotate if "--whole" in sys.argv else read
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        kind, words = outcome_of(path, work)
        os.write(1, (json.dumps([kind, words]) + "\n").encode())


if __name__ == "__main__":
    main()
