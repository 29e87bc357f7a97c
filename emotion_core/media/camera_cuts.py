"""Camera cuts: frames from which on the pictures show something else.

Pictures are compared as thumbnails of their luma. Two of them resemble each other if most of it is
unchanged (something moves, or comes into view), if they correlate (the light has changed), or if
the middle of one is found elsewhere in the other (the camera has turned). A cut lies between two
pictures that do not, unless one a little earlier resembles one a little later: then it was a
flash.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH: Final = 32
HEIGHT: Final = 18
ROWS_READ: Final = 180
"""About so many rows of a picture are averaged: more change nothing, and cost time."""

FLASH_US: Final = 160_000
"""Pictures so far before and after a change are compared, at least the two beside it."""

FLASH_FRAMES: Final = 8
"""But no more on either side."""

UNCHANGED_STEP: Final = 8
UNCHANGED_MIN: Final = 0.5
CORRELATION_MIN: Final = 0.65
MOVED_MIN: Final = 0.87
CONTRAST_MIN: Final = 4.0
"""Standard deviation in levels of luma below which a picture has no structure to be compared."""

Thumbnail = NDArray[np.uint8]


@dataclass(frozen=True)
class _Seen:
    time_us: int
    picture: Thumbnail


@dataclass(frozen=True)
class _Change:
    number: int
    time_us: int
    before: tuple[Thumbnail, ...]


class CutFinder:
    """Looks at pictures in their order, and finds those that a cut comes before."""

    def __init__(self) -> None:
        self._recent: deque[_Seen] = deque(maxlen=FLASH_FRAMES)
        self._open: list[tuple[_Change, int]] = []
        self._cuts: list[int] = []

    def see(self, number: int, time_us: int, luma: NDArray[np.uint8]) -> bool:
        """Look at the next picture.

        Parameters
        ----------
        number : int
            Of the frame.
        time_us : int
            Where it is not later than the last, pictures before are only compared with this one.
        luma : ndarray [shape=(height, width), uint8]
            All pictures in the same range.

        Returns
        -------
        changed : bool
            It does not resemble the one before: there is a cut, or a flash.
        """
        picture = thumbnail(luma)
        last = self._recent[-1] if self._recent else None
        changed = last is not None and not resemble(last.picture, picture)
        if last is not None and time_us <= last.time_us:
            self._close_all()
            self._recent = deque([last], FLASH_FRAMES)
        if changed:
            self._open.append((self._change(number, time_us), FLASH_FRAMES))
        self._compare(time_us, picture)
        if last is not None and time_us <= last.time_us:
            self._recent.clear()
        self._recent.append(_Seen(time_us, picture))
        return changed

    def finish(self) -> list[int]:
        """The numbers of the frames that a cut comes before, once all have been seen."""
        self._close_all()
        return self._cuts

    def _change(self, number: int, time_us: int) -> _Change:
        *others, last = self._recent
        near = [seen.picture for seen in others if time_us - seen.time_us <= FLASH_US]
        return _Change(number, time_us, (*near, last.picture))

    def _compare(self, time_us: int, picture: Thumbnail) -> None:
        """Drop the changes that were flashes, and keep as cuts those that nothing can alter."""
        still_open = []
        for change, left in self._open:
            if left == 0 or time_us - change.time_us > FLASH_US:
                self._cuts.append(change.number)
            elif not any(resemble(before, picture) for before in change.before):
                still_open.append((change, left - 1))
        self._open = still_open

    def _close_all(self) -> None:
        self._cuts += [change.number for change, _ in self._open]
        self._open = []


def thumbnail(luma: NDArray[np.uint8]) -> Thumbnail:
    """A tiny copy, shape (HEIGHT, WIDTH)."""
    step = max(1, luma.shape[0] // ROWS_READ)
    read = np.ascontiguousarray(luma[::step, ::step])
    small = cv2.resize(read, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


def resemble(first: Thumbnail, second: Thumbnail) -> bool:
    """Whether two thumbnails show the same."""
    steps = cv2.absdiff(first, second)
    if np.count_nonzero(steps <= UNCHANGED_STEP) >= UNCHANGED_MIN * steps.size:
        return True
    if min(first.std(), second.std()) < CONTRAST_MIN:
        return False
    if _best_match(second, first) >= CORRELATION_MIN:
        return True
    return max(_moved(first, second), _moved(second, first)) >= MOVED_MIN


def _moved(first: Thumbnail, second: Thumbnail) -> float:
    """Correlation of the middle of one picture with the place in the other where it fits best."""
    middle = first[HEIGHT // 4 : -HEIGHT // 4, WIDTH // 4 : -WIDTH // 4]
    return _best_match(second, middle) if middle.std() >= CONTRAST_MIN else 0.0


def _best_match(picture: Thumbnail, part: Thumbnail) -> float:
    return float(cv2.matchTemplate(picture, part, cv2.TM_CCOEFF_NORMED).max())
