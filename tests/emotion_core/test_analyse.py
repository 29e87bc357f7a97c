from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emotion_core.analyse import Analyser
from emotion_core.bundle import load_bundle
from emotion_core.faces.faces import Faces
from emotion_core.media.still import Still, read_still
from emotion_core.options import AnalysisOptions

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media" / "portraits"
BOX_ERROR = 25
"""px: the detector places a small box to within some 12 % of its height."""

GROUP = SAMPLES / "group" / "three_faces.jpg"


def faces_of(still: Still, **options: object) -> Faces:
    return Analyser(load_bundle(), AnalysisOptions(**options)).analyse_still(0, still)


def test_all_faces_of_a_group() -> None:
    faces = faces_of(read_still(GROUP))
    assert len(faces) == 3
    assert np.isfinite(faces.logits).all()
    assert ((faces.quality > 0) & (faces.quality <= 1)).all()
    assert (faces.boxes[:, 3] >= 40).all()


def test_max_faces_keeps_the_largest() -> None:
    everyone = faces_of(read_still(GROUP))
    largest = faces_of(read_still(GROUP), max_faces=1)
    areas = everyone.boxes[:, 2] * everyone.boxes[:, 3]
    assert largest.boxes.tolist() == [everyone.boxes[areas.argmax()].tolist()]


def test_mirrored_faces_are_the_same_faces() -> None:
    plain, mirrored = (faces_of(read_still(GROUP), mirror=mirror) for mirror in (False, True))
    assert (plain.boxes == mirrored.boxes).all()
    assert (plain.quality == mirrored.quality).all()
    assert (np.abs(plain.logits - mirrored.logits).max(axis=1) > 1e-3).all()


def test_min_face_leaves_out_smaller_ones() -> None:
    heights = sorted(faces_of(read_still(GROUP)).boxes[:, 3])
    limit = round(heights[0]) + 2
    assert len(faces_of(read_still(GROUP), min_face=limit)) == 2


@pytest.mark.parametrize("factor", [0.25, 0.5, 1, 2, 4, 7])
def test_one_face_is_found_at_any_size(factor: float) -> None:
    still = read_still(SAMPLES / "grace_hopper.jpg")
    size = (round(still.width * factor), round(still.height * factor))
    scaled = Still(cv2.resize(still.rgb, size, interpolation=cv2.INTER_AREA), "PNG", damaged=False)
    faces = faces_of(scaled)
    assert len(faces) == 1
    x, y, width, height = faces.boxes[0] / factor
    assert (x, y) == pytest.approx((183, 120), abs=BOX_ERROR)
    assert (width, height) == pytest.approx((170, 212), abs=BOX_ERROR)


def test_a_picture_without_a_face() -> None:
    faces = faces_of(Still(np.full((90, 120, 3), 90, np.uint8), "PNG", damaged=False))
    assert len(faces) == 0
    assert faces.logits.shape == (0, 7)
