from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.emotions.smooth import (
    ALIKE,
    CUT_OFF,
    GUIDE_SIGMA_US,
    REACH_US,
    SIGMA_US,
    smooth_track,
)


def smooth_plainly(logits: np.ndarray, time_us: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """The filter of one row after the other, straight from its definition."""
    centred = logits - logits.mean(axis=1, keepdims=True)
    guide = []
    for now in time_us:
        distance = np.abs(time_us - now)
        kernel = np.exp(-0.5 * (distance / GUIDE_SIGMA_US) ** 2) * quality
        kernel[distance > CUT_OFF * GUIDE_SIGMA_US] = 0
        guide.append((kernel[:, None] * centred).sum(axis=0) / kernel.sum())
    rows = []
    for now, mine in zip(time_us, guide, strict=True):
        distance = np.abs(time_us - now)
        unlike = np.sqrt(((np.array(guide) - mine) ** 2).sum(axis=1)) / ALIKE
        kernel = np.exp(-0.5 * ((distance / SIGMA_US) ** 2 + unlike**2)) * quality
        kernel[distance > CUT_OFF * SIGMA_US] = 0
        rows.append((kernel[:, None] * centred).sum(axis=0) / kernel.sum())
    return np.array(rows)


@given(st.integers(1, 60), st.integers(0, 1000))
def test_smoothing_is_the_weighted_mean(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    time_us = np.cumsum(random.integers(1_000, 400_000, count))
    logits = random.normal(0, 3, size=(count, 7)).astype(np.float32)
    quality = random.uniform(0.05, 1, count).astype(np.float32)
    smooth, smooth_quality = smooth_track(logits, time_us, quality)
    assert smooth == pytest.approx(smooth_plainly(logits, time_us, quality), abs=1e-4)
    assert (smooth_quality >= quality.min() - 1e-6).all()
    assert (smooth_quality <= quality.max() + 1e-6).all()


def test_a_constant_stays_and_what_all_emotions_share_does_not_count() -> None:
    random = np.random.default_rng(0)
    logits = np.array([2, 0, -2], np.float32) + random.normal(0, 9, (50, 1)).astype(np.float32)
    smooth, quality = smooth_track(logits, np.arange(50) * 40_000, np.full(50, 0.5, np.float32))
    assert smooth == pytest.approx(np.tile([2, 0, -2], (50, 1)), abs=1e-5)
    assert quality == pytest.approx(0.5)


@pytest.mark.parametrize("lead", [1.0, 2.0, 4.0, 6.0, 10.0])
def test_an_onset_stays_where_it_is(lead: float) -> None:
    logits = np.tile(np.array([1.5, 0, -1, -1, -1, -1, -1], np.float32), (100, 1))
    logits[50:, :2] = 0, lead
    smooth, _ = smooth_track(logits, np.arange(100) * 40_000, np.ones(100, np.float32))
    label = smooth.argmax(axis=1)
    (change,) = np.flatnonzero(np.diff(label)) + 1
    assert abs(change - 50) <= 2


def test_single_frames_do_not_change_the_label() -> None:
    logits = np.tile(np.array([1.5, 0, -1], np.float32), (60, 1))
    logits[::9] = (0, 1.5, -1)
    smooth, _ = smooth_track(logits, np.arange(60) * 40_000, np.ones(60, np.float32))
    assert (smooth.argmax(axis=1) == 0).all()


def test_rows_of_low_quality_count_less() -> None:
    logits = np.array([[1, 0, -1], [0, 1, -1]], np.float32)
    time_us = np.array([0, 40_000])
    good, bad = (
        smooth_track(logits, time_us, np.array([1, share], np.float32))[0][1, 1]
        for share in (1, 0.1)
    )
    assert bad < good


def test_rows_out_of_reach_change_nothing() -> None:
    random = np.random.default_rng(0)
    time_us = np.arange(200) * 40_000
    logits = random.normal(0, 2, (200, 7)).astype(np.float32)
    changed = logits.copy()
    changed[time_us > time_us[90] + REACH_US] += random.normal(0, 9, 7)
    ones = np.ones(200, np.float32)
    before, after = (smooth_track(values, time_us, ones)[0][:91] for values in (logits, changed))
    np.testing.assert_array_equal(before, after)


def test_a_clock_that_starts_again_does_not_mix_its_laps() -> None:
    time_us = np.concatenate([np.arange(50), np.arange(50)]) * 40_000
    logits = np.repeat(np.array([[0.0, 0.2], [0.2, 0.0]], np.float32), 50, axis=0)
    smooth = smooth_track(logits, time_us, np.ones(100, np.float32))[0][:, 0]
    assert smooth[:31] == pytest.approx(-0.1, abs=1e-6)
    assert smooth[70:] == pytest.approx(0.1, abs=1e-6)
