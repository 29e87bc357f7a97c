"""Temperature and abstention threshold, from rows that the network did not learn from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import softmax


@dataclass(frozen=True)
class Abstention:
    """Where the classifier says that it does not know.

    Parameters
    ----------
    threshold : float, 0-1
        Confidence below which a prediction counts as uncertain.
    target_error : float, 0-1
        Largest error wanted among the predictions that are kept.
    kept_share : float, 0-1
        Share of the rows kept at the threshold.
    kept_error : float, 0-1
        Error among them.
    """

    threshold: float
    target_error: float
    kept_share: float
    kept_error: float


def fit_temperature(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Divisor of the logits with the smallest negative log-likelihood (Guo et al. 2017).

    Parameters
    ----------
    logits : ndarray [shape=(n, k), float32]
    truth : ndarray [shape=(n,), int64, 0 to k-1]

    Returns
    -------
    float
        Between 0.05 and 20.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    wide = logits.astype(np.float64)
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        scaled = wide / math.exp(log_temperature)
        return float((logsumexp(scaled, axis=1) - scaled[rows, truth]).mean())

    found = minimize_scalar(loss, bounds=(math.log(0.05), math.log(20)), method="bounded")
    return math.exp(float(found.x))


def fit_abstention(
    logits: NDArray[np.float32],
    truth: NDArray[np.int64],
    temperature: float,
    target_error: float = 0.1,
) -> Abstention:
    """Smallest confidence threshold at which the kept predictions err at most so often.

    Where no threshold reaches the target, the threshold is 1 and nothing is kept.

    Parameters
    ----------
    logits : ndarray [shape=(n, k), float32]
    truth : ndarray [shape=(n,), int64, 0 to k-1]
    temperature : float
    target_error : float, 0-1
    """
    probabilities = softmax(logits, temperature)
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    wrong = (probabilities.argmax(axis=1) != truth)[order]
    ranked = confidence[order]
    # Rows of equal confidence are kept or refused together.
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)
    errors = np.cumsum(wrong) / np.arange(1, len(wrong) + 1)
    reached = np.flatnonzero(last_of_equals & (errors <= target_error))
    if not len(reached):
        return Abstention(1.0, target_error, 0.0, 0.0)
    last = int(reached[-1])
    everything = last == len(ranked) - 1
    return Abstention(
        threshold=0.0 if everything else float(ranked[last]),
        target_error=target_error,
        kept_share=(last + 1) / len(ranked),
        kept_error=float(errors[last]),
    )
