"""What the outputs of a bundle are compared with: FER labels and FER+ majorities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import Calibration, softmax
from emotion_core.labels import EMOTIONS
from training.data.dataset import Dataset
from training.data.outputs import FER_OUTPUT, FERPLUS_OUTPUT, SHIPPED
from training.data.targets import CONTEMPT, FERPLUS, TO_EMOTIONS, is_usable, majority
from training.evaluation.metrics import Scores, score

REPORTED: Final = "shipped output vs FER+ majority"
SHIPPED_ON_FER: Final = "shipped output vs FER labels"


def majority_rows(dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows on which most voters of FER+ named one of the seven emotions.

    Without votes these are all rows.
    """
    if not dataset.has_votes:
        return rows
    votes = dataset.votes[rows]
    return np.asarray(rows[is_usable(votes) & (majority(votes) != CONTEMPT)], np.int64)


def majority_emotion(dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """FER+ majority as an index into ``EMOTIONS``, for rows of `majority_rows`.

    Without votes it is the FER label.
    """
    if not dataset.has_votes:
        return dataset.emotion[rows].astype(np.int64)
    from_ferplus = np.full(len(FERPLUS), -1, np.int64)
    from_ferplus[list(TO_EMOTIONS)] = np.arange(len(EMOTIONS))
    return np.asarray(from_ferplus[majority(dataset.votes[rows])], np.int64)


@dataclass(frozen=True, eq=False)
class Answers:
    """What a bundle says of some rows, beside what is taken for true.

    Parameters
    ----------
    labels : tuple of str
        The k classes.
    truth : ndarray [shape=(n,), int64, 0 to k-1]
    probabilities : ndarray [shape=(n, k), float32, 0-1]
    """

    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    probabilities: NDArray[np.float32]


def line_up(
    outputs: Mapping[str, NDArray[np.float32]],
    dataset: Dataset,
    rows: NDArray[np.int64],
    calibration: Calibration,
    quality: NDArray[np.float32],
) -> dict[str, Answers]:
    """Put every output of a bundle beside every label that it can be held to.

    Parameters
    ----------
    outputs : mapping of str to ndarray [shape=(len(rows), k), float32]
        Logits by output name.
    dataset : Dataset
    rows : ndarray [shape=(n,), int64]
        Rows of `dataset` that the outputs belong to.
    calibration : Calibration
        For the shipped output; the other two are not calibrated.
    quality : ndarray [shape=(n,), float32, 0-1]
        Of the faces.

    Returns
    -------
    dict of str to Answers
        By comparison. Which rows count depends on the labels alone, so the answers of several
        bundles on the same rows are paired. Comparisons with the votes are left out where the data
        set has none, those of a head where the bundle has no such output.
    """
    shipped = calibration.probabilities(outputs[SHIPPED], quality)
    labels = dataset.emotion[rows].astype(np.int64)
    answers = {}
    if FER_OUTPUT in outputs:
        fer = softmax(outputs[FER_OUTPUT], 1.0)
        answers["FER head vs FER labels"] = Answers(EMOTIONS, labels, fer)
    answers[SHIPPED_ON_FER] = Answers(EMOTIONS, labels, shipped)
    if not dataset.has_votes:
        return answers
    seven = np.isin(rows, majority_rows(dataset, rows))
    if seven.any():
        truth = majority_emotion(dataset, rows[seven])
        answers[REPORTED] = Answers(EMOTIONS, truth, shipped[seven])
    eight = is_usable(dataset.votes[rows])
    if eight.any() and FERPLUS_OUTPUT in outputs:
        truth = majority(dataset.votes[rows[eight]])
        ferplus = softmax(outputs[FERPLUS_OUTPUT][eight], 1.0)
        answers["FER+ head vs FER+ majority (8 classes)"] = Answers(FERPLUS, truth, ferplus)
    return answers


def compare(
    outputs: Mapping[str, NDArray[np.float32]],
    dataset: Dataset,
    rows: NDArray[np.int64],
    calibration: Calibration,
    quality: NDArray[np.float32],
) -> dict[str, Scores]:
    """Score every output of a bundle; parameters and comparisons are those of `line_up`."""
    return score_all(line_up(outputs, dataset, rows, calibration, quality))


def score_all(answers: Mapping[str, Answers]) -> dict[str, Scores]:
    """Score the answers of each comparison."""
    return {
        name: score(each.truth, each.probabilities, each.labels) for name, each in answers.items()
    }
