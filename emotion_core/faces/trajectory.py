"""Where a face was, how fast it moved, and what it looked like: what a track knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

VELOCITY_US: Final = 450_000
"""Velocities are averaged over this time: the last boxes of a face that is being covered lag."""

COASTING_US: Final = 4_000_000
GROWING_US: Final = 100_000
"""Time constants with which an unseen face is expected to come to rest, and to keep its size: what
hides a face makes its last boxes smaller."""

MEMORY_US: Final = 1_000_000
RECENT_US: Final = 200_000
"""Looks are averaged over these times: of a face that goes behind something the older ones count,
of one that has come out the latest."""

CLEAR_SCORES: Final = (0.75, 0.85)
"""Detection scores from which a face begins to count as seen whole, and fully does."""

CLEAR_MIN: Final = 0.2


@dataclass(frozen=True)
class Views:
    """Faces of one frame, as tracks look at them; n rows.

    Attributes
    ----------
    places : ndarray [shape=(n, 3), float64]
        Centre x and y in px, and the logarithm of the size (the root of the area) in px.
    looks : ndarray [shape=(n, k), float64]
        Descriptors.
    clear : ndarray [shape=(n,), float64, 0-1]
        How far each face can be taken to be seen whole: half hidden ones score less.
    """

    places: NDArray[np.float64]
    looks: NDArray[np.float64]
    clear: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def of(
        cls, boxes: NDArray[np.float32], scores: NDArray[np.float32], looks: NDArray[np.int8]
    ) -> Views:
        """From boxes (n, 4), scores of the detector (n,) and descriptors (n, k)."""
        box = boxes.astype(np.float64)
        area = np.maximum(box[:, 2] * box[:, 3], 1)
        places = np.column_stack([box[:, :2] + box[:, 2:] / 2, np.log(area) / 2])
        low, high = CLEAR_SCORES
        clear = np.clip((scores.astype(np.float64) - low) / (high - low), CLEAR_MIN, 1)
        return cls(places, looks.astype(np.float64), clear)


class Trajectory:
    """A face that is seen again and again.

    Attributes
    ----------
    piece : int
        Its number among all trajectories.
    number : int
        Of the track; -1 until that is known.
    born_us, seen_us : int
        First and last time.
    place : ndarray [shape=(3,)]
        As `Views.places`, at the last time.
    velocity : ndarray [shape=(3,)]
        Of `place`, per µs.
    looks, latest : ndarray [shape=(k,)]
        Mean descriptors over `MEMORY_US` and `RECENT_US`.
    """

    def __init__(self, piece: int, time_us: int, views: Views, row: int) -> None:
        self.piece = piece
        self.number = -1
        self.born_us = self.seen_us = time_us
        self.place = views.places[row]
        self.velocity = np.zeros(3)
        self.looks = self.latest = views.looks[row]
        self._size = float(self.place[2])
        self._clear = float(views.clear[row])
        self._moves = 0

    def see(self, time_us: int, views: Views, row: int) -> None:
        """Go on to where the face is now."""
        unseen, place = time_us - self.seen_us, views.places[row]
        if unseen > 0:
            self._moves += 1
            # The first moves count alike: nothing is known of a rest before them.
            share = max(-np.expm1(-unseen / VELOCITY_US), 1 / self._moves)
            self.velocity = self.velocity + share * ((place - self.place) / unseen - self.velocity)
            self._clear *= float(np.exp(-unseen / MEMORY_US))
            self._size += share * (place[2] - self._size)
            share = -np.expm1(-unseen / RECENT_US)
            self.latest = self.latest + share * (views.looks[row] - self.latest)
        self._clear += float(views.clear[row])
        self.looks = self.looks + views.clear[row] / self._clear * (views.looks[row] - self.looks)
        self.seen_us, self.place = time_us, place

    def expected(self, time_us: int) -> NDArray[np.float64]:
        """Where the face should be, at `time_us` after it was last seen."""
        return np.asarray(self.place + _way(self.velocity, max(time_us - self.seen_us, 0)))

    def lost_at(self) -> NDArray[np.float64]:
        """Where it was last seen, in its usual size."""
        return np.array([*self.place[:2], self._size])

    def begun_at(self) -> NDArray[np.float64]:
        """Where it was first seen, from where it has gone since: then it was half hidden."""
        back = self.velocity[:2] * (self.seen_us - self.born_us)
        return np.array([*(self.place[:2] - back), self.place[2]])

    def moved(self, unseen_us: int) -> NDArray[np.float64]:
        """How far it should go in a time in which it is not seen, its size kept."""
        return _way(self.velocity * (1, 1, 0), unseen_us)


def _way(velocity: NDArray[Any], unseen_us: int) -> NDArray[np.float64]:
    slowing = np.array([COASTING_US, COASTING_US, GROWING_US])
    return np.asarray(velocity * slowing * -np.expm1(-unseen_us / slowing))
