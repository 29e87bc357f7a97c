"""Faces of each frame as it comes: searched for now and then, moved on in between.

This is the causal form of `emotion_core.faces.between`: the search after a frame is not known yet,
so faces go on as they moved between the last two searches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from emotion_core.faces.between import pair
from emotion_core.faces.detector import Detections
from emotion_core.faces.find import Picture

INTERVAL_SHARE: Final = 0.5
"""Of the interval between two searches of a file: what is ahead is less certain than what lies
between."""

PAUSE_MAX_US: Final = 500_000
"""After a longer pause, faces are where they are, not where they were going."""


@dataclass(frozen=True)
class _Searched:
    time_us: int
    faces: Detections


class CausalSearch:
    """The faces of frames that come one after the other.

    Parameters
    ----------
    find : callable
        Searches a picture.
    interval_us : int
        Time after which a frame is searched in any case; 0: every frame.
    """

    def __init__(self, find: Callable[[Picture], Detections], interval_us: int) -> None:
        self._find = find
        self._interval_us = interval_us
        self._before: _Searched | None = None
        self._last: _Searched | None = None

    def faces(self, time_us: int, picture: Picture, *, changed: bool = False) -> Detections:
        """Faces of the next frame.

        Parameters
        ----------
        time_us : int
            Later than that of the frame before.
        picture : Picture
        changed : bool
            It does not resemble the one before.
        """
        if changed:
            self._before = self._last = None
        moved = self._moved(time_us)
        if moved is not None:
            return moved
        found = self._find(picture)
        self._before, self._last = self._last, _Searched(time_us, found)
        return found

    def _moved(self, time_us: int) -> Detections | None:
        """Faces where they should be by now; None where a search must say."""
        before, last = self._before, self._last
        if last is None or before is None or time_us - last.time_us >= self._interval_us:
            return None
        apart_us = last.time_us - before.time_us
        partners = pair(before.faces, last.faces)
        if partners is None or apart_us > PAUSE_MAX_US:
            return None
        if not len(last.faces):
            return last.faces
        start = np.empty_like(last.faces.boxes)
        start[partners] = before.faces.boxes
        centres = (last.faces.boxes - start)[:, :2] + (last.faces.boxes - start)[:, 2:] / 2
        shift = (centres * ((time_us - last.time_us) / apart_us)).astype(np.float32)
        boxes = last.faces.boxes.copy()
        boxes[:, :2] += shift
        landmarks = last.faces.landmarks + shift[:, None]
        return Detections(boxes, last.faces.scores, landmarks)
