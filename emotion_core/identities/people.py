"""Which tracks and faces are the same person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.identities.looks import Looks

LIKENESS_MIN: Final = 0.55
"""Mean cosine between the faces of two groups from which they are one person."""

_ROWS_AT_ONCE: Final = 1_024
_NEVER: Final = -np.inf


def number_people(looks: Mapping[str, Looks]) -> dict[str, dict[int, int]]:
    """Numbers of people, from 0 in the order of the files' names and of the numbers in them.

    Groups are joined by average linkage as long as their mean likeness reaches `LIKENESS_MIN`.
    Tracks of a file that are seen at the same time, and faces of one still, are different people.

    Parameters
    ----------
    looks : mapping of str to Looks
        By source. Time and memory grow with the square of how many faces look alike.

    Returns
    -------
    people : dict of dict of int to int
        By source, then by `Looks.number`.
    """
    sources = sorted(source for source in looks if len(looks[source]))
    if not sources:
        return {}
    file = np.repeat(np.arange(len(sources)), [len(looks[source]) for source in sources])
    first, last, number, units = (
        np.concatenate([getattr(looks[source], name) for source in sources])
        for name in ("first", "last", "number", "embedding")
    )
    group = np.arange(len(file))
    for rows in _alike(units):
        likeness = np.asarray(units[rows] @ units[rows].T, np.float64)
        together = (
            (file[rows][:, None] == file[rows])
            & (first[rows][:, None] <= last[rows])
            & (first[rows] <= last[rows][:, None])
        )
        likeness[together] = _NEVER
        group[rows] = rows[_average_linkage(likeness)]
    people = np.unique(group, return_inverse=True)[1]
    found: dict[str, dict[int, int]] = {source: {} for source in sources}
    for position, person in enumerate(people):
        found[sources[file[position]]][int(number[position])] = int(person)
    return found


def _alike(units: NDArray[np.float32]) -> Iterator[NDArray[np.intp]]:
    """Sets of rows, each connected by pairs that are alike; no group reaches beyond one."""
    unseen = np.ones(len(units), np.bool_)
    while unseen.any():
        start = np.flatnonzero(unseen)[:1]
        unseen[start] = False
        rows, frontier = [start], start
        while len(frontier):
            now, frontier = frontier[:_ROWS_AT_ONCE], frontier[_ROWS_AT_ONCE:]
            near = (units @ units[now].T >= LIKENESS_MIN).any(axis=1) & unseen
            unseen[near] = False
            rows.append(np.flatnonzero(near))
            frontier = np.concatenate([frontier, rows[-1]])
        yield np.sort(np.concatenate(rows))


def _average_linkage(likeness: NDArray[np.float64]) -> NDArray[np.intp]:
    """The first row of each row's group; `likeness` is used up.

    Groups with a pair that can never be one person have a mean of minus infinity.
    """
    count = len(likeness)
    group, size = np.arange(count), np.ones(count)
    np.fill_diagonal(likeness, _NEVER)
    best = likeness.max(axis=1, initial=_NEVER)
    while count > 1:
        one = int(best.argmax())
        if best[one] < LIKENESS_MIN:
            break
        one, other = sorted((one, int(likeness[one].argmax())))
        mean = (size[one] * likeness[one] + size[other] * likeness[other]) / (
            size[one] + size[other]
        )
        mean[[one, other]] = _NEVER
        stale = (likeness[one] == best) | (likeness[other] == best)
        likeness[one] = likeness[:, one] = mean
        likeness[other] = likeness[:, other] = _NEVER
        size[one] += size[other]
        group[group == other] = one
        stale[[one, other]] = True
        best[stale] = likeness[stale].max(axis=1)
        best = np.maximum(best, mean)
    return group
