from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.emotions.calibrate import SMOOTHING_REACH, smooth_track, softmax

SIGMA_US = 200_000


def smooth_plainly(logits: np.ndarray, time_us: np.ndarray, weights: np.ndarray) -> np.ndarray:
    rows = []
    for now in time_us:
        distance = np.abs(time_us - now)
        kernel = np.exp(-0.5 * (distance / SIGMA_US) ** 2) * weights
        kernel[distance > SIGMA_US * SMOOTHING_REACH] = 0
        rows.append((kernel[:, None] * logits).sum(axis=0) / kernel.sum())
    return np.array(rows)


@given(st.integers(1, 60), st.integers(0, 1000))
def test_smoothing_is_the_weighted_mean(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    time_us = np.cumsum(random.integers(1_000, 400_000, count))
    logits = random.normal(size=(count, 7)).astype(np.float32)
    weights = random.uniform(0.05, 1, count).astype(np.float32)
    smooth = smooth_track(logits, time_us, weights, SIGMA_US)
    assert smooth == pytest.approx(smooth_plainly(logits, time_us, weights), abs=1e-5)


def test_smoothing_keeps_a_constant_and_does_not_shift() -> None:
    time_us = np.arange(101) * 40_000
    step = np.zeros((101, 1), np.float32)
    step[50:] = 1
    ones = np.ones(101, np.float32)
    assert smooth_track(ones[:, None], time_us, ones) == pytest.approx(1)
    smooth = smooth_track(step, time_us, ones)[:, 0]
    assert smooth[49] + smooth[50] == pytest.approx(1, abs=1e-5)
    assert (np.diff(smooth) >= -1e-6).all()


def test_softmax() -> None:
    logits = np.array([[1000, 0, 0], [1, 2, 3]], np.float32)
    probabilities = softmax(logits, 2.0)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert probabilities[1] == pytest.approx(np.exp([0.5, 1, 1.5]) / np.exp([0.5, 1, 1.5]).sum())
    assert softmax(np.empty((0, 7), np.float32), 1.0).shape == (0, 7)


def test_a_clock_that_starts_again_does_not_mix_its_laps() -> None:
    time_us = np.concatenate([np.arange(50), np.arange(50)]) * 40_000
    logits = np.repeat(np.array([[0.0], [1.0]], np.float32), 50, axis=0)
    smooth = smooth_track(logits, time_us, np.ones(100, np.float32))[:, 0]
    assert smooth[:40] == pytest.approx(0, abs=1e-6)
    assert smooth[60:] == pytest.approx(1, abs=1e-6)
