"""Random changes to training pictures, like those that faces undergo in video."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_LIGHTEST: Final = 0.5
_BEST_QUALITY: Final = 60


@dataclass(frozen=True)
class Augmentation:
    """Largest change of each kind, or the share of pictures that undergo it."""

    rotation_deg: float = 18.0
    shift: float = 0.12
    """Of the side."""
    scale: float = 0.18
    stretch: float = 0.10
    """Of the width against the height."""
    contrast: float = 0.25
    brightness: float = 25.0
    """Grey levels of 255. The network standardises its input; only the clipping remains."""
    erase_share: float = 0.35
    soften_share: float = 0.25
    noise_share: float = 0.15
    noise: float = 15.0
    """Largest standard deviation in grey levels of 255."""
    dim_share: float = 0.10
    darkest: float = 0.05
    """Smallest share of the light."""
    compress_share: float = 0.20
    worst_quality: int = 5
    """Lowest JPEG quality; its logarithm is drawn evenly, up to that of 60."""


def augment(
    images: NDArray[np.uint8],
    rng: np.random.Generator,
    augmentation: Augmentation = Augmentation(),
) -> NDArray[np.uint8]:
    """Change every picture at random; the input is left as it is.

    Parameters
    ----------
    images : ndarray [shape=(n, side, side), uint8, 0-255]
    rng : numpy.random.Generator
        The same state gives the same pictures.

    Returns
    -------
    ndarray [shape=(n, side, side), uint8, 0-255]
    """
    changed = np.empty_like(images)
    for i, image in enumerate(images):
        picture = _soften(image, rng, augmentation.soften_share)
        picture = _move(picture, rng, augmentation)
        picture = _expose(picture, rng, augmentation)
        picture = _erase(picture, rng, augmentation.erase_share)
        picture = _dim(picture, rng, augmentation)
        picture = _disturb(picture, rng, augmentation)
        changed[i] = _compress(picture, rng, augmentation)
    return changed


def _move(image: NDArray[np.uint8], rng: np.random.Generator, a: Augmentation) -> NDArray[np.uint8]:
    """Mirror, turn, scale, stretch and shift in one interpolation."""
    side = image.shape[0]
    angle = math.radians(rng.uniform(-a.rotation_deg, a.rotation_deg))
    scale = 1 + rng.uniform(-a.scale, a.scale)
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    across = mirror * (1 + rng.uniform(-a.stretch, a.stretch))
    shift_x, shift_y = rng.uniform(-a.shift, a.shift, 2) * side
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    linear = np.array([[cos * across, -sin], [sin * across, cos]])
    centre = np.full(2, (side - 1) / 2)
    offset = centre - linear @ centre + (shift_x, shift_y)
    moved = cv2.warpAffine(
        image,
        np.column_stack([linear, offset]),
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.uint8)


def _expose(
    image: NDArray[np.uint8], rng: np.random.Generator, a: Augmentation
) -> NDArray[np.uint8]:
    """Stretch about the mean, shift, and clip."""
    gain = 1 + rng.uniform(-a.contrast, a.contrast)
    mean = float(image.mean())
    offset = mean * (1 - gain) + rng.uniform(-a.brightness, a.brightness)
    table = np.clip(np.arange(256) * gain + offset, 0, 255).astype(np.uint8)
    return np.asarray(table[image], np.uint8)


def _soften(image: NDArray[np.uint8], rng: np.random.Generator, share: float) -> NDArray[np.uint8]:
    """Blur, or lose resolution: faces in video are often smaller than the training pictures."""
    if rng.random() >= share:
        return image
    side = image.shape[0]
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(image, (5, 5), rng.uniform(0.4, 1.2)), np.uint8)
    small = int(rng.integers(side // 3, side))
    shrunk = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


def _dim(image: NDArray[np.uint8], rng: np.random.Generator, a: Augmentation) -> NDArray[np.uint8]:
    """Take light away: what is left has few grey levels, and the noise of its photons."""
    if rng.random() >= a.dim_share:
        return image
    dark = image * rng.uniform(a.darkest, _LIGHTEST)
    noisy = dark + rng.normal(0, 1, image.shape) * np.sqrt(dark)
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)


def _disturb(
    image: NDArray[np.uint8], rng: np.random.Generator, a: Augmentation
) -> NDArray[np.uint8]:
    """Add noise: rooms are dark and sensors small."""
    if rng.random() >= a.noise_share:
        return image
    noise = rng.normal(0, rng.uniform(0, a.noise), image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _compress(
    image: NDArray[np.uint8], rng: np.random.Generator, a: Augmentation
) -> NDArray[np.uint8]:
    """Lose what a codec drops first, and gain the edges of its blocks."""
    if rng.random() >= a.compress_share:
        return image
    quality = round(a.worst_quality * (_BEST_QUALITY / a.worst_quality) ** rng.random())
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    assert decoded is not None  # it was written one line above
    return np.asarray(decoded, np.uint8)


def _erase(image: NDArray[np.uint8], rng: np.random.Generator, share: float) -> NDArray[np.uint8]:
    """Fill a rectangle with its picture's mean: hands, hair and microphones hide parts."""
    if rng.random() >= share:
        return image
    side = image.shape[0]
    height, width = rng.integers(side // 8, side // 3 + 1, 2)
    top, left = rng.integers(0, side - height + 1), rng.integers(0, side - width + 1)
    erased = image.copy()
    erased[top : top + height, left : left + width] = int(image.mean())
    return erased
