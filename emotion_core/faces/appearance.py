"""What a face looks like, coarsely: enough to tell apart people who are near each other."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE: Final = 12
LENGTH: Final = SIDE * SIDE
SCALE: Final = 40.0
"""Levels to a standard deviation; the largest values, beyond three, are cut off."""


def describe(crops: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Descriptors of face crops, shape (n, LENGTH): shrunk, and standardised against the light.

    Parameters
    ----------
    crops : ndarray [shape=(n, size, size), uint8, grey 0-255]
    """
    small = np.empty((len(crops), SIDE, SIDE), np.float32)
    for target, crop in zip(small, crops, strict=True):
        target[:] = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    flat = small.reshape(len(crops), LENGTH)
    flat -= flat.mean(axis=1, keepdims=True)
    flat *= SCALE / np.maximum(flat.std(axis=1, keepdims=True), 1)
    return np.rint(flat).clip(-127, 127).astype(np.int8)


def likeness(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float32]:
    """Correlation (-1 to 1) of all pairs of descriptors, shape (len(first), len(second))."""
    norms = np.linalg.norm(first, axis=1)[:, None] * np.linalg.norm(second, axis=1)
    return np.asarray((first @ second.T) / np.maximum(norms, 1e-6), np.float32)
