"""FER2013 itself, where the shared data lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emotion_core.faces.crop import crop_faces, whole_picture
from training.data.dataset import Dataset
from training.data.split import split_training


@pytest.fixture(scope="module")
def fer(shared_fer: Path) -> Dataset:
    with np.load(shared_fer / "labels.npz", allow_pickle=False) as labels:
        arrays = {name: labels[name].astype(np.uint8) for name in ("emotion", "usage", "votes")}
    tiles = []
    for path in sorted(shared_fer.glob("mosaic_*.webp")):
        mosaic = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        tiles.append(mosaic.reshape(50, 48, 50, 48).transpose(0, 2, 1, 3).reshape(-1, 48, 48))
    return Dataset(images=np.concatenate(tiles)[: len(arrays["emotion"])], **arrays)


def test_the_split_drops_copies_of_test_rows_and_rows_that_show_no_face(fer: Dataset) -> None:
    split = split_training(fer)
    assert (len(split.fit), len(split.held_back)) == (25_055, 2_707)
    assert split.dropped == {
        "pixels also in a test split": 351,
        "nearly the same picture in a test split": 321,
        "no FER+ vote for an emotion": 139,
        "held back, but nearly a picture that is fitted": 136,
    }
    learned = {fer.images[row].tobytes() for row in (*split.fit, *split.held_back)}
    assert not any(image.tobytes() in learned for image in fer.images[fer.usage != 0])


def test_every_class_is_on_both_sides_in_like_shares(fer: Dataset) -> None:
    split = split_training(fer)
    shares = [
        np.bincount(fer.emotion[rows], minlength=7) / len(rows)
        for rows in (split.fit, split.held_back)
    ]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.02)


def test_the_crop_leaves_real_pictures_as_they_are(fer: Dataset) -> None:
    square = whole_picture(48, 48)
    for image in fer.images[:: len(fer) // 200]:
        np.testing.assert_array_equal(crop_faces(image, square, 48)[0], image)
