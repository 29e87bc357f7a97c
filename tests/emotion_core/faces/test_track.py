from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.faces.appearance import LENGTH
from emotion_core.faces.track import PATIENCE_US, FaceTracker

FRAME_US = 40_000
LOOKS = np.random.default_rng(0).normal(0, 40, (8, LENGTH)).clip(-127, 127).astype(np.int8)


class Scene:
    """A tracker, and the faces that it is shown: (who, left) on one line."""

    def __init__(self) -> None:
        self.tracker = FaceTracker()

    def show(self, time_us: int, *faces: tuple[int, float], score: float = 0.9) -> list[int]:
        boxes = np.array([(left, 10, 50, 60) for _, left in faces], np.float32).reshape(-1, 4)
        scores = np.full(len(faces), score, np.float32)
        looks = LOOKS[[who for who, _ in faces]]
        return self.tracker.update(time_us, boxes, scores, looks).tolist()


def test_faces_keep_their_numbers_while_they_move() -> None:
    scene = Scene()
    for i in range(20):
        assert scene.show(i * FRAME_US, (0, 400 - 5 * i), (1, 5 * i)) == [0, 1]


def test_the_order_of_detections_does_not_matter() -> None:
    scene = Scene()
    assert scene.show(0, (0, 0), (1, 300)) == [0, 1]
    assert scene.show(FRAME_US, (1, 302), (0, 3)) == [1, 0]


def test_a_short_gap_is_bridged_and_a_long_one_not() -> None:
    scene = Scene()
    scene.show(0, (0, 0))
    assert scene.show(PATIENCE_US, (0, 5)) == [0]
    assert scene.show(2 * PATIENCE_US + 1, (0, 5)) == [1]


def test_a_hidden_face_is_expected_further_on() -> None:
    scene = Scene()
    for i in range(25):
        scene.show(i * FRAME_US, (0, 6 * i))
    assert scene.show(45 * FRAME_US, (0, 6 * 45)) == [0]


def test_two_alike_cross_by_their_motion() -> None:
    scene = Scene()
    for i in range(60):
        left, right = 3.0 * i, 180 - 3.0 * i
        if abs(left - right) > 40:
            assert scene.show(i * FRAME_US, (0, left), (0, right)) == [0, 1]
        else:
            assert scene.show(i * FRAME_US, (0, left)) == [0]


def test_a_face_that_changes_its_looks_in_place_is_the_same() -> None:
    scene = Scene()
    assert scene.show(0, (0, 0)) == [0]
    assert scene.show(FRAME_US, (1, 1)) == [0]


def test_another_who_comes_up_where_one_was_is_new() -> None:
    scene = Scene()
    for i in range(25):
        scene.show(i * FRAME_US, (0, 0))
    assert scene.show(40 * FRAME_US, (1, 10)) == [1]
    assert scene.show(41 * FRAME_US, (1, 10), (0, 0)) == [1, 0]


def test_nothing_goes_on_after_all_tracks_were_ended() -> None:
    scene = Scene()
    scene.show(0, (0, 0), (1, 200))
    scene.tracker.end_all()
    assert scene.show(FRAME_US, (0, 0), (1, 200)) == [2, 3]


def test_no_boxes() -> None:
    assert Scene().show(0) == []


def test_a_clock_that_stands_still_or_steps_back() -> None:
    scene = Scene()
    assert [scene.show(time, (0, 3)) for time in (0, 0, 40_000, 10_000, 50_000)] == [[0]] * 5


FRAMES = st.lists(st.lists(st.tuples(st.integers(0, 7), st.floats(0, 600)), max_size=5), max_size=8)


@given(FRAMES, st.integers(1, 900_000), st.sampled_from([0.5, 1.0, 2.0, 3.0]))
def test_numbers_are_unique_and_do_not_depend_on_the_size_of_the_picture(
    frames: list[list[tuple[int, float]]], step_us: int, zoom: float
) -> None:
    one, other = FaceTracker(), FaceTracker()
    seen = 0
    for i, faces in enumerate(frames):
        boxes = np.array([(left, 10, 50, 60) for _, left in faces], np.float32).reshape(-1, 4)
        scores, looks = np.full(len(faces), 0.9, np.float32), LOOKS[[who for who, _ in faces]]
        tracks = one.update(i * step_us, boxes, scores, looks)
        assert len(set(tracks.tolist())) == len(faces)
        assert tracks.max(initial=-1) < seen + len(faces)
        seen = max(seen, tracks.max(initial=-1) + 1)
        if zoom in (0.5, 2.0):
            again = other.update(i * step_us, boxes * np.float32(zoom), scores, looks)
            assert again.tolist() == tracks.tolist()
