from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emotion_core.analyse import FaceCutter
from emotion_core.faces.crop import LANDMARK_TEMPLATE, face_squares
from emotion_core.faces.quality import crop_quality, face_quality, smoothness, yaw_degrees
from emotion_core.media.still import Still, read_still
from emotion_core.options import AnalysisOptions

SAMPLES = Path(__file__).resolve().parents[3] / "sample_media" / "portraits"
HOPPER = read_still(SAMPLES / "grace_hopper.jpg")


@pytest.fixture(scope="module")
def cutter() -> FaceCutter:
    return FaceCutter(AnalysisOptions(min_face=20), 48)


@pytest.fixture(scope="module")
def crops(cutter: FaceCutter) -> np.ndarray:
    """Five sharp faces."""
    stills = [HOPPER, *(read_still(path) for path in sorted(SAMPLES.rglob("*.jpg")))]
    return np.concatenate([cutter.cut_still(0, still).crops for still in stills])


def rounded(values: np.ndarray) -> np.ndarray:
    return np.rint(values).clip(0, 255).astype(np.uint8)


def blurred(crops: np.ndarray, sigma: float) -> np.ndarray:
    return np.stack([cv2.GaussianBlur(crop, (0, 0), sigma) for crop in crops])


def test_sharp_faces_have_full_quality_whatever_the_light(crops: np.ndarray) -> None:
    assert len(crops) >= 5
    for changed in (crops, rounded(crops * 0.3), rounded(crops * 0.2 + 100), 255 - crops):
        assert crop_quality(changed) == pytest.approx(1)
        assert smoothness(changed) == pytest.approx(smoothness(crops), abs=0.04)


def test_blur_lowers_it(crops: np.ndarray) -> None:
    medians = [float(np.median(crop_quality(blurred(crops, s)))) for s in (1, 1.5, 2, 3)]
    assert 1 > medians[0] > medians[1] > medians[2] > medians[3]
    assert medians[0] > 0.4
    assert medians[3] < 0.25


def test_noise_lowers_it(crops: np.ndarray) -> None:
    random = np.random.default_rng(0)
    noise = random.normal(0, 1, crops.shape)
    medians = [float(np.median(crop_quality(rounded(crops + s * noise)))) for s in (20, 40, 80)]
    assert 1 >= medians[0] > medians[1] > medians[2]
    assert crop_quality(rounded(random.normal(128, 40, (3, 48, 48)))).max() < 0.1


def test_what_has_no_detail_has_no_quality() -> None:
    assert crop_quality(np.full((1, 48, 48), 90, np.uint8)) == 0
    assert crop_quality(np.empty((0, 48, 48), np.uint8)).shape == (0,)


def test_size_and_position_lower_it(crops: np.ndarray) -> None:
    assert crop_quality(crops, size=0.5) == pytest.approx(0.5)
    assert crop_quality(crops, visible=0.85) == pytest.approx(1)
    assert crop_quality(crops, visible=0.675) == pytest.approx(0.5, abs=1e-6)
    assert crop_quality(crops, visible=0.4) == pytest.approx(0)


def test_inputs_of_another_size_are_judged_at_the_same_scale(cutter: FaceCutter) -> None:
    large = FaceCutter(AnalysisOptions(), 96).cut_still(0, HOPPER).crops
    small = cutter.cut_still(0, HOPPER).crops
    assert smoothness(large) == pytest.approx(smoothness(small), abs=0.08)


def turned(degrees: float) -> np.ndarray:
    """Landmarks of a head that turns to a side, nose in front: shape (1, 5, 2)."""
    depth = np.array([0, 0, 0.16, 0, 0])
    angle = np.radians(degrees)
    points = LANDMARK_TEMPLATE.copy()
    points[:, 0] = points[:, 0] * np.cos(angle) + depth * np.sin(angle)
    return (points[None] * 100 + 200).astype(np.float32)


@pytest.mark.parametrize("roll", [0, 25])
@pytest.mark.parametrize("degrees", [-70, -30, 0, 20, 45, 60])
def test_the_yaw_is_that_of_a_turned_head(degrees: float, roll: float) -> None:
    matrix = cv2.getRotationMatrix2D((200, 200), roll, 1)
    landmarks = cv2.transform(turned(degrees), matrix).astype(np.float32)
    boxes = np.array([[145, 145, 110, 110]], np.float32)
    squares = face_squares(boxes, landmarks)
    # The roll of a turned head is not quite that of its landmarks.
    squares[:, 2] = 100
    assert yaw_degrees(landmarks, squares) == pytest.approx(abs(degrees), abs=4)


def test_a_turned_head_has_less_quality(crops: np.ndarray) -> None:
    boxes = np.array([[149, 149, 102, 102]], np.float32)
    found = []
    for degrees in (0, 25, 45, 75):
        landmarks = turned(degrees)
        squares = face_squares(boxes, landmarks)
        found.append(face_quality(crops[:1], squares, landmarks, (400, 400)).item())
    assert found[0] == found[1] == 1
    assert 0.2 < found[2] < 0.8
    assert found[3] == 0


def test_a_face_at_the_edge_has_less_quality(cutter: FaceCutter) -> None:
    whole = cutter.cut_still(0, HOPPER)
    x = round(float(whole.detections.boxes[0, 0] + whole.detections.boxes[0, 2] * 0.35))
    part = Still(np.ascontiguousarray(HOPPER.rgb[:, x:]), "PNG", damaged=False)
    cut = cutter.cut_still(0, part)
    assert len(cut) == 1
    assert whole.quality == pytest.approx(1)
    assert cut.quality < 0.9


def test_small_faces_have_less_quality(cutter: FaceCutter) -> None:
    size = (HOPPER.width // 7, HOPPER.height // 7)
    small = Still(cv2.resize(HOPPER.rgb, size, interpolation=cv2.INTER_AREA), "PNG", damaged=False)
    cut = cutter.cut_still(0, small)
    assert cut.quality == pytest.approx(cut.detections.boxes[:, 3] * 0.98 / 48, abs=0.05)
