from __future__ import annotations

import numpy as np
import pytest

from training.exploration.pixel_statistics import (
    class_pixels,
    principal_components,
    share_between_classes,
)


def test_a_class_without_pictures_has_no_mean() -> None:
    images = np.array([0, 100, 7], np.uint8)[:, None, None] * np.ones((1, 48, 48), np.uint8)
    first, none, third = class_pixels(images, np.array([0, 0, 2]), 3)
    assert none is None
    assert first is not None
    assert third is not None
    assert (first.mean == 50).all()
    assert (first.deviation == 50).all()
    assert (third.mean == 7).all()


def test_components_are_the_directions_in_which_pictures_differ() -> None:
    rng = np.random.default_rng(0)
    x = np.linspace(-1, 1, 48)
    along, across = np.tile(x, (48, 1)), np.tile(x[:, None], (1, 48))
    angles = rng.uniform(0, 2 * np.pi, (200, 1, 1))
    pictures = 128 + 80 * (2 * np.cos(angles) * along + np.sin(angles) * across) / 3
    found = principal_components(pictures.astype(np.uint8))
    assert found.needed_for(0.9) == 2
    assert found.scores.shape == (200, 50)
    assert found.explained.sum() == pytest.approx(1, abs=1e-4)
    shapes = [face.ravel() for face in found.faces[:2]]
    for shape, wanted in zip(shapes, (along, across), strict=True):
        assert abs(np.corrcoef(shape, wanted.ravel())[0, 1]) > 0.99
    np.testing.assert_allclose(found.scores.var(axis=0)[:2], found.explained[:2] * 48**2, rtol=0.02)


def test_share_between_classes_is_one_for_points_apart_and_nought_for_equal_means() -> None:
    labels = np.array([0, 0, 5, 5])
    values = np.array([[1.0, 0.0, 3.0], [1.0, 2.0, 3.0], [2.0, 0.0, 3.0], [2.0, 2.0, 3.0]])
    np.testing.assert_allclose(share_between_classes(values, labels), [1, 0, 0])
