"""The one crop: the upright grey square around a face that the classifier sees.

Training, evaluation and annotation all cut faces here. The square is framed as FER2013 frames its
pictures: on 1,500 of them, the detector's box has a median height of 1.02 of the picture's side
and its centre at (0.50, 0.49).

Coordinates are continuous: pixel ``i`` covers ``[i, i + 1)``.
"""

from __future__ import annotations

import math
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

CROP_NAME: Final = "upright-square-1"
"""Written into model cards; changes whenever the framing does."""

SIDE_PER_BOX_HEIGHT: Final = 0.98
SUPERSAMPLING: Final = 2

LANDMARK_TEMPLATE: Final = np.array(
    [(-0.18, -0.12), (0.18, -0.12), (0.0, 0.07), (-0.14, 0.25), (0.14, 0.25)], np.float64
)
"""Median landmarks of an upright face, in sides of the square from its centre."""


class GreyPicture(Protocol):
    """Full-range grey (height, width), uint8, 0-255: an array, or what gives parts of one."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    def __getitem__(self, part: tuple[slice, slice], /) -> NDArray[np.uint8]: ...


def face_squares(
    boxes: NDArray[np.float32], landmarks: NDArray[np.float32], pixel_aspect: float = 1.0
) -> NDArray[np.float64]:
    """Squares to cut, aligned to the roll of each face.

    Parameters
    ----------
    boxes : ndarray [shape=(n, 4), float32, px]
        x, y, width, height.
    landmarks : ndarray [shape=(n, 5, 2), float32, px]
        Right eye, left eye, nose, right and left mouth corner (the person's right).
    pixel_aspect : float
        Width of a pixel over its height.

    Returns
    -------
    squares : ndarray [shape=(n, 4), float64]
        Centre x, centre y and side in display units (x multiplied by `pixel_aspect`, y in pixels),
        then the roll in radians, clockwise on screen. The roll is the rotation of the least-squares
        similarity between landmarks and template (Umeyama, 1991).
    """
    box = boxes.astype(np.float64)
    centre = (box[:, :2] + box[:, 2:] / 2) * (pixel_aspect, 1.0)
    side = SIDE_PER_BOX_HEIGHT * box[:, 3]
    points = landmarks.astype(np.float64) * (pixel_aspect, 1.0)
    points -= points.mean(axis=1, keepdims=True)
    template = LANDMARK_TEMPLATE - LANDMARK_TEMPLATE.mean(axis=0)
    cosine = (points * template).sum(axis=(1, 2))
    sine = (template[:, 0] * points[:, :, 1] - template[:, 1] * points[:, :, 0]).sum(axis=1)
    return np.column_stack([centre, side, np.arctan2(sine, cosine)])


def whole_picture(height: int, width: int) -> NDArray[np.float64]:
    """The square that covers a picture which is a face crop already: shape (1, 4)."""
    return np.array([[width / 2, height / 2, max(height, width), 0.0]])


def crop_faces(
    luma: GreyPicture,
    squares: NDArray[np.float64],
    size: int,
    pixel_aspect: float = 1.0,
) -> NDArray[np.uint8]:
    """Cut faces from a grey picture, turned upright.

    Parameters
    ----------
    luma : GreyPicture [shape=(height, width), uint8, 0-255]
    squares : ndarray [shape=(n, 4)]
        As `face_squares` gives them.
    size : int
        Side of the result in pixels.
    pixel_aspect : float
        Width of a pixel of `luma` over its height.

    Returns
    -------
    crops : ndarray [shape=(n, size, size), uint8]
        What lies outside the picture repeats its border.
    """
    crops = np.empty((len(squares), size, size), np.uint8)
    for crop, square in zip(crops, squares, strict=True):
        crop[:] = _crop_face(luma, square, size, pixel_aspect)
    return crops


def _crop_face(
    luma: GreyPicture, square: NDArray[np.float64], size: int, pixel_aspect: float
) -> NDArray[np.uint8]:
    cx, cy, side, roll = (float(value) for value in square)
    enlarging = side <= size
    grid = size if enlarging else size * SUPERSAMPLING
    region, left, top = _surroundings(luma, square, pixel_aspect)
    shrink = min(1.0, grid / max(side, 1.0))
    height, width = region.shape
    small: NDArray[Any] = region
    if shrink < 1.0:
        # Averages what would alias: one pixel of `small` is about one of the sampling grid.
        target = (max(1, round(width * shrink * pixel_aspect)), max(1, round(height * shrink)))
        small = cv2.resize(region, target, interpolation=cv2.INTER_AREA)
    scale_x = small.shape[1] / width / pixel_aspect
    scale_y = small.shape[0] / height
    step = side / grid
    cosine, sine = math.cos(roll) * step, math.sin(roll) * step
    # Grid position (column, row) -> display units, from the centre of the square.
    middle = (grid - 1) / 2
    origin_x = cx - left * pixel_aspect - cosine * middle + sine * middle
    origin_y = cy - top - sine * middle - cosine * middle
    matrix = np.array(
        [
            [cosine * scale_x, -sine * scale_x, origin_x * scale_x - 0.5],
            [sine * scale_y, cosine * scale_y, origin_y * scale_y - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(small, matrix, (grid, grid), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    if not enlarging:
        cut = cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA)
    return cut.astype(np.uint8, copy=False)


def _surroundings(
    luma: GreyPicture, square: NDArray[np.float64], pixel_aspect: float
) -> tuple[NDArray[np.uint8], int, int]:
    """The part of the picture that a square at any roll can touch, with its left and top."""
    height, width = luma.shape
    cx, cy, side = float(square[0]) / pixel_aspect, float(square[1]), float(square[2])
    reach_y = side * math.sqrt(0.5) + 2
    reach_x = side * math.sqrt(0.5) / pixel_aspect + 2
    left = int(min(max(cx - reach_x, 0), width - 1))
    top = int(min(max(cy - reach_y, 0), height - 1))
    right = min(max(math.ceil(cx + reach_x), left + 1), width)
    bottom = min(max(math.ceil(cy + reach_y), top + 1), height)
    return luma[top:bottom, left:right], left, top


def visible_shares(
    squares: NDArray[np.float64], height: int, width: int, pixel_aspect: float = 1.0
) -> NDArray[np.float64]:
    """Share of each square that lies inside the picture, 0-1, from a grid of 16 x 16 points."""
    offsets = (np.arange(16) + 0.5) / 16 - 0.5
    dx, dy = (axis.ravel() for axis in np.meshgrid(offsets, offsets))
    cosine, sine = np.cos(squares[:, 3:]), np.sin(squares[:, 3:])
    x = squares[:, :1] + squares[:, 2:3] * (cosine * dx - sine * dy)
    y = squares[:, 1:2] + squares[:, 2:3] * (sine * dx + cosine * dy)
    inside = (x >= 0) & (x < width * pixel_aspect) & (y >= 0) & (y < height)
    return np.asarray(inside.mean(axis=1))
