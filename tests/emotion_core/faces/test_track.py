from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.faces.appearance import LENGTH
from emotion_core.faces.track import LOOK_US, PATIENCE_US, FaceTracker

FRAME_US = 40_000
LOOKS = np.random.default_rng(0).normal(0, 40, (8, LENGTH)).clip(-127, 127).astype(np.int8)


Shown = tuple[int, float]
"""Who, and the left edge."""


def follow(
    *frames: tuple[int, list[Shown]], zoom: float = 1, cuts: tuple[int, ...] = ()
) -> list[list[int]]:
    """Tracks of the faces of frames, each with its time in µs; cuts come before these positions."""
    tracker, pieces = FaceTracker(), []
    for position, (time_us, faces) in enumerate(frames):
        if position in cuts:
            tracker.end_all()
        boxes = np.array([(left, 10, 50, 60) for _, left in faces], np.float32).reshape(-1, 4)
        scores = np.full(len(faces), 0.9, np.float32)
        looks = LOOKS[[who for who, _ in faces]]
        pieces.append(tracker.update(time_us, boxes * np.float32(zoom), scores, looks))
    tracker.end_all()
    return [tracker.numbers(piece).tolist() for piece in pieces]


def steady(frames: int, *faces: Shown, first: int = 0) -> list[tuple[int, list[Shown]]]:
    return [((first + i) * FRAME_US, list(faces)) for i in range(frames)]


def test_faces_keep_their_numbers_while_they_move() -> None:
    frames = [(i * FRAME_US, [(0, 400.0 - 5 * i), (1, 5.0 * i)]) for i in range(20)]
    assert follow(*frames) == [[0, 1]] * 20


def test_the_order_of_detections_does_not_matter() -> None:
    assert follow((0, [(0, 0), (1, 300)]), (FRAME_US, [(1, 302), (0, 3)])) == [[0, 1], [1, 0]]


def test_a_short_gap_is_bridged_and_a_long_one_not() -> None:
    assert follow((0, [(0, 0)]), (PATIENCE_US, [(0, 5)])) == [[0], [0]]
    assert follow((0, [(0, 0)]), (PATIENCE_US + 1, [(0, 5)])) == [[0], [1]]


def test_a_hidden_face_is_expected_further_on() -> None:
    walk = [(i * FRAME_US, [(0, 6.0 * i)]) for i in [*range(25), *range(45, 60)]]
    assert follow(*walk) == [[0]] * 40
    back = [(i * FRAME_US, [(0, 6.0 * i - 400 * (i > 30))]) for i in [*range(25), *range(45, 60)]]
    assert follow(*back) == [[0]] * 25 + [[1]] * 15


def test_two_alike_cross_by_their_motion() -> None:
    frames = []
    for i in range(60):
        left, right = 3.0 * i, 180 - 3.0 * i
        # The one behind is not seen while they overlap.
        both = [(0, left), (0, right)] if abs(left - right) > 40 else [(0, left)]
        frames.append((i * FRAME_US, both))
    tracks = follow(*frames)
    assert all(found == [0, 1][: len(found)] for found in tracks)


def test_two_who_are_hidden_together_are_told_apart_by_their_looks() -> None:
    before = [(i * FRAME_US, [(0, 100 + 2.0 * i), (1, 260 - 2.0 * i)]) for i in range(25)]
    after = [(i * FRAME_US, [(1, 260 - 2.0 * i), (0, 100 + 2.0 * i)]) for i in range(45, 70)]
    assert follow(*before, *after) == [[0, 1]] * 25 + [[1, 0]] * 25


def test_a_face_that_changes_its_looks_in_place_is_the_same() -> None:
    assert follow(*steady(3, (0, 0)), *steady(3, (1, 1), first=3)) == [[0]] * 6


def test_another_who_comes_up_where_one_was_is_new() -> None:
    frames = [*steady(25, (0, 0)), *steady(15, (1, 10), first=40)]
    assert follow(*frames) == [[0]] * 25 + [[1]] * 15


def test_nothing_goes_on_over_a_cut() -> None:
    frames = [*steady(5, (0, 0), (1, 200)), *steady(5, (0, 0), (1, 200), first=5)]
    assert follow(*frames, cuts=(5,)) == [[0, 1]] * 5 + [[2, 3]] * 5


def test_numbers_are_known_after_the_look() -> None:
    tracker = FaceTracker()
    box, score = np.array([[0, 0, 50, 60]], np.float32), np.ones(1, np.float32)
    for time_us in range(0, LOOK_US + FRAME_US, FRAME_US):
        piece = tracker.update(time_us, box, score, LOOKS[:1])
        assert tracker.numbers(piece).tolist() == [-1]
    assert tracker.numbers(tracker.update(time_us + FRAME_US, box, score, LOOKS[:1])).tolist() == [
        0
    ]


def test_no_boxes() -> None:
    assert follow((0, [])) == [[]]


def test_a_clock_that_stands_still() -> None:
    assert follow(*((0, [(0, 3.0)]) for _ in range(3)), (40_000, [(0, 3.0)])) == [[0]] * 4


# Without twins at one place, who may be taken for each other.
FACES = st.lists(
    st.tuples(st.integers(0, 7), st.floats(0, 600)), max_size=5, unique_by=lambda face: face[0]
)


@given(st.lists(FACES, max_size=12), st.integers(1, 900_000), st.sampled_from([0.5, 2, 8]))
def test_numbers_are_unique_and_do_not_depend_on_the_size_of_the_picture(
    frames: list[list[Shown]], step_us: int, zoom: float
) -> None:
    timed = [(i * step_us, faces) for i, faces in enumerate(frames)]
    tracks = follow(*timed)
    for found, faces in zip(tracks, frames, strict=True):
        assert len(set(found)) == len(faces)
    numbers = sorted({number for found in tracks for number in found})
    assert numbers == list(range(len(numbers)))
    assert follow(*timed, zoom=zoom) == tracks
