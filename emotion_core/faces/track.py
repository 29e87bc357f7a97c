"""Tracks: the same face in frame after frame, by where it should be and what it looks like.

A track expects its face where it was last seen, moved on by its velocity. How far a face may be
from there grows with the time for which it has not been seen. Appearance decides between faces
that are near each other, and the more the longer nothing was seen: a face that turns or laughs at
the expected place is the same, one that comes up half a second later should look alike.

All distances are in sizes of the face, so that nothing depends on the size of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.appearance import likeness
from emotion_core.faces.assign import assign

PATIENCE_US: Final = 1_250_000
"""A track ends when its face has not been seen for longer: a second, and the moments before and
after it in which a face that is half hidden is not found."""


@dataclass(frozen=True)
class Motion:
    """How faces move and change; all times in µs, all lengths in face sizes.

    Attributes
    ----------
    velocity_us : int
        Time over which velocities are averaged.
    coasting_us, growing_us : int
        Time constants with which an unseen face is expected to come to rest, and to keep its size:
        what hides a face makes its last boxes smaller.
    drift, drift_per_s : float
        Standard deviation of the distance from the expected place: at once, and more for each
        second unseen.
    growth, growth_per_s : float
        The same of the logarithm of the size.
    """

    velocity_us: int = 450_000
    coasting_us: int = 4_000_000
    growing_us: int = 100_000
    drift: float = 0.25
    drift_per_s: float = 0.4
    growth: float = 0.15
    growth_per_s: float = 0.5


@dataclass(frozen=True)
class Looks:
    """How much appearance counts.

    Attributes
    ----------
    memory_us : int
        Time over which a track's appearance is averaged.
    neutral : float
        Correlation that speaks neither for nor against.
    weight, weight_unseen : float
        Of a correlation more or less than that: while a face is seen, and once it has not been
        seen for `unseen_us`.
    unseen_us : int
    """

    memory_us: int = 1_000_000
    neutral: float = 0.6
    weight: float = 2.0
    weight_unseen: float = 5.0
    unseen_us: int = 400_000


GAIN: Final = 6.0
"""What joining a face to a track at the expected place is worth, in squared deviations / 2."""


CLEAR_SCORES: Final = (0.75, 0.85)
CLEAR_FLOOR: Final = 0.2


@dataclass
class _Track:
    """A live track.

    Attributes
    ----------
    number : int
    seen_us : int
    place : ndarray [shape=(3,)]
        Centre x and y in px, and the logarithm of the size in px.
    velocity : ndarray [shape=(3,)]
        Of `place`, per µs.
    appearance : ndarray [shape=(k,)]
    moves : int
        That the velocity is averaged over.
    """

    number: int
    seen_us: int
    place: NDArray[np.float64]
    velocity: NDArray[np.float64]
    appearance: NDArray[np.float64]
    moves: int = 0

    def expected(self, time_us: int, motion: Motion) -> NDArray[np.float64]:
        """Where the face should be."""
        unseen = max(time_us - self.seen_us, 0)
        slowing = np.array([motion.coasting_us, motion.coasting_us, motion.growing_us])
        return np.asarray(self.place + self.velocity * slowing * -np.expm1(-unseen / slowing))

    def see(
        self,
        time_us: int,
        place: NDArray[np.float64],
        appearance: NDArray[np.float64],
        clear: float,
        motion: Motion,
        looks: Looks,
    ) -> None:
        """Go on to where the face is now."""
        unseen = time_us - self.seen_us
        if unseen > 0:
            self.moves += 1
            # The first moves count alike: a new track does not begin at rest.
            share = max(-np.expm1(-unseen / motion.velocity_us), 1 / self.moves)
            self.velocity += share * ((place - self.place) / unseen - self.velocity)
            share = clear * -np.expm1(-unseen / looks.memory_us)
            self.appearance += share * (appearance - self.appearance)
        self.seen_us, self.place = time_us, place


class FaceTracker:
    """Gives each face of successive frames the number of the track that it continues.

    Faces and live tracks are joined one to one so that the sum of their gains is largest; a face
    that joins none starts a track.

    Parameters
    ----------
    motion : Motion
    looks : Looks
    patience_us : int
        Time in µs after which an unseen track ends.
    """

    def __init__(
        self,
        motion: Motion = Motion(),
        looks: Looks = Looks(),
        patience_us: int = PATIENCE_US,
    ) -> None:
        self._motion = motion
        self._looks = looks
        self._patience_us = patience_us
        self._live: list[_Track] = []
        self._count = 0

    def end_all(self) -> None:
        """End all tracks, as at a camera cut."""
        self._live = []

    def update(
        self,
        time_us: int,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        appearance: NDArray[np.int8],
    ) -> NDArray[np.int32]:
        """The track of each face of the next frame.

        Parameters
        ----------
        time_us : int
        boxes : ndarray [shape=(n, 4), float32, px]
            x, y, width, height.
        scores : ndarray [shape=(n,), float32, 0-1]
            Of the detector.
        appearance : ndarray [shape=(n, k), int8]
            As `emotion_core.faces.appearance` describes them.

        Returns
        -------
        tracks : ndarray [shape=(n,), int32]
        """
        self._live = [t for t in self._live if time_us - t.seen_us <= self._patience_us]
        places, described = _places(boxes), appearance.astype(np.float64)
        clear = _clearness(scores)
        numbers = np.full(len(boxes), -1, np.int32)
        for row, column in self._pairs(time_us, places, described, clear):
            share = float(np.maximum(clear[column], CLEAR_FLOOR))
            track = self._live[row]
            track.see(time_us, places[column], described[column], share, self._motion, self._looks)
            numbers[column] = track.number
        for column in np.flatnonzero(numbers < 0).tolist():
            numbers[column] = self._count
            still = np.zeros(3)
            new = _Track(self._count, time_us, places[column], still, described[column].copy())
            self._live.append(new)
            self._count += 1
        return numbers

    def _pairs(
        self,
        time_us: int,
        places: NDArray[np.float64],
        described: NDArray[np.float64],
        clear: NDArray[np.float64],
    ) -> list[tuple[int, int]]:
        if not self._live or not len(places):
            return []
        motion, looks = self._motion, self._looks
        expected = np.stack([track.expected(time_us, motion) for track in self._live])
        unseen_us = np.array([[max(time_us - track.seen_us, 0)] for track in self._live])
        away = places[None] - expected[:, None]
        size = np.exp((places[None, :, 2] + expected[:, None, 2]) / 2)
        drift = motion.drift + motion.drift_per_s * unseen_us / 1e6
        growth = motion.growth + motion.growth_per_s * unseen_us / 1e6
        far = np.hypot(away[..., 0], away[..., 1]) / size / drift
        other_size = away[..., 2] / growth
        known = np.stack([track.appearance for track in self._live])
        alike = likeness(known, described) - looks.neutral
        gone = np.minimum(unseen_us / looks.unseen_us, 1)
        weight = looks.weight + (looks.weight_unseen - looks.weight) * gone * clear
        # Logarithms of normal densities: the wider, the lower.
        vague = 2 * np.log(drift / motion.drift) + np.log(growth / motion.growth)
        return assign(GAIN - (far**2 + other_size**2) / 2 - vague + weight * alike)


def _clearness(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far each face can be taken to be seen whole, 0-1: half hidden ones score less."""
    low, high = CLEAR_SCORES
    return np.clip((scores.astype(np.float64) - low) / (high - low), 0, 1)


def _places(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Centre x and y, and the logarithm of the size (the root of the area), shape (n, 3)."""
    box = boxes.astype(np.float64)
    area = np.maximum(box[:, 2] * box[:, 3], 1)
    return np.column_stack([box[:, :2] + box[:, 2:] / 2, np.log(area) / 2])
