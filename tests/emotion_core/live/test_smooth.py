"""The causal average is that of files with nothing ahead."""

from __future__ import annotations

import numpy as np

from emotion_core.emotions.calibrate import smooth_track
from emotion_core.faces.faces import Faces
from emotion_core.live.smooth import CausalSmoother
from emotion_core.timeline.build import QUALITY_FLOOR

FRAME_US = 40_000


def seen(rng: np.random.Generator, count: int) -> Faces:
    return Faces(
        np.zeros(count, np.int64), np.zeros((count, 4), np.float32), np.ones(count, np.float32),
        np.zeros((count, 5, 2), np.float32), rng.random(count, np.float32),
        np.zeros((count, 144), np.int8), rng.normal(size=(count, 7)).astype(np.float32),
    )  # fmt: skip


def test_each_row_is_the_last_of_its_past() -> None:
    rng, smoother = np.random.default_rng(1), CausalSmoother()
    frames = [seen(rng, 2) for _ in range(40)]
    tracks = np.array([3, 8], np.int32)
    for last, faces in enumerate(frames):
        smoothed = smoother.update(last * FRAME_US, faces, tracks)
        for row in range(2):
            past = frames[: last + 1]
            logits = np.stack([frame.logits[row] for frame in past])
            weights = np.array([max(frame.quality[row], QUALITY_FLOOR) for frame in past])
            times = np.arange(len(past)) * FRAME_US
            expected = smooth_track(logits, times, weights.astype(np.float32))[-1]
            np.testing.assert_allclose(smoothed[row], expected, atol=1e-5)


def test_a_track_that_is_gone_is_forgotten() -> None:
    rng, smoother = np.random.default_rng(2), CausalSmoother()
    smoother.update(0, seen(rng, 1), np.array([0], np.int32))
    later = seen(rng, 1)
    smoothed = smoother.update(10_000_000, later, np.array([0], np.int32))
    np.testing.assert_allclose(smoothed, later.logits, atol=1e-6)
