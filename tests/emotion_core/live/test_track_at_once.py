"""Tracks of a live source: each face has its number on its first frame."""

from __future__ import annotations

import numpy as np

from emotion_core.faces.appearance import LENGTH
from emotion_core.faces.track import PATIENCE_US, FaceTracker

FRAME_US = 40_000
LOOKS = np.random.default_rng(0).normal(0, 40, (4, LENGTH)).clip(-127, 127).astype(np.int8)


def see(tracker: FaceTracker, time_us: int, *faces: tuple[int, float]) -> list[int]:
    """Tracks of faces (who, left edge) on a frame, as they are known then."""
    boxes = np.array([(left, 10, 50, 60) for _, left in faces], np.float32).reshape(-1, 4)
    scores = np.full(len(faces), 0.9, np.float32)
    pieces = tracker.update(time_us, boxes, scores, LOOKS[[who for who, _ in faces]])
    return tracker.numbers(pieces).tolist()


def test_numbers_are_known_at_once_and_stay() -> None:
    tracker = FaceTracker(look_us=0)
    frames = [see(tracker, n * FRAME_US, (0, 100 + n), (1, 400)) for n in range(10)]
    assert frames == [[0, 1]] * 10


def test_a_face_that_was_out_of_sight_gets_its_number_back() -> None:
    tracker = FaceTracker(look_us=0)
    for n in range(10):
        see(tracker, n * FRAME_US, (0, 100), (1, 400))
    back_us = 9 * FRAME_US + PATIENCE_US - 2 * FRAME_US
    for time_us in range(10 * FRAME_US, back_us, FRAME_US):
        assert see(tracker, time_us, (1, 400)) == [1]
    assert see(tracker, back_us, (0, 104), (1, 400)) == [0, 1]


def test_a_face_that_was_away_for_longer_is_a_new_track() -> None:
    tracker = FaceTracker(look_us=0)
    assert see(tracker, 0, (0, 100)) == [0]
    assert see(tracker, PATIENCE_US + FRAME_US, (0, 100)) == [1]


def test_no_number_goes_on_over_a_cut() -> None:
    tracker = FaceTracker(look_us=0)
    assert see(tracker, 0, (0, 100)) == [0]
    tracker.end_all()
    assert see(tracker, FRAME_US, (0, 100)) == [1]
