"""Smoothing over a track: past and future alike, within stretches of one expression."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import QUALITY_FLOOR

SIGMA_US: Final = 250_000
"""Standard deviation of the weights over time."""

GUIDE_SIGMA_US: Final = 80_000
"""The same for the logits that tell whether two rows show the same expression."""

ALIKE: Final = 3.7
"""Standard deviation of the weights over the distance of those logits, in natural logarithms of
odds."""

CUT_OFF: Final = 3
"""Standard deviations of time after which weights are 0."""

REACH_US: Final = CUT_OFF * (SIGMA_US + GUIDE_SIGMA_US)
"""Rows farther apart than this do not change each other."""


def smooth_track(
    logits: NDArray[np.float32], time_us: NDArray[np.int64], quality: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits and quality of one track, averaged over time by a joint bilateral filter.

    Each row is the mean of the rows around it. They count by their quality, by how near they are in
    time, and by how alike they are once single frames are averaged out, so that an onset stays
    where it is (Tomasi and Manduchi, 1998; Petschnigg et al., 2004).

    Parameters
    ----------
    logits : ndarray [shape=(n, k), float32]
        Calibrated: logarithms of probabilities, but for a constant of each row.
    time_us : ndarray [shape=(n,), int64, µs]
        Increasing.
    quality : ndarray [shape=(n,), float32, 0-1]

    Returns
    -------
    logits : ndarray [shape=(n, k), float32]
        With a mean of 0 in each row.
    quality : ndarray [shape=(n,), float32, 0-1]
    """
    centred = logits - logits.mean(axis=1, keepdims=True, dtype=np.float64)
    weights = np.maximum(quality.astype(np.float64), QUALITY_FLOOR)
    guide = _means(centred, time_us, weights, GUIDE_SIGMA_US)
    columns = np.column_stack([centred, quality])
    smooth = _means(columns, time_us, weights, SIGMA_US, guide).astype(np.float32)
    return smooth[:, :-1], smooth[:, -1]


def _means(
    values: NDArray[np.float64],
    time_us: NDArray[np.int64],
    weights: NDArray[np.float64],
    sigma_us: int,
    guide: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Weighted means of `values`, shape (n, k), around each row; `guide` has shape (n, j)."""
    total = np.zeros(values.shape)
    norm = np.zeros(len(values))
    offset = 0
    while offset < len(values):
        ahead = slice(offset, None)
        behind = slice(None, len(values) - offset)
        distance = time_us[ahead] - time_us[behind]
        near = np.abs(distance) <= CUT_OFF * sigma_us
        if not near.any():
            break
        exponent = (distance / sigma_us) ** 2
        if guide is not None:
            exponent = exponent + ((guide[ahead] - guide[behind]) ** 2).sum(axis=1) / ALIKE**2
        kernel = np.where(near, np.exp(-exponent / 2), 0.0)
        pairs = ((ahead, behind), (behind, ahead)) if offset else ((ahead, behind),)
        for target, source in pairs:
            share = kernel * weights[source]
            total[target] += share[:, None] * values[source]
            norm[target] += share
        offset += 1
    return np.asarray(total / norm[:, None])
