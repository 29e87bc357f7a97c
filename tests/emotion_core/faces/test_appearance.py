from __future__ import annotations

import cv2
import numpy as np

from emotion_core.faces.appearance import LENGTH, describe, likeness


def crops() -> np.ndarray:
    blobs = np.random.default_rng(0).normal(128, 60, (4, 6, 6)).clip(40, 200).astype(np.float32)
    return np.stack([cv2.resize(blob, (48, 48)) for blob in blobs]).astype(np.uint8)


def test_light_and_contrast_change_little_and_another_face_much() -> None:
    plain = describe(crops())
    dim = describe((crops() * 0.5 + 20).astype(np.uint8))
    assert plain.shape == (4, LENGTH)
    assert plain.dtype == np.int8
    alike = likeness(plain.astype(float), dim.astype(float))
    assert (np.diag(alike) > 0.98).all()
    assert alike[~np.eye(4, dtype=bool)].max() < 0.7


def test_a_flat_crop_is_like_nothing() -> None:
    flat = describe(np.full((1, 48, 48), 90, np.uint8))
    assert not flat.any()
    assert likeness(flat.astype(float), describe(crops()).astype(float)).tolist() == [[0] * 4]
    assert describe(np.empty((0, 48, 48), np.uint8)).shape == (0, LENGTH)
