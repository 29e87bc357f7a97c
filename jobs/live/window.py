"""Live pictures in windows of the desktop, where the installed OpenCV can open any."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from emotion_core.errors import UsageError
from jobs.live.feed import Feed

PICTURE_TIMEOUT_S: Final = 0.1
KEYS_THAT_STOP: Final = frozenset({ord("q"), 27})
"""q and Escape."""


def check_windows() -> None:
    """See that windows can be opened.

    Raises
    ------
    UsageError
        The installed OpenCV has none.
    """
    try:
        cv2.namedWindow("emotion-annotate")
        cv2.destroyAllWindows()
    except cv2.error as error:
        raise UsageError(
            None,
            "--window: the installed OpenCV cannot open a window here. Leave --window out for the "
            "page, or put opencv-python in the place of opencv-python-headless, on a desktop",
        ) from error


def show_windows(feeds: Sequence[Feed], stopping: threading.Event) -> None:
    """Show the newest pictures until a window is closed, q or Escape is pressed, or all end."""
    numbers = [-1] * len(feeds)
    while not stopping.is_set() and any(feed.outcome is None for feed in feeds):
        for position, feed in enumerate(feeds):
            news = feed.picture(numbers[position], PICTURE_TIMEOUT_S)
            if news is None or news.picture is None:
                continue
            if numbers[position] >= 0 and not _is_open(feed.name):
                stopping.set()
            numbers[position] = news.number
            picture = cv2.imdecode(np.frombuffer(news.picture, np.uint8), cv2.IMREAD_COLOR)
            if picture is not None:
                cv2.imshow(feed.name, picture)
        if cv2.waitKey(1) & 0xFF in KEYS_THAT_STOP:
            stopping.set()
    cv2.destroyAllWindows()


def _is_open(name: str) -> bool:
    return cv2.getWindowProperty(name, cv2.WND_PROP_VISIBLE) >= 1
