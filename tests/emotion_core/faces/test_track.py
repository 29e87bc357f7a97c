from __future__ import annotations

import numpy as np

from emotion_core.faces.track import PATIENCE_US, OverlapTracker

FRAME_US = 40_000


def boxes(*lefts: float) -> np.ndarray:
    return np.array([(left, 10, 50, 60) for left in lefts], np.float32).reshape(-1, 4)


def test_faces_keep_their_numbers_while_they_move() -> None:
    tracker = OverlapTracker()
    for i in range(20):
        assert tracker.update(i * FRAME_US, boxes(400 - 5 * i, 5 * i)).tolist() == [0, 1]


def test_the_order_of_detections_does_not_matter() -> None:
    tracker = OverlapTracker()
    assert tracker.update(0, boxes(0, 300)).tolist() == [0, 1]
    assert tracker.update(FRAME_US, boxes(302, 3)).tolist() == [1, 0]


def test_a_short_gap_is_bridged_and_a_long_one_not() -> None:
    tracker = OverlapTracker()
    tracker.update(0, boxes(0))
    assert tracker.update(PATIENCE_US, boxes(5)).tolist() == [0]
    assert tracker.update(2 * PATIENCE_US + 1, boxes(5)).tolist() == [1]


def test_two_faces_never_share_a_number() -> None:
    tracker = OverlapTracker()
    tracker.update(0, boxes(0))
    assert sorted(tracker.update(FRAME_US, boxes(2, 6)).tolist()) == [0, 1]


def test_no_boxes() -> None:
    assert OverlapTracker().update(0, boxes()).tolist() == []
