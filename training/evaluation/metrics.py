"""Figures of a classifier on labelled rows, with what their size says about their certainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

ECE_BINS: Final = 15


@dataclass(frozen=True, eq=False)
class Scores:
    """Figures of one comparison.

    Parameters
    ----------
    labels : tuple of str
        Classes, in the order of the arrays.
    rows : int
        Rows compared.
    accuracy : float, 0-1
    interval : tuple of float, 0-1
        95 % Wilson interval of the accuracy.
    balanced_accuracy, macro_f1 : float, 0-1
        Mean of the recall, and of the F1, over the classes that occur among the true labels.
    ece : float, 0-1
        Expected calibration error.
    aurc : float, 0-1
        Area under the risk-coverage curve.
    precision, recall, f1 : tuple of float, 0-1
        Of each class; 0 where the class was never predicted or never occurs.
    confusion : ndarray [shape=(k, k), int64]
        True class by row, predicted class by column.
    """

    labels: tuple[str, ...]
    rows: int
    accuracy: float
    interval: tuple[float, float]
    balanced_accuracy: float
    macro_f1: float
    ece: float
    aurc: float
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    confusion: NDArray[np.int64]

    @property
    def worst_class(self) -> tuple[str, float]:
        """The class with the lowest recall, 0-1, of those that occur; the first of equal ones."""
        support = self.confusion.sum(axis=1)
        found = min((self.recall[i], i) for i in range(len(self.labels)) if support[i])
        return self.labels[found[1]], found[0]

    def to_dict(self, *, brief: bool = False) -> dict[str, Any]:
        """Return the figures as JSON values, rounded to six digits; `brief` without classes."""
        overall = {
            "rows": self.rows,
            "accuracy": round(self.accuracy, 6),
            "accuracy_interval_95": [round(bound, 6) for bound in self.interval],
            "balanced_accuracy": round(self.balanced_accuracy, 6),
            "macro_f1": round(self.macro_f1, 6),
            "ece_15_bins": round(self.ece, 6),
            "aurc": round(self.aurc, 6),
        }
        if brief:
            return overall
        support = self.confusion.sum(axis=1)
        per_class = {
            name: {
                "rows": int(support[i]),
                "precision": round(self.precision[i], 6),
                "recall": round(self.recall[i], 6),
                "f1": round(self.f1[i], 6),
            }
            for i, name in enumerate(self.labels)
        }
        return {
            **overall,
            "per_class": per_class,
            "confusion": {"labels": list(self.labels), "counts": self.confusion.tolist()},
        }


def score(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32], labels: Sequence[str]
) -> Scores:
    """Compare predicted probabilities with true classes.

    Parameters
    ----------
    truth : ndarray [shape=(n,), int64, 0 to k-1]
    probabilities : ndarray [shape=(n, k), float32, 0-1]
    labels : sequence of str
        The k classes.

    Raises
    ------
    ValueError
        If there are no rows.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    if not len(truth):
        raise ValueError("no rows to compare")
    predicted = probabilities.argmax(axis=1)
    classes = np.arange(len(labels))
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=classes, zero_division=0
    )
    correct = predicted == truth
    confidence = probabilities.max(axis=1)
    return Scores(
        labels=tuple(labels),
        rows=len(truth),
        accuracy=float(correct.mean()),
        interval=wilson_interval(int(correct.sum()), len(truth)),
        balanced_accuracy=float(recall[support > 0].mean()),
        macro_f1=float(f1[support > 0].mean()),
        ece=expected_calibration_error(confidence, correct),
        aurc=risk_coverage_area(confidence, correct),
        precision=tuple(map(float, precision)),
        recall=tuple(map(float, recall)),
        f1=tuple(map(float, f1)),
        confusion=confusion_matrix(truth, predicted, labels=classes).astype(np.int64),
    )


def wilson_interval(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share that was observed `successes` times in `trials` (Wilson 1927)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / trials
    centre = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    low = 0.0 if successes == 0 else (centre - half) / scale
    return low, 1.0 if successes == trials else (centre + half) / scale


def expected_calibration_error(
    confidence: NDArray[np.floating[Any]], correct: NDArray[np.bool_], bins: int = ECE_BINS
) -> float:
    """Mean distance of confidence and accuracy over equal-width bins (Guo et al. 2017).

    Parameters
    ----------
    confidence : ndarray [shape=(n,), 0-1]
        Probability of the predicted class.
    correct : ndarray [shape=(n,), bool]
    bins : int
        Of equal width over 0-1, each closed at its upper end.
    """
    which = np.clip(np.ceil(confidence.astype(np.float64) * bins).astype(np.int64) - 1, 0, None)
    gap = np.bincount(which, weights=correct.astype(np.float64) - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(confidence))


def risk_coverage_area(confidence: NDArray[np.floating[Any]], correct: NDArray[np.bool_]) -> float:
    """Area under the risk-coverage curve (AURC; Geifman, Uziel and El-Yaniv 2019).

    It is the mean, over k = 1 … n, of the error among the k most confident rows: what somebody
    meets who leaves out the less confident ones, over all ways to choose how many. Rows of equal
    confidence count with their mean error, so that their order does not matter.

    Parameters
    ----------
    confidence : ndarray [shape=(n,), 0-1]
        Probability of the predicted class.
    correct : ndarray [shape=(n,), bool]
    """
    _, tied, count = np.unique(-confidence, return_inverse=True, return_counts=True)
    wrong = np.bincount(tied, weights=~correct) / count
    errors = np.cumsum(np.repeat(wrong, count))
    return float((errors / np.arange(1, len(correct) + 1)).mean())
