"""How fit a face is for the classifier: its size, detail, share in the picture, and turn.

Each part is 1 up to where the classifier errs no more often than on pictures like those that it was
fitted on, and falls to 0; `docs/decisions/015-confidence-and-quality.md` has what was measured.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.crop import LANDMARK_TEMPLATE, visible_shares

SMOOTH: Final = 0.75
"""Smoothness from which on detail is missing; 1 is a picture without any."""

ROUGH: Final = 0.4
"""Smoothness below which noise outweighs detail; 0 is noise alone."""

VISIBLE: Final = (0.5, 0.85)
"""Share of the square inside the picture at which nothing, and at which all can be told."""

YAW: Final = (60.0, 30.0)
"""Turns to the side, in degrees, at which nothing, and at which all can be told."""

NOSE_DEPTH: Final = 0.16
"""How far the tip of the nose stands out before the eyes, in sides of the square: with it, turns
that are reckoned from the nose and from the distance between the eyes agree best."""

_EYES_APART: Final = float(LANDMARK_TEMPLATE[1, 0] - LANDMARK_TEMPLATE[0, 0])
_REFERENCE_SIDE: Final = 48
_LAGS: Final = (1, 4)
_BLOCK: Final = 16
"""Faces at a time: what they take fits the processor's cache."""


def face_quality(
    crops: NDArray[np.uint8],
    squares: NDArray[np.float64],
    landmarks: NDArray[np.float32],
    picture: tuple[int, int],
    pixel_aspect: float = 1.0,
) -> NDArray[np.float32]:
    """Quality of faces that were cut out of a picture: shape (n,), 0-1.

    Parameters
    ----------
    crops : ndarray [shape=(n, side, side), uint8, grey 0-255]
    squares : ndarray [shape=(n, 4), float64]
        As `face_squares` gives them.
    landmarks : ndarray [shape=(n, 5, 2), float32, px]
    picture : tuple of int, px
        Height and width.
    pixel_aspect : float
        Width of a pixel over its height.
    """
    size = squares[:, 2] / crops.shape[1]
    visible = visible_shares(squares, *picture, pixel_aspect)
    frontal = _between(yaw_degrees(landmarks, squares, pixel_aspect), *YAW)
    return np.asarray(crop_quality(crops, size, visible) * frontal, np.float32)


def crop_quality(
    crops: NDArray[np.uint8],
    size: NDArray[np.float64] | float = 1.0,
    visible: NDArray[np.float64] | float = 1.0,
) -> NDArray[np.float32]:
    """Quality as far as a crop tells, whose landmarks are not known: shape (n,), 0-1.

    Parameters
    ----------
    crops : ndarray [shape=(n, side, side), uint8, grey 0-255]
    size : ndarray [shape=(n,)] or float
        Side of the square in the picture, over that of the crop.
    visible : ndarray [shape=(n,)] or float
        Share of the square inside the picture.
    """
    smooth = smoothness(crops)
    sharp = _between(smooth, 1.0, SMOOTH)
    clean = _between(smooth, 0.0, ROUGH)
    detail = np.minimum(np.minimum(sharp, clean), size)
    return np.asarray(detail * _between(visible, *VISIBLE), np.float32)


def smoothness(crops: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How smooth crops are: shape (n,), 0 for white noise, about 0.55 for faces, 1 for a slope.

    Half the slope of the structure function (the mean squared difference of grey values over their
    distance), on logarithmic axes, between 1 and 4 px of 48: the Hurst exponent of a surface that
    looks alike at all scales (Mandelbrot and Van Ness, 1968). Neither brightness nor contrast
    changes it. Larger crops are shrunk before, by whole numbers.

    Parameters
    ----------
    crops : ndarray [shape=(n, side, side), uint8, grey 0-255]
    """
    blocks = [_smoothness(crops[start : start + _BLOCK]) for start in range(0, len(crops), _BLOCK)]
    return np.concatenate(blocks) if blocks else np.empty(0)


def _smoothness(crops: NDArray[np.uint8]) -> NDArray[np.float64]:
    small = _shrunk(crops)
    # Every second line is enough, and takes half the time.
    lines = np.concatenate([small[:, ::2], small[:, :, ::2].transpose(0, 2, 1)], axis=1)
    lines = lines.astype(np.float32)
    near, far = (_mean_square_difference(lines, lag) for lag in _LAGS)
    # A picture of one grey value has no detail.
    ratio = np.divide(far, near, out=np.full(len(crops), np.inf), where=near > 0)
    return np.asarray((np.log(ratio) / np.log(_LAGS[1] / _LAGS[0]) / 2).clip(0, 1))


def _shrunk(crops: NDArray[np.uint8]) -> NDArray[Any]:
    step = max(1, round(crops.shape[1] / _REFERENCE_SIDE))
    if step == 1:
        return crops
    side = crops.shape[1] // step
    whole = crops[:, : side * step, : side * step]
    return np.asarray(whole.reshape(len(crops), side, step, side, step).mean(axis=(2, 4)))


def _mean_square_difference(lines: NDArray[np.float32], lag: int) -> NDArray[np.float64]:
    apart = (lines[:, :, lag:] - lines[:, :, :-lag]).reshape(len(lines), -1)
    return np.asarray(np.einsum("ni,ni->n", apart, apart) / apart.shape[1], np.float64)


def yaw_degrees(
    landmarks: NDArray[np.float32], squares: NDArray[np.float64], pixel_aspect: float = 1.0
) -> NDArray[np.float64]:
    """How far faces are turned to a side: shape (n,), 0-90 degrees.

    Turned by an angle, a face shows the distance between its eyes times the cosine, and the nose
    leaves the middle between them by its depth times the sine.

    Parameters
    ----------
    landmarks : ndarray [shape=(n, 5, 2), float32, px]
    squares : ndarray [shape=(n, 4), float64]
        As `face_squares` gives them.
    pixel_aspect : float
        Width of a pixel over its height.
    """
    points = landmarks.astype(np.float64) * (pixel_aspect, 1.0)
    along = np.stack([np.cos(squares[:, 3]), np.sin(squares[:, 3])], axis=1)
    across = np.einsum("npa,na->np", points, along) / squares[:, 2:3]
    right, left, nose = across[:, 0], across[:, 1], across[:, 2]
    aside = np.abs(nose - (right + left) / 2) / NOSE_DEPTH
    apart = np.maximum(left - right, 0) / _EYES_APART
    return np.asarray(np.degrees(np.arctan2(aside, apart)))


def _between(values: NDArray[np.float64] | float, none: float, full: float) -> NDArray[np.float64]:
    """0 at `none` and beyond, 1 at `full` and beyond, evenly between."""
    return np.minimum(np.maximum((np.asarray(values, np.float64) - none) / (full - none), 0), 1)
