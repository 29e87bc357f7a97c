"""FER2013 itself, where the shared data lie beside the checkout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from emotion_core.faces.crop import crop_faces, whole_picture
from training.data.dataset import Dataset
from training.data.source import source_of
from training.data.split import split_training


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


def test_it_is_known_by_its_pixels(fer: Dataset) -> None:
    path = Path("rows.npz")
    assert source_of(fer, path) == "FER2013 (Training rows), FER+ votes"
    without_votes = replace(fer, votes=fer.votes * 0)
    assert source_of(without_votes, path) == "FER2013 (Training rows)"
    other = replace(without_votes, images=fer.images[:, :, ::-1])
    assert source_of(other, path) == "rows.npz (Training rows)"


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
