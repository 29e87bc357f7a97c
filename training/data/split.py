"""Which Training rows the network learns from, which are held back, and which are left out.

The rows of the test splits enter here by their pixels alone, so that copies of them can be kept
out of the training rows; their labels and votes are not read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.duplicates import pixel_hashes, resembling
from training.data.targets import has_emotion_vote


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of a data set.

    Parameters
    ----------
    fit : ndarray [shape=(a,), int64]
        Rows that the network learns from.
    held_back : ndarray [shape=(b,), int64]
        Training rows for validation, temperature and abstention threshold.
    dropped : dict of str to int
        How many Training rows were left out, by reason.
    """

    fit: NDArray[np.int64]
    held_back: NDArray[np.int64]
    dropped: dict[str, int]


def in_training(dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the pixels of each of some rows also occur among the Training rows, shape (n,)."""
    hashes = pixel_hashes(dataset.images)
    return np.isin(hashes[rows], hashes[dataset.usage == 0])


def split_training(dataset: Dataset, held_back_share: float = 0.1) -> Split:
    """Divide the Training rows by the hash of their pixels, so that copies stay on one side.

    Left out are rows whose picture also occurs in a test split, pixel for pixel or nearly; where
    there are FER+ votes, rows on which nobody voted for an emotion (black pictures, drawings,
    cut-off heads); and rows that fall to the held-back side but nearly equal one that is fitted.

    Parameters
    ----------
    dataset : Dataset
    held_back_share : float, 0-1
        Expected share of the remaining rows that falls to that side.
    """
    hashes = pixel_hashes(dataset.images)
    training = dataset.usage == 0
    in_test = training & np.isin(hashes, hashes[~training])
    near_test = training & ~in_test
    near_test[near_test] = resembling(dataset.images[near_test], dataset.images[~training])
    if dataset.has_votes:
        no_vote = training & ~in_test & ~near_test & ~has_emotion_vote(dataset.votes)
    else:
        no_vote = np.zeros(len(dataset), bool)
    usable = training & ~in_test & ~near_test & ~no_vote
    held_back = hashes.astype(np.float64) < held_back_share * 2.0**64
    fit, held_back = usable & ~held_back, usable & held_back
    near_fit = held_back.copy()
    near_fit[held_back] = resembling(dataset.images[held_back], dataset.images[fit])
    return Split(
        fit=np.flatnonzero(fit),
        held_back=np.flatnonzero(held_back & ~near_fit),
        dropped={
            "pixels also in a test split": int(in_test.sum()),
            "nearly the same picture in a test split": int(near_test.sum()),
            "no FER+ vote for an emotion": int(no_vote.sum()),
            "held back, but nearly a picture that is fitted": int(near_fit.sum()),
        },
    )


def without_fold(dataset: Dataset, split: Split, folds: int, fold: int) -> Split:
    """Divide the rows that are fitted by the hash of their pixels, and hold one part back instead.

    Rows of that part that nearly equal one of another are left out.

    Parameters
    ----------
    dataset : Dataset
    split : Split
    folds : int
    fold : int
        From 1 to `folds`.
    """
    part = pixel_hashes(dataset.images[split.fit]) % np.uint64(folds) + np.uint64(1)
    fit, left_out = split.fit[part != fold], split.fit[part == fold]
    near = resembling(dataset.images[left_out], dataset.images[fit])
    dropped = {"in the fold, but nearly a picture that is fitted": int(near.sum())}
    return Split(fit, left_out[~near], split.dropped | dropped)
