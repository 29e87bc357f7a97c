from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.faces.between import Sample, interpolate, pair, search_sparsely
from emotion_core.faces.detector import Detections, overlap
from emotion_core.faces.find import Picture
from emotion_core.media.planes import Planes

SIDE = 100.0


def faces_at(*left: float) -> Detections:
    """Square faces in a row, each at its own height, with landmarks in the middle."""
    boxes = np.array([[x, 1000 * i, SIDE, SIDE] for i, x in enumerate(left)], np.float32)
    boxes = boxes.reshape(-1, 4)
    centres = boxes[:, None, :2] + boxes[:, None, 2:] / 2
    scores = np.full(len(boxes), 0.9, np.float32)
    return Detections(boxes, scores, np.repeat(centres, 5, axis=1).astype(np.float32))


class Scene:
    """What each frame shows, and which frames were searched."""

    def __init__(
        self, shown: list[Detections], searched: set[int], cuts: Iterable[int] = ()
    ) -> None:
        self.shown = shown
        self.looked_at: list[int] = []
        self.samples = [
            Sample(number, 10 * number, self._picture(number), number in searched, number in cuts)
            for number in range(len(shown))
        ]

    @staticmethod
    def _picture(number: int) -> Planes:
        plane = np.full((2, 2), number, np.uint8)
        return Planes(plane, plane[:1, :1], plane[:1, :1], full_range=True)

    def find(self, picture: Picture) -> Detections:
        number = int(picture.grey()[0:1, 0:1].item())
        self.looked_at.append(number)
        return self.shown[number]

    def search(self) -> list[Detections]:
        found = list(search_sparsely(self.samples, self.find))
        assert [sample.number for sample, _ in found] == list(range(len(self.shown)))
        return [faces for _, faces in found]


def test_an_even_movement_is_found_without_looking() -> None:
    scene = Scene([faces_at(5.0 * i, 3.0 * i) for i in range(9)], {0, 4, 8})
    found = scene.search()
    assert scene.looked_at == [0, 4, 8]
    for faces, shown in zip(found, scene.shown, strict=True):
        np.testing.assert_allclose(faces.boxes, shown.boxes, atol=1e-3)
        np.testing.assert_allclose(faces.landmarks, shown.landmarks, atol=1e-3)
        np.testing.assert_allclose(faces.scores, shown.scores, atol=1e-6)


@given(st.integers(1, 8), st.integers(0, 8))
def test_a_face_that_comes_or_goes_is_known_to_the_frame(comes: int, lasts: int) -> None:
    shown = [faces_at(10, 20) if comes <= i < comes + lasts else faces_at(10) for i in range(9)]
    short = lasts and comes + lasts < 9 and not {0, 4, 8} & set(range(comes, comes + lasts))
    counts = [len(faces) for faces in Scene(shown, {0, 4, 8}).search()]
    # Shown between two searches alone, it may be overlooked; it is never seen where it is not.
    assert short or counts == [len(faces) for faces in shown]
    assert all(found <= len(faces) for found, faces in zip(counts, shown, strict=True))


def test_a_jump_is_looked_at_on_every_frame_that_it_may_have_happened() -> None:
    scene = Scene([faces_at(0.0 if i < 3 else 300.0) for i in range(9)], {0, 8})
    found = scene.search()
    assert [float(faces.boxes[0, 0]) for faces in found] == [0] * 3 + [300] * 6
    assert len(scene.looked_at) < len(scene.shown)


@given(
    shown=st.lists(
        st.lists(st.integers(0, 150), max_size=2).map(lambda left: faces_at(*left)),
        min_size=3,
        max_size=24,
    ),
    step=st.integers(1, 8),
    data=st.data(),
)
def test_what_is_found_does_not_depend_on_where_the_video_is_cut(
    shown: list[Detections], step: int, data: st.DataObject
) -> None:
    last = len(shown) - 1
    searched = {*range(0, len(shown), step), last}
    whole = Scene(shown, searched).search()
    cut = data.draw(st.integers(1, last))
    scene = Scene(shown, searched)
    low = max(number for number in searched if number <= cut)
    high = min(number for number in searched if number >= cut - 1)
    parts = [
        dict(_numbered(search_sparsely(scene.samples[: high + 1], scene.find))),
        dict(_numbered(search_sparsely(scene.samples[low:], scene.find))),
    ]
    for number, faces in enumerate(whole):
        again = parts[number >= cut][number]
        assert np.array_equal(faces.boxes, again.boxes)
        assert np.array_equal(faces.scores, again.scores)


def _numbered(found: object) -> list[tuple[int, Detections]]:
    return [(sample.number, faces) for sample, faces in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize("searched", [{1, 4}, {0, 3}])
def test_ends_must_be_searched(searched: set[int]) -> None:
    scene = Scene([faces_at(1.0)] * 5, searched)
    with pytest.raises(ValueError, match=r"Sample\(\d, searched=False\)"):
        scene.search()


def test_nothing_to_search() -> None:
    assert list(search_sparsely([], _never)) == []


def _never(_: Picture) -> Detections:
    raise AssertionError


def test_pairs_are_the_nearest_ones_and_all_or_none() -> None:
    first = faces_at(0, 30)
    swapped = faces_at(10, 35).take(np.array([1, 0]))
    partners = pair(first, swapped)
    assert partners is not None
    assert partners.tolist() == [1, 0]
    assert pair(first, faces_at(0)) is None
    assert pair(faces_at(0), faces_at(60)) is None
    empty = pair(faces_at(), faces_at())
    assert empty is not None
    assert len(empty) == 0


@given(st.floats(0, 1), st.floats(0, 30), st.floats(-20, 20))
def test_an_interpolated_face_lies_between_its_ends(share: float, x: float, width: float) -> None:
    first, last = faces_at(0.0), faces_at(x)
    last.boxes[:, 2] += width
    box = interpolate(first, last, share).boxes
    low, high = np.minimum(first.boxes, last.boxes), np.maximum(first.boxes, last.boxes)
    assert ((box >= low - 1e-3) & (box <= high + 1e-3)).all()
    ends = overlap(first.boxes[0], last.boxes)[0]
    assert overlap(first.boxes[0], box)[0] >= ends - 1e-4


@pytest.mark.parametrize("cut", range(1, 9))
def test_nothing_is_interpolated_over_a_cut(cut: int) -> None:
    shown = [faces_at(0.0 if number < cut else 40.0) for number in range(9)]
    scene = Scene(shown, {0, 8}, {cut})
    for faces, true in zip(scene.search(), shown, strict=True):
        np.testing.assert_allclose(faces.boxes, true.boxes, atol=1e-3)
    assert sorted(scene.looked_at) == sorted({0, cut - 1, cut, 8})


def test_cuts_one_after_the_other_are_all_searched() -> None:
    shown = [faces_at(10.0 * (number % 3)) for number in range(7)]
    assert len(Scene(shown, {0, 6}, {2, 3, 4}).search()) == 7


def test_two_who_change_places_are_searched_for_on_every_frame() -> None:
    def pass_by(step: int) -> Detections:
        faces = faces_at(30.0 * step, 120 - 30.0 * step)
        faces.boxes[:, 1] = 0
        return faces

    scene = Scene([pass_by(step) for step in range(5)], {0, 4})
    scene.search()
    assert sorted(scene.looked_at) == list(range(5))
