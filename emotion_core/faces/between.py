"""Faces on the frames between two searches: interpolated where both searches agree.

A search costs more than decoding, and faces move little in a tenth of a second. So some frames are
searched in any case. Where two successive ones show the same faces, the boxes of the frames between
are interpolated; where they do not, the frame in the middle is searched, and so on in each half. A
face that comes or goes is thus known to the frame. Nothing is interpolated over a cut: the frames
on both sides are searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.detector import Detections, overlap
from emotion_core.faces.find import Picture

SAME_MIN: Final = 0.3
"""Overlap of the boxes of a face in two searches that agree."""

APART_MIN: Final = 1.5
"""Distance of two faces, in their size: nearer ones may change places between two searches."""


@dataclass(frozen=True, repr=False)
class Sample:
    """A frame to analyse.

    Attributes
    ----------
    number : int
        Of the frame.
    pts : int
    picture : Picture
    searched : bool
        Whatever its neighbours show.
    changed : bool
        The picture does not resemble that of the sample before.
    """

    number: int
    pts: int
    picture: Picture
    searched: bool
    changed: bool = False

    def __repr__(self) -> str:
        return f"Sample({self.number}, searched={self.searched})"


def search_sparsely(
    samples: Iterable[Sample], find: Callable[[Picture], Detections]
) -> Iterator[tuple[Sample, Detections]]:
    """The faces of each sample.

    The result for a sample depends on no others than those from the last searched one before it to
    the first one after it; these and no more are held.

    Parameters
    ----------
    samples : iterable of Sample
        By rising time; the first and the last are searched in any case.
    find : callable
        Searches a picture.
    """
    held: list[Sample] = []
    found: list[Detections] = []
    for sample in samples:
        held.append(sample)
        if not held[0].searched:
            raise ValueError(f"{sample} comes before any that is searched")
        if not sample.searched:
            continue
        last = find(sample.picture)
        if len(held) == 1:
            found = [last]
            continue
        found = _fill(held, found[0], last, find)
        yield from zip(held[:-1], found[:-1], strict=True)
        held, found = held[-1:], found[-1:]
    if len(held) > 1:
        raise ValueError(f"{held[-1]} comes after all that are searched")
    yield from zip(held, found, strict=True)


def _fill(
    samples: list[Sample],
    first: Detections,
    last: Detections,
    find: Callable[[Picture], Detections],
) -> list[Detections]:
    """The faces of all samples, of which the first and the last have been searched."""
    if len(samples) == 2:
        return [first, last]
    for position in range(1, len(samples)):
        if samples[position].changed:
            return _fill_shots(samples, first, last, find, position)
    partners = pair(first, last)
    if partners is not None:
        moved = last.take(partners)
        begin, end = samples[0].pts, samples[-1].pts
        shares = [(sample.pts - begin) / (end - begin) for sample in samples[1:-1]]
        return [first, *(interpolate(first, moved, share) for share in shares), last]
    middle = len(samples) // 2
    halfway = find(samples[middle].picture)
    before = _fill(samples[: middle + 1], first, halfway, find)
    return before[:-1] + _fill(samples[middle:], halfway, last, find)


def _fill_shots(
    samples: list[Sample],
    first: Detections,
    last: Detections,
    find: Callable[[Picture], Detections],
    cut: int,
) -> list[Detections]:
    """As `_fill`, where the picture at position `cut` does not resemble the one before."""
    before, after = samples[:cut], samples[cut:]
    found = [first]
    if len(before) > 1:
        found = _fill(before, first, find(before[-1].picture), find)
    if len(after) > 1:
        return found + _fill(after, find(after[0].picture), last, find)
    return [*found, last]


def pair(first: Detections, last: Detections) -> NDArray[np.intp] | None:
    """Which face of `last` each face of `first` has become; None where that cannot be said of all.

    Pairs are joined by falling overlap (intersection over union), which is `SAME_MIN` or more. Of
    faces that are near each other it cannot be said.
    """
    count = len(first)
    if count != len(last):
        return None
    if count > 1 and (_any_near(first.boxes) or _any_near(last.boxes)):
        return None
    partners = np.full(count, -1, np.intp)
    if not count:
        return partners
    shared = np.stack([overlap(box, last.boxes) for box in first.boxes])
    for _ in range(count):
        row, column = np.unravel_index(int(shared.argmax()), shared.shape)
        if shared[row, column] < SAME_MIN:
            return None
        partners[row] = column
        shared[row], shared[:, column] = -1, -1
    return partners


def _any_near(boxes: NDArray[np.float32]) -> bool:
    """Whether two faces are nearer to each other than `APART_MIN`."""
    centres, sizes = boxes[:, :2] + boxes[:, 2:] / 2, np.sqrt(boxes[:, 2:].prod(axis=1))
    one, other = np.triu_indices(len(boxes), 1)
    away = np.hypot(*(centres[one] - centres[other]).T)
    return bool((away < APART_MIN * (sizes[one] + sizes[other]) / 2).any())


def interpolate(first: Detections, last: Detections, share: float) -> Detections:
    """Faces on the straight way between two places each, a share (0-1) of it behind them."""

    def between(start: NDArray[np.float32], end: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(start * (1 - share) + end * share, np.float32)

    return Detections(
        between(first.boxes, last.boxes),
        between(first.scores, last.scores),
        between(first.landmarks, last.landmarks),
    )
