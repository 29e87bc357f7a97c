"""Between two searches faces go on as they moved; what is new or near is searched for."""

from __future__ import annotations

import numpy as np
import pytest

from emotion_core.faces.detector import Detections
from emotion_core.faces.find import Picture
from emotion_core.live.search import CausalSearch

FRAME_US = 33_333
INTERVAL_US = 80_000
PICTURE: Picture = None  # type: ignore[assignment]


def faces(*lefts: float) -> Detections:
    boxes = np.array([(left, 50, 40, 50) for left in lefts], np.float32).reshape(-1, 4)
    landmarks = np.repeat(boxes[:, None, :2] + 10, 5, axis=1)
    return Detections(boxes, np.full(len(boxes), 0.9, np.float32), landmarks)


class Scene:
    """What a search finds on each frame, and how often it was asked."""

    def __init__(self, *frames: Detections) -> None:
        self.frames = frames
        self.searched: list[int] = []
        self.now = 0

    def find(self, _: Picture) -> Detections:
        self.searched.append(self.now)
        return self.frames[self.now]

    def play(self, interval_us: int = INTERVAL_US, changed: int = -1) -> list[Detections]:
        search = CausalSearch(self.find, interval_us)
        found = []
        for number in range(len(self.frames)):
            self.now = number
            found.append(search.faces(number * FRAME_US, PICTURE, changed=number == changed))
        return found


def test_a_moving_face_is_moved_on_between_searches() -> None:
    scene = Scene(*(faces(100 + 3 * frame) for frame in range(12)))
    found = scene.play()
    assert scene.searched == [0, 1, 4, 7, 10]
    for frame, seen in enumerate(found):
        assert seen.boxes[0, 0] == pytest.approx(100 + 3 * frame, abs=0.01)
        assert seen.landmarks[0, 0, 0] == pytest.approx(110 + 3 * frame, abs=0.01)


def test_a_face_that_comes_is_looked_for_until_it_stays() -> None:
    before, after = [faces(100)] * 3, [faces(100, 400)] * 6
    scene = Scene(*before, *after)
    found = scene.play()
    assert [len(seen) for seen in found] == [1] * 4 + [2] * 5
    # Found on frame 4, and on the next, which must agree.
    assert scene.searched == [0, 1, 4, 5, 8]


def test_faces_near_each_other_are_searched_on_every_frame() -> None:
    scene = Scene(*[faces(100, 150)] * 5)
    scene.play()
    assert scene.searched == [0, 1, 2, 3, 4]


def test_every_frame_is_searched_where_that_is_asked_for() -> None:
    scene = Scene(*[faces(100)] * 4)
    scene.play(interval_us=0)
    assert scene.searched == [0, 1, 2, 3]


def test_nothing_is_moved_on_over_a_cut() -> None:
    scene = Scene(*[faces(100)] * 3, *[faces(400)] * 3)
    found = scene.play(changed=3)
    assert found[3].boxes[0, 0] == 400
    assert {3, 4} <= set(scene.searched)
