from __future__ import annotations

import numpy as np
import pytest

from emotion_core.faces.detector import Detections
from emotion_core.identities.looks import Looks, LooksOverTime, in_bytes, recognisable
from emotion_core.identities.people import LIKENESS_MIN, number_people

LENGTH = 16


def near(person: int, angle: float = 0.0, towards: int = 15) -> np.ndarray:
    """A unit vector at an angle in radians from a person's own axis."""
    vector = np.zeros(LENGTH, np.float32)
    vector[person], vector[towards] = np.cos(angle), np.sin(angle)
    return vector


def looks(*faces: tuple[int, int, np.ndarray]) -> Looks:
    """Of first frame, last frame and embedding; numbered from 0."""
    first, last, units = zip(*faces, strict=True)
    return Looks(np.arange(len(faces)), np.array(first), np.array(last), np.array(units))


def test_people_are_found_again_in_a_file_and_in_another() -> None:
    found = number_people(
        {
            "b.mp4": looks((0, 9, near(1, 0.3)), (50, 60, near(2))),
            "a.mp4": looks((0, 9, near(1)), (20, 30, near(1, 0.2)), (40, 50, near(0))),
        }
    )
    assert found == {"a.mp4": {0: 0, 1: 0, 2: 1}, "b.mp4": {0: 0, 1: 2}}


def test_faces_in_one_frame_are_different_people_however_alike() -> None:
    twins = looks((0, 9, near(1)), (9, 20, near(1)), (30, 40, near(1)))
    (people,) = number_people({"a.mp4": twins}).values()
    assert people[0] != people[1]
    assert people[2] in (people[0], people[1])
    # Nor are they joined by way of a third file, which looks like both.
    both = number_people({"a.mp4": twins, "b.mp4": looks((0, 9, near(1)))})
    assert both["a.mp4"][0] != both["a.mp4"][1]


def test_a_chain_of_likenesses_joins_no_strangers() -> None:
    step = np.arccos(LIKENESS_MIN) * 0.9
    chain = [near(0, step * number) for number in range(4)]
    assert float(chain[0] @ chain[3]) < 0
    (people,) = number_people(
        {"a.mp4": looks(*((20 * n, 20 * n + 5, face) for n, face in enumerate(chain)))}
    ).values()
    assert people[0] != people[3]


def test_many_faces_of_many_people() -> None:
    rng = np.random.default_rng(4)
    truth = np.repeat(np.arange(30), rng.integers(1, 60, 30))
    units = rng.normal(size=(30, 64))[truth] + 0.25 * rng.normal(size=(len(truth), 64))
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    faces = looks(*((20 * n, 20 * n + 5, unit.astype(np.float32)) for n, unit in enumerate(units)))
    (people,) = number_people({"a.mp4": faces}).values()
    assert [people[n] for n in range(len(truth))] == truth.tolist()


def test_no_face_gives_no_people() -> None:
    assert number_people({}) == {}
    assert number_people({"a.mp4": LooksOverTime().finish()}) == {}


@pytest.mark.parametrize("sizes", [[6], [1, 2, 3], [3, 3]])
def test_sums_do_not_depend_on_blocks(sizes: list[int]) -> None:
    units = in_bytes(np.array([near(n % 2, 0.1 * n) for n in range(6)]))
    units[5] = 0
    track, frame = np.array([0, 1, 0, 1, 0, 2], np.int32), np.arange(6)
    over_time, start = LooksOverTime(), 0
    for size in sizes:
        rows = slice(start, start + size)
        over_time.add(track[rows], frame[rows], units[rows])
        start += size
    found = over_time.finish()
    assert found.number.tolist() == [0, 1]
    assert (found.first.tolist(), found.last.tolist()) == ([0, 1], [4, 3])
    whole = units[track == 0].sum(axis=0).astype(float)
    assert found.embedding[0] == pytest.approx(whole / np.linalg.norm(whole), abs=1e-6)
    assert np.linalg.norm(found.embedding, axis=1) == pytest.approx(1)


def test_what_is_small_unsure_or_turned_away_is_not_recognised() -> None:
    frontal = np.array([(30, 40), (70, 40), (50, 60), (35, 80), (65, 80)], np.float32)
    turned = frontal.copy()
    turned[2, 0] = 66
    faces = Detections(
        np.tile(np.array([0, 0, 100, 120], np.float32), (4, 1)),
        np.array([0.9, 0.9, 0.75, 0.9], np.float32),
        np.stack([frontal, frontal, frontal, turned]),
    )
    quality = np.array([1, 0.4, 1, 1], np.float32)
    assert recognisable(faces, quality).tolist() == [True, False, False, False]
