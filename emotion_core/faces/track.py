"""Tracks: the same face in frame after frame, by overlap of its boxes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.detector import overlap

OVERLAP_MIN: Final = 0.3
PATIENCE_US: Final = 1_000_000


class OverlapTracker:
    """Gives each face of successive frames the number of the track that it continues.

    Pairs of a live track's last box and a new box are joined by falling overlap (intersection over
    union); a face that joins none starts a track.

    Parameters
    ----------
    overlap_min : float
        Smallest overlap that continues a track.
    patience_us : int
        Time in µs after which an unseen track ends.
    """

    def __init__(self, overlap_min: float = OVERLAP_MIN, patience_us: int = PATIENCE_US) -> None:
        self._overlap_min = overlap_min
        self._patience_us = patience_us
        self._live: dict[int, tuple[int, NDArray[np.float32]]] = {}
        self._count = 0

    def update(self, time_us: int, boxes: NDArray[np.float32]) -> NDArray[np.int32]:
        """Track numbers, shape (n,), of the boxes (n, 4) of the frame at `time_us`."""
        self._live = {
            track: seen
            for track, seen in self._live.items()
            if time_us - seen[0] <= self._patience_us
        }
        numbers = np.full(len(boxes), -1, np.int32)
        live = list(self._live)
        if live and len(boxes):
            shared = np.stack([overlap(self._live[track][1], boxes) for track in live])
            for flat in np.argsort(-shared, axis=None, kind="stable"):
                row, column = divmod(int(flat), len(boxes))
                if shared[row, column] < self._overlap_min:
                    break
                if numbers[column] < 0 and live[row] not in numbers:
                    numbers[column] = live[row]
        for position in np.flatnonzero(numbers < 0):
            numbers[position] = self._count
            self._count += 1
        for number, box in zip(numbers, boxes, strict=True):
            self._live[int(number)] = time_us, box
        return numbers
