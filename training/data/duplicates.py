"""Pictures that occur more than once, pixel for pixel or nearly.

Labels are not looked at, so rows of every split may be compared.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

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


def pixel_hashes(images: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Hash every picture by its pixels, the same on every machine.

    Parameters
    ----------
    images : ndarray [shape=(n, h, w), uint8]

    Returns
    -------
    ndarray [shape=(n,), uint64]
        Equal for pictures that are equal in every pixel, uniform over the range otherwise.
    """
    digests = (hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in images)
    return np.fromiter((int.from_bytes(d, "big") for d in digests), np.uint64, len(images))


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

    even = is_even(images)
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
    pictures = _Pictures.of(images)
    found = [np.empty((0, 2), np.int64)]
    for start in range(0, len(images), _CHUNK):
        pairs = pictures[start : start + _CHUNK].pairs_with(pictures[start:], correlation)
        found.append(start + pairs[pairs[:, 0] < pairs[:, 1]])
    return np.concatenate(found)


def resembling(
    images: NDArray[np.uint8], others: NDArray[np.uint8], correlation: float = NEAR_CORRELATION
) -> NDArray[np.bool_]:
    """Whether each picture nearly equals one of others, shape (n,).

    Parameters
    ----------
    images, others : ndarray [shape=(…, side, side), uint8, 0-255]
        Even ones resemble none.
    correlation : float, 0-1
    """
    result = np.zeros(len(images), bool)
    varied = np.flatnonzero(~is_even(images))
    pictures = _Pictures.of(images[varied])
    compared = _Pictures.of(others[~is_even(others)])
    for start in range(0, len(varied), _CHUNK):
        pairs = pictures[start : start + _CHUNK].pairs_with(compared, correlation)
        result[varied[start + pairs[:, 0]]] = True
    return result


def is_even(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether each picture shows nothing, being of about one grey level; shape (n,)."""
    return np.asarray(images.std(axis=(1, 2)) < EVEN_DEVIATION)


@dataclass(frozen=True, eq=False)
class _Pictures:
    """Pictures made ready to be correlated.

    A correlation is the inner product of two standardised pictures. An orthonormal cosine
    transform keeps it, and by Cauchy and Schwarz the high frequencies add at most the product of
    their lengths. So the low frequencies and that length are enough to rule out all but few
    pairs, and none is missed.
    """

    flat: NDArray[np.float32]
    """Standardised pixels, shape (n, side * side)."""
    bounds: NDArray[np.float32]
    """Low frequencies and the length of the rest, shape (n, k)."""

    @classmethod
    def of(cls, images: NDArray[np.uint8]) -> _Pictures:
        from scipy.fft import dctn

        pictures = images.astype(np.float32)
        pictures -= pictures.mean(axis=(1, 2), keepdims=True)
        pictures /= np.linalg.norm(pictures, axis=(1, 2), keepdims=True)
        waves = dctn(pictures, axes=(1, 2), norm="ortho") if len(images) else pictures
        side = images.shape[1]
        low = waves[:, :_LOW_FREQUENCIES, :_LOW_FREQUENCIES].reshape(
            len(images), min(side, _LOW_FREQUENCIES) ** 2
        )
        high = np.sqrt(np.maximum(0, 1 - (low**2).sum(axis=1, keepdims=True)))
        return cls(pictures.reshape(len(images), side * side), np.concatenate([low, high], axis=1))

    def __getitem__(self, rows: slice) -> _Pictures:
        return _Pictures(self.flat[rows], self.bounds[rows])

    def pairs_with(self, others: _Pictures, correlation: float) -> NDArray[np.int64]:
        """Positions, shape (m, 2), in these and in others of all pairs that correlate so much."""
        most = self.bounds @ others.bounds.T
        # Rounding must not rule out a pair that lies on the threshold.
        pairs = np.argwhere(most >= correlation - 1e-4)
        real = [np.empty((0, 2), np.int64)]
        for block in np.array_split(pairs, len(pairs) // _CHUNK + 1):
            products = np.einsum("ij,ij->i", self.flat[block[:, 0]], others.flat[block[:, 1]])
            real.append(block[products >= correlation])
        return np.concatenate(real)


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
