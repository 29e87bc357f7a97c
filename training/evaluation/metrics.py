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
    macro_f1 : float, 0-1
        Mean over the classes that occur among the true labels.
    ece : float, 0-1
        Expected calibration error.
    precision, recall, f1 : tuple of float, 0-1
        Of each class; 0 where the class was never predicted or never occurs.
    confusion : ndarray [shape=(k, k), int64]
        True class by row, predicted class by column.
    """

    labels: tuple[str, ...]
    rows: int
    accuracy: float
    interval: tuple[float, float]
    macro_f1: float
    ece: float
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    confusion: NDArray[np.int64]

    def to_dict(self, *, brief: bool = False) -> dict[str, Any]:
        """Return the figures as JSON values, rounded to six digits; `brief` without classes."""
        overall = {
            "rows": self.rows,
            "accuracy": round(self.accuracy, 6),
            "accuracy_interval_95": [round(bound, 6) for bound in self.interval],
            "macro_f1": round(self.macro_f1, 6),
            "ece_15_bins": round(self.ece, 6),
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
    return Scores(
        labels=tuple(labels),
        rows=len(truth),
        accuracy=float(correct.mean()),
        interval=wilson_interval(int(correct.sum()), len(truth)),
        macro_f1=float(f1[support > 0].mean()),
        ece=expected_calibration_error(probabilities.max(axis=1), correct),
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
