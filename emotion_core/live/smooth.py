"""Smoothing over the past of each track: what is ahead is not known yet."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import REACH_US, smooth_track
from emotion_core.faces.faces import Faces
from emotion_core.timeline.build import QUALITY_FLOOR


class _Past(NamedTuple):
    time_us: int
    logits: NDArray[np.float32]
    weight: np.float32


class CausalSmoother:
    """Averages logits over the past of their track, with the weights that files use.

    A file's rows are averaged over past and future alike; here the half that is past is left, so
    an onset is seen one or two tenths of a second late.
    """

    def __init__(self) -> None:
        self._tracks: dict[int, deque[_Past]] = {}

    def update(self, time_us: int, faces: Faces, track: NDArray[np.int32]) -> NDArray[np.float32]:
        """Smoothed logits of the faces of the next frame, shape (n, 7)."""
        self._forget(time_us)
        smoothed = np.empty_like(faces.logits)
        weights = np.maximum(faces.quality, np.float32(QUALITY_FLOOR))
        for row, number in enumerate(track.tolist()):
            past = self._tracks.setdefault(number, deque())
            past.append(_Past(time_us, faces.logits[row], weights[row]))
            times = np.array([seen.time_us for seen in past], np.int64)
            logits = np.stack([seen.logits for seen in past])
            smoothed[row] = smooth_track(logits, times, np.array([s.weight for s in past]))[-1]
        return smoothed

    def _forget(self, time_us: int) -> None:
        for number, past in list(self._tracks.items()):
            while past and time_us - past[0].time_us > REACH_US:
                past.popleft()
            if not past:
                del self._tracks[number]
