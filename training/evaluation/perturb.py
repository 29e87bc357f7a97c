"""Faces made worse in ways that happen to video: seven changes, three strengths each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.quality import crop_quality

Face = NDArray[np.uint8]
Change = Callable[[Face, float, np.random.Generator], NDArray[Any]]


def _blur(face: Face, sigma_px: float, _: np.random.Generator) -> NDArray[Any]:
    return cv2.GaussianBlur(face, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)


def _noise(face: Face, sigma: float, rng: np.random.Generator) -> NDArray[Any]:
    return face + rng.normal(0, sigma, face.shape)


def _jpeg(face: Face, quality: float, _: np.random.Generator) -> NDArray[Any]:
    coded = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    decoded = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    assert decoded is not None
    return decoded


def _low_light(face: Face, gain: float, rng: np.random.Generator) -> NDArray[Any]:
    # Photon noise: its variance is the signal, so that its share grows as light falls.
    dark = face * gain
    return np.asarray(dark + rng.normal(0, 1, face.shape) * np.sqrt(dark))


def _low_resolution(face: Face, side_px: float, _: np.random.Generator) -> NDArray[Any]:
    small = cv2.resize(face, (int(side_px), int(side_px)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, face.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _occlusion(face: Face, share: float, rng: np.random.Generator) -> NDArray[Any]:
    side = round(face.shape[0] * share)
    top, left = rng.integers(0, face.shape[0] - side + 1, 2)
    covered = face.copy()
    covered[top : top + side, left : left + side] = int(face.mean())
    return covered


def _cut_off(face: Face, share: float, rng: np.random.Generator) -> NDArray[Any]:
    # What lies outside a picture repeats its border, as in the crop of annotation.
    cut = face.copy()
    outside, turned = round(face.shape[0] * share), np.rot90(cut, int(rng.integers(4)))
    turned[:outside] = turned[outside]
    return cut


CHANGES: Final[dict[str, tuple[Change, str, tuple[float, float, float]]]] = {
    "blur": (_blur, "σ, px of 48", (0.8, 1.5, 2.5)),
    "noise": (_noise, "σ, grey levels of 255", (8, 15, 30)),
    "jpeg": (_jpeg, "quality", (30, 15, 5)),
    "low light": (_low_light, "share of the light", (0.3, 0.15, 0.05)),
    "low resolution": (_low_resolution, "side, px", (24, 16, 12)),
    "occlusion": (_occlusion, "share of the side", (0.25, 0.4, 0.55)),
    "cut off": (_cut_off, "share outside the picture", (0.2, 0.3, 0.4)),
}
"""Of each change its function, the unit of its strength, and three strengths, mildest first."""


def perturb(faces: Face, change: str, strength: float, seed: int = 0) -> Face:
    """Change every face.

    Parameters
    ----------
    faces : ndarray [shape=(n, side, side), uint8, grey 0-255]
    change : str
        A key of `CHANGES`.
    strength : float
        In the unit of the change.
    seed : int
        Of noise and places.

    Returns
    -------
    ndarray [shape=(n, side, side), uint8, grey 0-255]
    """
    function, rng = CHANGES[change][0], np.random.default_rng(seed)
    changed = [np.clip(np.rint(function(face, strength, rng)), 0, 255) for face in faces]
    return np.stack(changed).astype(np.uint8)


def quality_after(faces: Face, change: str, strength: float) -> NDArray[np.float32]:
    """Quality of changed faces as annotation would have it, shape (n,), 0-1.

    It knows how small a face is, and how much of it lies outside the picture; of all else it has
    the crop alone.

    Parameters
    ----------
    faces : ndarray [shape=(n, side, side), uint8, grey 0-255]
        As `perturb` gives them.
    change, strength
        As `perturb` takes them.
    """
    size = strength / faces.shape[1] if change == "low resolution" else 1.0
    visible = 1 - strength if change == "cut off" else 1.0
    return crop_quality(faces, size, visible)
