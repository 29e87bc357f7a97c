"""How well tracks keep to known identities.

IDF1 after Ristani, Solera, Zou, Cucchiara and Tomasi (2016): true trajectories and tracks are
joined one to one so that most boxes agree, and the F1 score of these boxes is taken. Switches,
fragmentations, missed and false boxes after Bernardin and Stiefelhagen (2008), frame by frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.known_faces.scene import SEEN_MIN, Truth

SAME_MIN: Final = 0.5
"""Intersection over union from which a box stands for a true one."""


@dataclass(frozen=True)
class Found:
    """Faces of a timeline, n rows.

    Attributes
    ----------
    frame : ndarray [shape=(n,), int64]
    boxes : ndarray [shape=(n, 4), float64, px]
    track : ndarray [shape=(n,), int64]
    """

    frame: NDArray[np.int64]
    boxes: NDArray[np.float64]
    track: NDArray[np.int64]


@dataclass(frozen=True)
class Scores:
    """Of one clip or of many.

    Attributes
    ----------
    faces, boxes : int
        True faces that must be found, and boxes that stand for one or are false.
    agreeing : int
        Boxes whose track is the one joined to the true trajectory.
    switches : int
        Times at which a person is seen under another number than before.
    fragmentations : int
        Times at which a person who could be seen was lost and found again.
    missed, false : int
    """

    faces: int = 0
    boxes: int = 0
    agreeing: int = 0
    switches: int = 0
    fragmentations: int = 0
    missed: int = 0
    false: int = 0

    @property
    def idf1(self) -> float:
        """0-1; 1 where there is nothing to find and nothing was found."""
        total = self.faces + self.boxes
        return 2 * self.agreeing / total if total else 1.0

    def __add__(self, other: Scores) -> Scores:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Scores(*(a + b for a, b in pairs))

    def as_dict(self) -> Mapping[str, float | int]:
        """For JSON."""
        return {"idf1": round(self.idf1, 4)} | {
            name: value for name, value in vars(self).items() if name != "agreeing"
        }


def score(truth: Truth, found: Found) -> Scores:
    """Compare a clip's timeline with what is true.

    Faces of which less than `SEEN_MIN` is seen need not be found; boxes on them do not count.
    """
    shared: dict[tuple[int, int], int] = {}
    last: dict[int, int] = {}
    was_missed: dict[int, bool] = {}
    faces = boxes = switches = fragmentations = missed = false = 0
    for frame in np.union1d(truth.frame, found.frame):
        true, mine = np.flatnonzero(truth.frame == frame), np.flatnonzero(found.frame == frame)
        overlaps = _overlaps(truth.boxes[true], found.boxes[mine])
        wanted = truth.seen[true] >= SEEN_MIN
        identities, tracks = truth.identity[true], found.track[mine]
        pairs = _match(overlaps, wanted, identities, tracks, last)
        counted = np.ones(len(mine), np.bool_)
        if len(true) and len(mine):
            counted = ~(overlaps[~wanted] >= SAME_MIN).any(axis=0)
        counted[list(pairs.values())] = True
        faces, boxes = faces + int(wanted.sum()), boxes + int(counted.sum())
        false += int(counted.sum()) - len(pairs)
        for row in np.flatnonzero(wanted):
            identity = int(identities[row])
            for column in np.flatnonzero(counted & (overlaps[row] >= SAME_MIN)):
                key = identity, int(tracks[column])
                shared[key] = shared.get(key, 0) + 1
            if row not in pairs:
                missed += 1
                was_missed[identity] = identity in last
                continue
            track = int(tracks[pairs[row]])
            switches += last.get(identity, track) != track
            fragmentations += was_missed.pop(identity, False)
            last[identity] = track
    return Scores(faces, boxes, _agreeing(shared), switches, fragmentations, missed, false)


def _overlaps(true: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of all pairs, shape (len(true), len(found))."""
    a, b = true[:, None], found[None]
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    common = np.clip(high - low, 0, None).prod(axis=-1)
    union = a[..., 2:].prod(axis=-1) + b[..., 2:].prod(axis=-1) - common
    return np.asarray(common / union)


def _match(
    overlaps: NDArray[np.float64],
    wanted: NDArray[np.bool_],
    identities: NDArray[np.int64],
    tracks: NDArray[np.int64],
    last: Mapping[int, int],
) -> dict[int, int]:
    """Rows of true faces to columns of boxes: pairs that held before are kept where they can be."""
    if not overlaps.size:
        return {}
    held = np.array([[last.get(int(i)) == int(t) for t in tracks] for i in identities])
    worth = np.where((overlaps >= SAME_MIN) & wanted[:, None], 1 + overlaps + 100 * held, 0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: column for row, column in pairs if worth[row, column] > 0}


def _agreeing(shared: Mapping[tuple[int, int], int]) -> int:
    if not shared:
        return 0
    identities = sorted({identity for identity, _ in shared})
    tracks = sorted({track for _, track in shared})
    counts = np.array([[shared.get((i, t), 0) for t in tracks] for i in identities])
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return int(counts[rows, columns].sum())
