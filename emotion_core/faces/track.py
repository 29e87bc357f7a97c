"""Tracks: the same face in frame after frame, by where it should be and what it looks like.

Faces of successive frames are joined to pieces of tracks at once. Where a face was out of sight,
pieces are joined to tracks a little later: a face that comes out from behind something is seen in
part at first, and what it looks like and where it goes is known only then. Appearance decides
little while a face is seen, so that one who turns or laughs stays the same, and much after a gap.

All distances are in sizes of the face, so that nothing depends on the size of the picture.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.appearance import likeness
from emotion_core.faces.assign import assign
from emotion_core.faces.trajectory import Trajectory, Views

PATIENCE_US: Final = 1_250_000
"""A track ends when its face has not been seen for longer: a second, and the moments before and
after it in which a face that is half hidden is not found."""

BRIDGED_US: Final = 200_000
"""A face that comes back no later is joined at once."""

LOOK_US: Final = 600_000
"""So long a face is looked at before it is joined to a track that was lost."""

DRIFT: Final = 0.25
DRIFT_PER_S: Final = 0.4
"""Standard deviation of the distance from the expected place, in face sizes: at once, and more for
each second unseen."""

GROWTH: Final = 0.15
GROWTH_PER_S: Final = 0.5
"""The same of the logarithm of the size."""

GAIN: Final = 6.0
"""What it is worth to join a face to a track at the expected place."""

LIKENESS: Final = 0.6
LIKENESS_LOST: Final = 0.7
"""Correlations of looks that speak neither for nor against: of a face that is seen, and after it
was out of sight."""

LOOKS_SEEN: Final = 2.0
LOOKS_LOST: Final = 10.0
"""Weights of correlations above or below these."""


class FaceTracker:
    """Joins the faces of successive frames to tracks.

    `update` gives each face a piece; `numbers` tells the track of each piece once `look_us` have
    passed since it began, or `end_all` was called.

    Parameters
    ----------
    look_us : int
        0 numbers each piece at once, from what its first frame shows.
    """

    def __init__(self, look_us: int = LOOK_US) -> None:
        self._look_us = look_us
        self._seen: list[Trajectory] = []
        self._lost: list[Trajectory] = []
        self._numbers: list[int] = []
        self._count = 0

    def numbers(self, pieces: NDArray[np.int32]) -> NDArray[np.int32]:
        """The tracks of pieces, from 0; -1 where that is not known yet."""
        return np.array([self._numbers[piece] for piece in pieces.tolist()], np.int32)

    def update(
        self,
        time_us: int,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        appearance: NDArray[np.int8],
    ) -> NDArray[np.int32]:
        """The piece of each face of the next frame.

        Parameters
        ----------
        time_us : int
            Not before the last, unless `end_all` was called.
        boxes : ndarray [shape=(n, 4), float32, px]
            x, y, width, height.
        scores : ndarray [shape=(n,), float32, 0-1]
            Of the detector.
        appearance : ndarray [shape=(n, k), int8]
            As `emotion_core.faces.appearance` describes them.

        Returns
        -------
        pieces : ndarray [shape=(n,), int32]
        """
        self._lose(time_us)
        views = Views.of(boxes, scores, appearance)
        pieces = np.full(len(boxes), -1, np.int32)
        for row, column in self._continued(time_us, views):
            self._seen[row].see(time_us, views, column)
            pieces[column] = self._seen[row].piece
        for column in np.flatnonzero(pieces < 0).tolist():
            pieces[column] = len(self._numbers)
            self._seen.append(Trajectory(len(self._numbers), time_us, views, column))
            self._numbers.append(-1)
        if self._look_us == 0:
            for piece in self._seen:
                self._decide(piece)
        return pieces

    def end_all(self) -> None:
        """End all tracks, as at a camera cut and after the last frame."""
        for piece in self._seen:
            self._decide(piece)
        self._seen, self._lost = [], []

    def _lose(self, time_us: int) -> None:
        """Number what has been looked at for long enough or is gone, and set aside the latter."""
        gone = [piece for piece in self._seen if time_us - piece.seen_us > BRIDGED_US]
        for piece in self._seen:
            if piece in gone or time_us - piece.born_us > self._look_us:
                self._decide(piece)
        self._lost += gone
        self._seen = [piece for piece in self._seen if piece not in gone]
        # One that is being looked at may go on from where a track was lost before it began.
        kept_us = PATIENCE_US + self._look_us
        self._lost = [piece for piece in self._lost if time_us - piece.seen_us <= kept_us]

    def _continued(self, time_us: int, views: Views) -> list[tuple[int, int]]:
        """Positions of pieces and of the faces that continue them."""
        if not self._seen or not len(views):
            return []
        expected = np.stack([piece.expected(time_us) for piece in self._seen])
        unseen_us = np.array([[time_us - piece.seen_us] for piece in self._seen])
        misfit = _misfit(expected[:, None], views.places[None], unseen_us)
        alike = likeness(np.stack([piece.looks for piece in self._seen]), views.looks)
        return assign(GAIN - misfit - _vagueness(unseen_us) + LOOKS_SEEN * (alike - LIKENESS))

    def _decide(self, piece: Trajectory) -> None:
        """Number a piece: as the lost one that it goes on from, or anew."""
        if piece.number >= 0:
            return
        # All that are not decided compete, so that each lost one goes to whom it fits best.
        waiting = [other for other in self._seen if other.number < 0]
        gains = np.array([[_gain(lost, new) for new in waiting] for lost in self._lost])
        position = waiting.index(piece)
        for row, column in assign(gains) if self._lost else ():
            if column == position:
                piece.number = self._lost.pop(row).number
                break
        else:
            piece.number = self._count
            self._count += 1
        self._numbers[piece.piece] = piece.number


def _gain(lost: Trajectory, new: Trajectory) -> float:
    """What it is worth to take two pieces for one face that was out of sight between them."""
    unseen_us = np.array(new.born_us - lost.seen_us)
    if not 0 < unseen_us <= PATIENCE_US:
        return 0.0
    start, end = lost.lost_at(), new.begun_at()
    misfit = _misfit(start + lost.moved(int(unseen_us)), end, unseen_us)
    misfit += _misfit(end - new.moved(int(unseen_us)), start, unseen_us)
    alike = likeness(lost.looks[None], new.latest[None])[0, 0]
    worth = GAIN - misfit / 2 - _vagueness(unseen_us) + LOOKS_LOST * (alike - LIKENESS_LOST)
    return float(worth)


def _misfit(
    expected: NDArray[np.float64], found: NDArray[np.float64], unseen_us: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Half the squared deviations of places (…, 3) from where they should be."""
    away = found - expected
    size = np.exp((found[..., 2] + expected[..., 2]) / 2)
    far = np.hypot(away[..., 0], away[..., 1]) / size
    drift, growth = _spread(unseen_us)
    return np.asarray(((far / drift) ** 2 + (away[..., 2] / growth) ** 2) / 2)


def _vagueness(unseen_us: NDArray[np.int64]) -> NDArray[np.float64]:
    """How much wider than at once faces may spread: logarithms of normal densities."""
    drift, growth = _spread(unseen_us)
    return np.asarray(2 * np.log(drift / DRIFT) + np.log(growth / GROWTH))


def _spread(unseen_us: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    unseen = np.asarray(unseen_us, np.float64) / 1e6
    return DRIFT + DRIFT_PER_S * unseen, GROWTH + GROWTH_PER_S * unseen
