"""FER labels and FER+ votes as targets of the two heads."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS
from training.data.dataset import VOTE_COLUMNS, Dataset

FERPLUS: Final = VOTE_COLUMNS[:8]
"""Labels of the FER+ head, in the order of FER+'s columns."""

_FERPLUS_NAMES: Final = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}

TO_EMOTIONS: Final = tuple(FERPLUS.index(_FERPLUS_NAMES[name]) for name in EMOTIONS)
"""Position in `FERPLUS` of each of the seven emotions; ``x[:, TO_EMOTIONS]`` drops contempt."""

CONTEMPT: Final = FERPLUS.index("contempt")


def has_emotion_vote(votes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether anybody voted for one of the eight emotions, shape (n,)."""
    return np.asarray(votes[:, : len(FERPLUS)].any(axis=1))


def vote_distribution(votes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Share of each of the eight emotions among the votes for an emotion.

    Returns
    -------
    ndarray [shape=(n, 8), float32, 0-1]
        Rows sum to 1; rows without a vote for an emotion are uniform.
    """
    counts = without_slips(votes[:, : len(FERPLUS)]).astype(np.float32)
    totals = counts.sum(axis=1, keepdims=True)
    uniform = np.float32(1 / len(FERPLUS))
    return np.where(totals > 0, counts / np.maximum(totals, 1), uniform).astype(np.float32)


def without_slips(votes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The votes less single ones, which count as slips (Barsoum et al. 2016), unless all are."""
    shared = votes.max(axis=1, keepdims=True) > 1
    return np.where(shared & (votes == 1), 0, votes).astype(np.uint8)


def is_usable(votes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether some emotion has more votes than "not a face", single votes left out.

    Votes for "unknown" do not count: those voters saw a face and chose none of the eight. Shape
    (n,).
    """
    counts = without_slips(votes)
    return np.asarray(counts[:, : len(FERPLUS)].max(axis=1) > counts[:, VOTE_COLUMNS.index("NF")])


def majority(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Index into `FERPLUS` of the emotion with most votes; the first in order where tied."""
    return np.asarray(votes[:, : len(FERPLUS)].argmax(axis=1), dtype=np.int64)


def same_labels(emotion: NDArray[np.uint8], voted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether FER label and FER+ majority, an index into `FERPLUS`, name the same emotion."""
    return np.asarray(np.asarray(TO_EMOTIONS)[emotion] == voted)


def ferplus_targets(
    dataset: Dataset, *, majority_only: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Target distribution and weight of each row for the FER+ head.

    With `majority_only` the emotion with most votes stands for all.

    A data set without votes lends the FER label as a distribution of one emotion, so that the
    whole path from data to bundle also works without the FER+ file.

    Returns
    -------
    distribution : ndarray [shape=(n, 8), float32, 0-1]
    weight : ndarray [shape=(n,), float32, 0 or 1]
    """
    if dataset.has_votes:
        distribution = vote_distribution(dataset.votes)
        if majority_only:
            distribution = np.eye(len(FERPLUS), dtype=np.float32)[majority(dataset.votes)]
        return distribution, is_usable(dataset.votes).astype(np.float32)
    columns = np.asarray(TO_EMOTIONS)[dataset.emotion]
    one_hot = np.eye(len(FERPLUS), dtype=np.float32)[columns]
    return one_hot, np.ones(len(dataset), np.float32)


def class_weights(emotion: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Weight of each of some rows: inverse to how often its FER label occurs, with a mean of 1."""
    counts = np.bincount(emotion, minlength=len(EMOTIONS))
    weights = 1 / counts[emotion]
    return np.asarray(weights / weights.mean(), np.float32)


def oversampled(rows: NDArray[np.int64], emotion: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Row numbers with those of rarer FER labels repeated until all labels are as frequent.

    Parameters
    ----------
    rows : ndarray [shape=(n,), int64]
    emotion : ndarray [shape=(n,), uint8]
        Their FER labels.
    """
    largest = np.bincount(emotion).max()
    groups = (rows[emotion == label] for label in np.unique(emotion))
    return np.concatenate([np.resize(group, largest) for group in groups])
