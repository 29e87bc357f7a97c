"""Logits of a face whose expression is known at every moment, and how well labels follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS

FRAME_US: Final = 40_000
LEVEL_SPREAD: Final = 1.5
"""Standard deviation of the logits of the other emotions while one is shown."""

MARGIN: Final = (2.0, 6.0)
"""Least and largest lead of the emotion that is shown over the next, evenly drawn."""

NOISE_TIME_US: Final = 100_000
"""Over which the noise of a frame is forgotten (to 1/e)."""


@dataclass(frozen=True, eq=False)
class KnownTrack:
    """A track with what is true.

    Attributes
    ----------
    time_us : ndarray [shape=(n,), int64, µs]
    logits : ndarray [shape=(n, 7), float32]
        Calibrated.
    truth : ndarray [shape=(n,), int64, 0-6]
        The expression shown.
    """

    time_us: NDArray[np.int64]
    logits: NDArray[np.float32]
    truth: NDArray[np.int64]


def generate(noise: float, seconds: tuple[float, float], onsets: int, seed: int) -> KnownTrack:
    """Expressions one after the other, each with constant logits, and noise on top.

    Parameters
    ----------
    noise : float
        Standard deviation of an autoregressive process of first order.
    seconds : tuple of float, s
        Least and largest duration of an expression; their logarithms are evenly drawn.
    onsets : int
        Expressions after the first.
    seed : int
    """
    random = np.random.default_rng(seed)
    lengths = np.exp(random.uniform(*np.log(seconds), onsets + 1)) * 1e6 / FRAME_US
    counts = np.rint(lengths).astype(np.int64)
    shown = [int(random.integers(len(EMOTIONS)))]
    for _ in range(onsets):
        shown.append(int((shown[-1] + random.integers(1, len(EMOTIONS))) % len(EMOTIONS)))
    levels = random.normal(0, LEVEL_SPREAD, (onsets + 1, len(EMOTIONS)))
    for level, emotion in zip(levels, shown, strict=True):
        level[emotion] = np.delete(level, emotion).max() + random.uniform(*MARGIN)
    rows = np.repeat(np.arange(onsets + 1), counts)
    keep = np.exp(-FRAME_US / NOISE_TIME_US)
    fresh = random.normal(0, noise, (len(rows), len(EMOTIONS)))
    drift = np.empty_like(fresh)
    last = fresh[0]
    for row, new in enumerate(fresh):
        drift[row] = last = keep * last + np.sqrt(1 - keep**2) * new
    return KnownTrack(
        time_us=np.arange(len(rows), dtype=np.int64) * FRAME_US,
        logits=(levels[rows] + drift).astype(np.float32),
        truth=np.array(shown, np.int64)[rows],
    )


def score(track: KnownTrack, logits: NDArray[np.float32]) -> dict[str, Any]:
    """How well the largest of some logits, shape (n, 7), follows what is true.

    Returns
    -------
    figures : dict
        `agreement`: share of the frames; `onsets`: how many; `missed`: those whose emotion the
        label does not become within the expression or the one before; `onset_error_median` and
        `onset_error_95`, s: percentiles of how far from an onset the label becomes the new one,
        where what is missed counts as infinitely far.
    """
    label = logits.argmax(axis=1)
    starts = np.flatnonzero(np.diff(track.truth)) + 1
    borders = np.concatenate([[0], starts, [len(label)]])
    changes = np.flatnonzero(np.diff(label)) + 1
    errors = np.full(len(starts), np.inf)
    for number, start in enumerate(starts):
        near = (changes > borders[number]) & (changes < borders[number + 2])
        candidates = changes[near & (label[changes] == track.truth[start])]
        if len(candidates):
            errors[number] = np.abs(track.time_us[candidates] - track.time_us[start]).min() / 1e6
    median, high = np.percentile(errors, [50, 95], method="higher")
    return {
        "agreement": round(float((label == track.truth).mean()), 4),
        "onsets": len(starts),
        "missed": int(np.isinf(errors).sum()),
        "onset_error_median": round(float(median), 3),
        "onset_error_95": round(float(high), 3),
    }
