from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.faces.crop import (
    LANDMARK_TEMPLATE,
    SIDE_PER_BOX_HEIGHT,
    crop_faces,
    face_squares,
    visible_shares,
    whole_picture,
)

RNG = np.random.default_rng(1)
SMOOTH = cv2.GaussianBlur(RNG.integers(0, 256, (400, 500), np.uint8), (0, 0), 8)
SMOOTH = cv2.normalize(SMOOTH, None, 0, 255, cv2.NORM_MINMAX)


def square(x: float, y: float, side: float, roll: float = 0.0) -> np.ndarray:
    return np.array([[x, y, side, roll]])


def test_a_face_crop_passes_unchanged() -> None:
    picture = RNG.integers(0, 256, (48, 48), np.uint8)
    assert (crop_faces(picture, whole_picture(48, 48), 48)[0] == picture).all()


@pytest.mark.parametrize("factor", [2, 3, 5, 10])
def test_shrinking_averages(factor: int) -> None:
    picture = RNG.integers(0, 256, (48, 48), np.uint8)
    large = np.kron(picture, np.ones((factor, factor), np.uint8))
    crop = crop_faces(large, whole_picture(*large.shape), 48)[0]
    assert np.abs(crop.astype(int) - picture).mean() < 2


@given(st.floats(100, 400), st.floats(100, 300), st.floats(20, 150), st.floats(-3, 3))
def test_a_turned_square_cuts_what_a_turned_picture_shows(
    x: float, y: float, side: float, roll: float
) -> None:
    matrix = cv2.getRotationMatrix2D((x - 0.5, y - 0.5), math.degrees(roll), 1.0)
    turned = cv2.warpAffine(SMOOTH, matrix, (500, 400), borderMode=cv2.BORDER_REPLICATE)
    direct = crop_faces(SMOOTH, square(x, y, side, roll), 32)[0]
    around = crop_faces(turned, square(x, y, side), 32)[0]
    reach = side * 0.75
    if reach < x < 500 - reach and reach < y < 400 - reach:
        assert np.abs(direct.astype(int) - around).mean() < 3


@given(st.floats(-600, 1100), st.floats(-500, 900), st.floats(0.5, 3000), st.floats(-7, 7))
def test_any_square_gives_a_crop(x: float, y: float, side: float, roll: float) -> None:
    crop = crop_faces(SMOOTH, square(x, y, side, roll), 48)
    assert crop.shape == (1, 48, 48)
    assert SMOOTH.min() <= crop.min()
    assert crop.max() <= SMOOTH.max()


@given(st.floats(-1.5, 1.5), st.floats(30, 300), st.floats(0.5, 2))
def test_squares_follow_box_and_landmarks(roll: float, height: float, aspect: float) -> None:
    rotation = np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    points = LANDMARK_TEMPLATE @ rotation.T * height + (300, 200)
    stored = (points / (aspect, 1)).astype(np.float32)
    box = np.array([[250 / aspect, 200 - height / 2, 100 / aspect, height]], np.float32)
    x, y, side, found = face_squares(box, stored[None], aspect)[0]
    assert x == pytest.approx(300, rel=1e-5)
    assert y == pytest.approx(200, rel=1e-4)
    assert side == pytest.approx(SIDE_PER_BOX_HEIGHT * height, rel=1e-5)
    assert found == pytest.approx(roll, abs=1e-3)


def test_pixel_aspect_is_undone() -> None:
    narrow = cv2.resize(SMOOTH, (250, 400), interpolation=cv2.INTER_AREA)
    plain = crop_faces(SMOOTH, square(250, 200, 120, 0.4), 48)[0]
    stored = crop_faces(narrow, square(250, 200, 120, 0.4), 48, pixel_aspect=2.0)[0]
    assert np.abs(plain.astype(int) - stored).mean() < 3


def test_visible_share() -> None:
    squares = np.concatenate([square(50, 50, 40), square(0, 50, 40), square(0, 0, 40)])
    assert visible_shares(squares, 100, 100).tolist() == [1.0, 0.5, 0.25]
