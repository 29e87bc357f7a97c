from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emotion_core.faces.detector import (
    OVERLAP_MAX,
    Detections,
    FaceDetector,
    find_weights,
    overlap,
    suppress_overlaps,
)

REPOSITORY = Path(__file__).resolve().parents[3]
SAMPLES = sorted((REPOSITORY / "sample_media").rglob("*.jpg"))
PHOTOS = sorted((REPOSITORY.parent / "shared" / "photos").glob("*.jpg"))
THRESHOLD = 0.6
BOX_TOLERANCE_PX = 0.01
SCORE_TOLERANCE = 1e-5


def detect_with_opencv(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    detector = cv2.FaceDetectorYN.create(
        str(find_weights()), "", (width, height), THRESHOLD, OVERLAP_MAX, 5000
    )
    _, rows = detector.detect(picture)
    rows = np.zeros((0, 15), np.float32) if rows is None else rows
    return rows[np.argsort(-rows[:, 14], kind="stable")]


def assert_equal_to_opencv(path: Path) -> int:
    picture = cv2.imread(str(path))
    rows = detect_with_opencv(picture)
    found = FaceDetector(THRESHOLD).detect(picture)
    assert len(found) == len(rows)
    assert np.abs(found.boxes - rows[:, :4]).max(initial=0) < BOX_TOLERANCE_PX
    landmarks = found.landmarks.reshape(-1, 10)
    assert np.abs(landmarks - rows[:, 4:14]).max(initial=0) < BOX_TOLERANCE_PX
    assert np.abs(found.scores - rows[:, 14]).max(initial=0) < SCORE_TOLERANCE
    return len(rows)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_equal_to_opencv_on_samples(path: Path) -> None:
    assert assert_equal_to_opencv(path) > 0


@pytest.mark.skipif(not PHOTOS, reason="../shared/photos is not here")
def test_equal_to_opencv_on_group_photos() -> None:
    assert sum(assert_equal_to_opencv(path) for path in PHOTOS) > 40


def test_a_picture_without_a_face() -> None:
    found = FaceDetector(THRESHOLD).detect(np.full((100, 70, 3), 128, np.uint8))
    assert len(found) == 0
    assert found.landmarks.shape == (0, 5, 2)


def test_suppression_keeps_the_best_of_overlapping_boxes() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 10, 10], [20, 0, 10, 10], [5, 0, 10, 10]], np.float32)
    assert suppress_overlaps(boxes, 0.3).tolist() == [0, 2]
    assert overlap(boxes[0], boxes)[[0, 2]].tolist() == [1.0, 0.0]
    assert overlap(boxes[0], boxes)[3] == pytest.approx(50 / 150)


def test_scaling_detections() -> None:
    found = Detections(
        np.array([[1, 2, 3, 4]], np.float32), np.ones(1, np.float32), np.ones((1, 5, 2), np.float32)
    ).scaled(2, 3)
    assert found.boxes.tolist() == [[2, 6, 6, 12]]
    assert found.landmarks[0, 0].tolist() == [2, 3]
