"""Pictures that occur more than once, pixel for pixel or nearly.

Labels are not looked at, so rows of every split may be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.split import pixel_hashes

NEAR_CORRELATION: Final = 0.92
"""Chosen by eye on samples of FER2013: pairs above showed one photograph, cropped or printed on
differently; a little below, some showed different people in like pose and light."""

EVEN_DEVIATION: Final = 1.0
"""Grey levels; a picture that deviates less from its mean shows nothing, and resembles none."""

_LOW_FREQUENCIES: Final = 12
_CHUNK: Final = 512


@dataclass(frozen=True, eq=False)
class Duplicates:
    """Which rows show the same picture.

    Parameters
    ----------
    even : ndarray [shape=(n,), bool]
        Pictures of one grey level, such as all black; they are in no group with others.
    exact : ndarray [shape=(n,), int64]
        Group of each row: two rows have the same number where they are equal in every pixel.
    near : ndarray [shape=(n,), int64]
        The same, with pairs above a correlation and chains of such pairs as one group.
    """

    even: NDArray[np.bool_]
    exact: NDArray[np.int64]
    near: NDArray[np.int64]


def find_duplicates(images: NDArray[np.uint8], correlation: float = NEAR_CORRELATION) -> Duplicates:
    """Group pictures that are the same, and pictures that are nearly the same.

    Parameters
    ----------
    images : ndarray [shape=(n, side, side), uint8, 0-255]
    correlation : float, 0-1
        Smallest correlation over the pixels of two pictures that counts as near.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    even = images.reshape(len(images), -1).std(axis=1) < EVEN_DEVIATION
    exact = np.unique(pixel_hashes(images), return_inverse=True)[1].astype(np.int64)
    exact[even] = exact.max() + 1 + np.arange(even.sum())
    varied = np.flatnonzero(~even)
    # One row stands for all its copies.
    rows = varied[np.unique(exact[varied], return_index=True)[1]]
    one, other = exact[rows[near_pairs(images[rows], correlation)]].T
    size = int(exact.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(one), bool), (one, other)), shape=(size, size))
    group_of_exact = connected_components(graph, directed=False)[1]
    return Duplicates(even, exact, group_of_exact[exact].astype(np.int64))


def near_pairs(images: NDArray[np.uint8], correlation: float) -> NDArray[np.int64]:
    """All pairs of pictures whose pixels correlate at least so much.

    A correlation is the inner product of two standardised pictures. An orthonormal cosine
    transform keeps it, and by Cauchy and Schwarz the high frequencies add at most the product of
    their lengths. So the low frequencies and that length are enough to rule out all but few
    pairs, and none is missed.

    Parameters
    ----------
    images : ndarray [shape=(n, side, side), uint8, 0-255]
        None of them even.
    correlation : float, 0-1

    Returns
    -------
    ndarray [shape=(m, 2), int64]
        Positions in `images`, the smaller first.
    """
    from scipy.fft import dctn

    if not len(images):
        return np.empty((0, 2), np.int64)
    pictures = images.astype(np.float32)
    pictures -= pictures.mean(axis=(1, 2), keepdims=True)
    pictures /= np.linalg.norm(pictures, axis=(1, 2), keepdims=True)
    waves = dctn(pictures, axes=(1, 2), norm="ortho")
    low = waves[:, :_LOW_FREQUENCIES, :_LOW_FREQUENCIES].reshape(len(images), -1)
    high = np.sqrt(np.maximum(0, 1 - (low**2).sum(axis=1, keepdims=True)))
    bounds = np.concatenate([low, high], axis=1)
    flat = pictures.reshape(len(images), -1)
    found = [np.empty((0, 2), np.int64)]
    for start in range(0, len(bounds), _CHUNK):
        most = bounds[start : start + _CHUNK] @ bounds[start:].T
        # Rounding must not rule out a pair that lies on the threshold.
        pairs = np.argwhere(most >= correlation - 1e-4) + start
        pairs = pairs[pairs[:, 0] < pairs[:, 1]]
        for block in np.array_split(pairs, len(pairs) // _CHUNK + 1):
            real = np.einsum("ij,ij->i", flat[block[:, 0]], flat[block[:, 1]])
            found.append(block[real >= correlation])
    return np.concatenate(found)


def count_within(group: NDArray[np.int64], rows: NDArray[np.bool_]) -> dict[str, int]:
    """Groups with more than one of some rows: their number, and the number of those rows."""
    sizes = np.bincount(group[rows])
    several = sizes > 1
    return {"groups": int(several.sum()), "rows": int(sizes[several].sum())}


def count_shared(
    group: NDArray[np.int64], rows: NDArray[np.bool_], others: NDArray[np.bool_]
) -> int:
    """Count `rows` whose picture is also among `others`."""
    return int((rows & np.isin(group, group[others])).sum())


def conflicting_groups(
    group: NDArray[np.int64], labels: NDArray[np.integer]
) -> list[NDArray[np.int64]]:
    """Find the groups that bear more than one label.

    Parameters
    ----------
    group, labels : ndarray [shape=(n,), int]
        Of each row.

    Returns
    -------
    list of ndarray of int64
        Positions of the rows of each such group.
    """
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order])) + 1
    parts = np.split(order, starts)
    return [part for part in parts if len(np.unique(labels[part])) > 1]
