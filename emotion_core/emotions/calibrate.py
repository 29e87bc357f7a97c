"""From logits to probabilities: smoothing over a track, temperature, abstention."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

SMOOTHING_SIGMA_US: Final = 200_000
SMOOTHING_REACH: Final = 3.0
REACH_US: Final = int(SMOOTHING_SIGMA_US * SMOOTHING_REACH)
"""Rows farther apart than this do not change each other."""


def softmax(logits: NDArray[np.floating], temperature: float) -> NDArray[np.float32]:
    """Probabilities of shape (n, k): softmax of logits over the temperature (Guo et al., 2017)."""
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def smooth_track(
    logits: NDArray[np.float32],
    time_us: NDArray[np.int64],
    weights: NDArray[np.float32],
    sigma_us: int = SMOOTHING_SIGMA_US,
) -> NDArray[np.float32]:
    """Logits of one track averaged over time with Gaussian weights, past and future alike.

    Parameters
    ----------
    logits : ndarray [shape=(n, k), float32]
    time_us : ndarray [shape=(n,), int64, µs]
        Increasing.
    weights : ndarray [shape=(n,), float32]
        How much each row counts; positive.
    sigma_us : int
        Standard deviation of the Gaussian in µs.
    """
    total = np.zeros(logits.shape, np.float64)
    norm = np.zeros(len(logits), np.float64)
    reach = int(sigma_us * SMOOTHING_REACH)
    offset = 0
    while offset < len(logits):
        ahead = slice(offset, None)
        behind = slice(None, len(logits) - offset)
        distance = time_us[ahead] - time_us[behind]
        near = np.abs(distance) <= reach
        if not near.any():
            break
        kernel = np.where(near, np.exp(-0.5 * (distance / sigma_us) ** 2), 0.0)
        pairs = ((ahead, behind), (behind, ahead)) if offset else ((ahead, behind),)
        for target, source in pairs:
            share = kernel * weights[source]
            total[target] += share[:, None] * logits[source]
            norm[target] += share
        offset += 1
    return np.asarray(total / norm[:, None], np.float32)
