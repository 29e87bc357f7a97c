"""Smoothing over the past of each track: what is ahead is not known yet."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.smooth import REACH_US, smooth_track


class _Past(NamedTuple):
    time_us: int
    logits: NDArray[np.float32]
    quality: np.float32


class CausalSmoother:
    """Averages logits over the past of their track, with the weights that files use.

    A file's rows are averaged over past and future alike; here the half that is past is left, so
    an onset is seen one or two tenths of a second late.
    """

    def __init__(self) -> None:
        self._tracks: dict[int, deque[_Past]] = {}

    def update(
        self,
        time_us: int,
        logits: NDArray[np.float32],
        quality: NDArray[np.float32],
        track: NDArray[np.int32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Smoothed logits and quality of the faces of the next frame.

        Parameters
        ----------
        time_us : int
            Later than that of the frame before.
        logits : ndarray [shape=(n, k), float32]
            Calibrated.
        quality : ndarray [shape=(n,), float32, 0-1]
        track : ndarray [shape=(n,), int32]
        """
        self._forget(time_us)
        smoothed, judged = np.empty_like(logits), np.empty_like(quality)
        for row, number in enumerate(track.tolist()):
            past = self._tracks.setdefault(number, deque())
            past.append(_Past(time_us, logits[row], quality[row]))
            means = smooth_track(
                np.stack([seen.logits for seen in past]),
                np.array([seen.time_us for seen in past], np.int64),
                np.array([seen.quality for seen in past], np.float32),
            )
            smoothed[row], judged[row] = means[0][-1], means[1][-1]
        return smoothed, judged

    def _forget(self, time_us: int) -> None:
        for number, past in list(self._tracks.items()):
            while past and time_us - past[0].time_us > REACH_US:
                past.popleft()
            if not past:
                del self._tracks[number]
