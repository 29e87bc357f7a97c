"""The causal average is that of files with nothing ahead."""

from __future__ import annotations

import numpy as np

from emotion_core.emotions.smooth import smooth_track
from emotion_core.live.smooth import CausalSmoother

FRAME_US = 40_000
FRAMES = 40


def test_each_row_is_the_last_of_its_past() -> None:
    rng, smoother = np.random.default_rng(1), CausalSmoother()
    logits = rng.normal(size=(FRAMES, 2, 7)).astype(np.float32)
    quality = rng.random((FRAMES, 2), np.float32)
    times = np.arange(FRAMES) * FRAME_US
    for last in range(FRAMES):
        smoothed, judged = smoother.update(
            last * FRAME_US, logits[last], quality[last], np.array([3, 8], np.int32)
        )
        for row in range(2):
            past = slice(0, last + 1)
            expected = smooth_track(logits[past, row], times[past], quality[past, row])
            np.testing.assert_allclose(smoothed[row], expected[0][-1], atol=1e-5)
            np.testing.assert_allclose(judged[row], expected[1][-1], atol=1e-5)


def test_a_track_that_is_gone_is_forgotten() -> None:
    rng, smoother = np.random.default_rng(2), CausalSmoother()
    track, quality = np.array([0], np.int32), np.ones(1, np.float32)
    smoother.update(0, rng.normal(size=(1, 7)).astype(np.float32), quality, track)
    later = rng.normal(size=(1, 7)).astype(np.float32)
    smoothed, _ = smoother.update(10_000_000, later, quality, track)
    np.testing.assert_allclose(smoothed, later - later.mean(), atol=1e-5)
