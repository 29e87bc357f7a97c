"""Temperature and abstention threshold, and how they depend on quality, from rows held back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import Calibration

LOWERED: Final = 0.9
"""Faces of a lower quality decide how the threshold depends on it."""

EXPONENT_MAX: Final = 3.0
EXPONENT_STEP: Final = 0.01


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

    wide = logits.astype(np.float64)

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(wide / math.exp(log_temperature), truth)

    found = minimize_scalar(loss, bounds=(math.log(0.05), math.log(20)), method="bounded")
    return math.exp(float(found.x))


def fit_temperature_exponent(
    logits: NDArray[np.float32],
    truth: NDArray[np.int64],
    quality: NDArray[np.float32],
    temperature: float,
) -> float:
    """`temperature_exponent` of a `Calibration` with the smallest negative log-likelihood.

    Parameters
    ----------
    logits : ndarray [shape=(n, k), float32]
    truth : ndarray [shape=(n,), int64, 0 to k-1]
    quality : ndarray [shape=(n,), float32, 0-1]
    temperature : float
        Of full quality.

    Returns
    -------
    float
        Between 0 and `EXPONENT_MAX`.
    """
    from scipy.optimize import minimize_scalar

    def loss(exponent: float) -> float:
        calibration = Calibration(temperature, 0.0, temperature_exponent=exponent)
        return negative_log_likelihood(calibration.scale(logits, quality), truth)

    return float(minimize_scalar(loss, bounds=(0, EXPONENT_MAX), method="bounded").x)


def negative_log_likelihood(scaled: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """Mean over the rows, in nats, of logits that are divided by the temperature."""
    from scipy.special import logsumexp

    wide = scaled.astype(np.float64)
    return float((logsumexp(wide, axis=1) - wide[np.arange(len(truth)), truth]).mean())


def fit_threshold_exponent(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.int64],
    quality: NDArray[np.float32],
    threshold: float,
    target_error: float = 0.1,
) -> float:
    """Smallest `threshold_exponent` at which kept faces of low quality err at most so often.

    Parameters
    ----------
    probabilities : ndarray [shape=(n, k), float32, 0-1]
    truth : ndarray [shape=(n,), int64, 0 to k-1]
    quality : ndarray [shape=(n,), float32, 0-1]
        Rows from `LOWERED` on are left out.
    threshold : float, 0-1
        Of full quality.
    target_error : float, 0-1

    Returns
    -------
    float
        Up to `EXPONENT_MAX`, also where that does not reach the target.
    """
    low = quality < LOWERED
    confidence = probabilities[low].max(axis=1)
    wrong = probabilities[low].argmax(axis=1) != truth[low]
    for exponent in np.arange(0, EXPONENT_MAX, EXPONENT_STEP):
        calibration = Calibration(1.0, threshold, threshold_exponent=float(exponent))
        kept = confidence >= calibration.thresholds(quality[low])
        if wrong[kept].sum() <= target_error * kept.sum():
            return float(exponent)
    return EXPONENT_MAX


def fit_abstention(
    probabilities: NDArray[np.float32], truth: NDArray[np.int64], target_error: float = 0.1
) -> Abstention:
    """Smallest confidence threshold at which the kept predictions err at most so often.

    Where no threshold reaches the target, the threshold is 1 and nothing is kept.

    Parameters
    ----------
    probabilities : ndarray [shape=(n, k), float32, 0-1]
    truth : ndarray [shape=(n,), int64, 0 to k-1]
    target_error : float, 0-1
    """
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
