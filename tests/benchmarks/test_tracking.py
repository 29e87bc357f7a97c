"""What tracks must reach on clips with known faces (all: `python -m benchmarks.tracking`)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.known_faces.draw import make_clip
from benchmarks.known_faces.people import LOOKS, person
from benchmarks.known_faces.scene import Truth
from benchmarks.known_faces.screenplay import SCENES
from benchmarks.track_scores import Found, score
from benchmarks.tracking import measure
from emotion_core.faces.appearance import describe, likeness
from emotion_core.faces.crop import crop_faces, face_squares
from emotion_core.faces.find import FaceFinder
from emotion_core.media.still import Still

COMMITTED = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "tracking.json"
MUSTS = ("uneven_clock", "alike_cross", "cross_behind_a_post", "another_at_the_same_place")


def assert_as_it_must_be(result: dict) -> None:
    name = result["name"]
    assert result["carried"] == 0, name
    assert result["switches"] == 0, name
    assert (result["cuts"]["missed"], result["cuts"]["false"]) == (0, 0), name
    assert result["idf1"] >= 0.97, name


@pytest.mark.parametrize("name", MUSTS)
def test_tracks_keep_to_people(name: str) -> None:
    (result,) = measure([SCENES[name]])
    assert result["faces"] >= 100
    assert_as_it_must_be(result)


def test_the_committed_figures_hold_what_is_demanded() -> None:
    scenes = json.loads(COMMITTED.read_text())["scenes"]
    assert [scene["name"] for scene in scenes] == list(SCENES)
    for scene in scenes:
        assert_as_it_must_be(scene)


def test_eight_people_are_found_and_told_apart() -> None:
    finder, described = FaceFinder(40, 0.7), []
    for name in LOOKS:
        rgba = person(name).rgba
        picture = ((rgba[..., :3] + 0.5 * (1 - rgba[..., 3:])) * 255).clip(0, 255).astype(np.uint8)
        still = Still(picture, "PNG", damaged=False)
        found = finder.find(still, still=True)
        assert len(found) == 1
        squares = face_squares(found.boxes, found.landmarks)
        described.append(describe(crop_faces(still.grey(), squares, 48))[0])
    matrix = likeness(*[np.array(described, np.float64)] * 2)
    assert matrix[~np.eye(len(LOOKS), dtype=bool)].max() < 0.85


def test_a_clip_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    paths = [make_clip(SCENES["fast_cross"], tmp_path / folder) for folder in ("one", "two")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def truth_of(*rows: tuple[int, int, float, float]) -> Truth:
    """Rows of frame, identity, left and share seen."""
    table = np.array(rows, np.float64)
    boxes = np.column_stack([table[:, 2], *np.full((3, len(rows)), 100.0)])
    return Truth(table[:, 0].astype(int), table[:, 1].astype(int), boxes, table[:, 3])


def found_of(*rows: tuple[int, int, float]) -> Found:
    table = np.array(rows, np.float64)
    boxes = np.column_stack([table[:, 2], *np.full((3, len(rows)), 100.0)])
    return Found(table[:, 0].astype(int), boxes, table[:, 1].astype(int))


def test_scores_of_a_switch() -> None:
    truth = truth_of(*((frame, 0, 0, 1) for frame in range(10)))
    found = found_of(*((frame, int(frame >= 6), 5) for frame in range(10)))
    scores = score(truth, found)
    assert (scores.switches, scores.fragmentations, scores.missed, scores.false) == (1, 0, 0, 0)
    assert scores.idf1 == pytest.approx(0.6)


def test_scores_of_a_gap_and_of_a_false_box() -> None:
    truth = truth_of(*((frame, 0, 0, 1) for frame in range(10)))
    found = found_of(*((frame, 0, 0) for frame in range(10) if frame != 4), (5, 1, 900))
    scores = score(truth, found)
    assert (scores.switches, scores.fragmentations, scores.missed, scores.false) == (0, 1, 1, 1)
    assert scores.idf1 == pytest.approx(2 * 9 / 20)


def test_hidden_faces_need_not_be_found_and_may_be() -> None:
    truth = truth_of(*((frame, 0, 0, 0.3 if 3 <= frame < 6 else 1) for frame in range(10)))
    for found in (range(10), [0, 1, 2, 6, 7, 8, 9]):
        scores = score(truth, found_of(*((frame, 0, 0) for frame in found)))
        assert scores.idf1 == 1
        assert (scores.missed, scores.false, scores.fragmentations) == (0, 0, 0)
