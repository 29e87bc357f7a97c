"""People who are told apart by sight: two public-domain portraits and variations of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.detector import Detections
from emotion_core.faces.find import FaceFinder
from emotion_core.media.still import Still
from scripts.sample_scenes import Cutout, collins, hopper

Colour = tuple[float, float, float]

SHOULDERS: Final = 0.95
"""A bust ends so many face heights below the centre of the face."""


@dataclass(frozen=True)
class Look:
    """How a person differs from the portrait.

    Attributes
    ----------
    portrait : str
        hopper or collins.
    mirrored : bool
    width : float
        Factor.
    tint : tuple of 3 floats
        Factors of red, green and blue.
    beard, headband : tuple of 3 floats or None
        Colour (0-1); None: has none.
    glasses : str
        "", "clear" or "dark".
    """

    portrait: str
    mirrored: bool = False
    width: float = 1.0
    tint: Colour = (1.0, 1.0, 1.0)
    beard: Colour | None = None
    headband: Colour | None = None
    glasses: str = ""


LOOKS: Final[Mapping[str, Look]] = MappingProxyType(
    {
        "ada": Look("hopper"),
        "ben": Look("collins"),
        "cem": Look("hopper", True, 0.86, (0.62, 0.5, 0.42), beard=(0.1, 0.07, 0.05)),
        "dee": Look("collins", True, 1.1, (0.95, 0.95, 1.0), glasses="clear"),
        "eva": Look("hopper", width=1.08, tint=(1.1, 1.0, 0.85), headband=(0.75, 0.1, 0.15)),
        "fay": Look("collins", tint=(0.5, 0.4, 0.36), headband=(0.95, 0.9, 0.4)),
        "gus": Look("hopper", tint=(0.9, 0.8, 0.75), beard=(0.85, 0.85, 0.85), glasses="dark"),
        "hal": Look("collins", True, 0.88, (0.8, 0.7, 0.6), beard=(0.16, 0.1, 0.06)),
    }
)


@dataclass(frozen=True, repr=False)
class Person:
    """A bust to place.

    Attributes
    ----------
    rgba : ndarray [shape=(height, width, 4), float32, 0-1]
        Premultiplied by the last channel.
    box : ndarray [shape=(4,), float64, px]
        The detector's box: x, y, width, height.
    """

    rgba: NDArray[np.float32]
    box: NDArray[np.float64]

    def __repr__(self) -> str:
        return f"Person({self.rgba.shape[1]}x{self.rgba.shape[0]})"

    @property
    def centre(self) -> tuple[float, float]:
        """Of the box."""
        x, y, width, height = self.box
        return float(x + width / 2), float(y + height / 2)


@cache
def person(name: str) -> Person:
    """One of `LOOKS`."""
    look = LOOKS[name]
    base = hopper() if look.portrait == "hopper" else collins()
    rgba = _bust(base)
    found = _face(rgba)
    marks, box = found.landmarks[0].astype(np.float64), found.boxes[0].astype(np.float64)
    rgba = (rgba * np.array([*look.tint, 1], np.float32)).clip(0, rgba[..., 3:])
    if look.beard is not None:
        _add_beard(rgba, marks, box, look.beard)
    if look.headband is not None:
        _add_headband(rgba, marks, box, look.headband)
    if look.glasses:
        _add_glasses(rgba, marks, box, look.glasses == "dark")
    if look.mirrored:
        rgba = rgba[:, ::-1]
    size = (round(rgba.shape[1] * look.width), rgba.shape[0])
    rgba = cv2.resize(rgba, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return Person(rgba, _face(rgba).boxes[0].astype(np.float64))


@cache
def head_from_behind(name: str) -> NDArray[np.float32]:
    """The same bust without a face: hair all over, as `Person.rgba`."""
    rgba = person(name).rgba.copy()
    x, y, width, height = person(name).box
    middle = (round(x + width / 2), round(y + height * 0.47))
    mask = cv2.ellipse(
        np.zeros(rgba.shape[:2], np.float32),
        *(middle, (round(width * 0.68), round(height * 0.72)), 0, 0, 360, 1, -1),
    )
    rows = np.arange(rgba.shape[0], dtype=np.float32)[:, None] / rgba.shape[0]
    hair = np.array([0.22, 0.16, 0.12], np.float32) * (1.2 - 0.5 * rows)[..., None]
    _paint(rgba, cv2.GaussianBlur(mask, (0, 0), 4), hair)
    return rgba


def _bust(base: Cutout) -> NDArray[np.float32]:
    bottom = min(round(base.face_y + SHOULDERS * base.face_height), base.rgba.shape[0])
    return base.rgba[:bottom]


def _face(rgba: NDArray[np.float32]) -> Detections:
    """The one face of a bust in front of grey."""
    picture = (rgba[..., :3] + 0.5 * (1 - rgba[..., 3:])) * 255 + 0.5
    still = Still(picture.clip(0, 255).astype(np.uint8), "PNG", damaged=False)
    found = _finder().find(still, still=True)
    if len(found) != 1:
        raise ValueError(f"{len(found)} faces where one should be")
    return found


@cache
def _finder() -> FaceFinder:
    return FaceFinder(40, 0.7)


def _paint(rgba: NDArray[np.float32], mask: NDArray[np.floating], colour: object) -> None:
    """Lay a colour over what the bust covers, in place."""
    alpha = rgba[..., 3:]
    share = np.asarray(mask, np.float32)[..., None]
    rgba[..., :3] = rgba[..., :3] * (1 - share) + np.asarray(colour, np.float32) * alpha * share


def _add_beard(
    rgba: NDArray[np.float32], marks: NDArray[np.float64], box: NDArray[np.float64], colour: Colour
) -> None:
    mouth = marks[3:].mean(axis=0)
    width, height = box[2:]
    mask = np.zeros(rgba.shape[:2], np.float32)
    below = (round(mouth[0]), round(mouth[1] + 0.06 * height))
    cv2.ellipse(mask, below, (round(0.4 * width), round(0.27 * height)), 0, 0, 360, 1, -1)
    lips = (round(mouth[0]), round(mouth[1]))
    cv2.ellipse(mask, lips, (round(0.19 * width), round(0.055 * height)), 0, 0, 360, 0, -1)
    mask[: round(mouth[1] - 0.1 * height)] = 0
    _paint(rgba, 0.9 * cv2.GaussianBlur(mask, (0, 0), 3), colour)


def _add_headband(
    rgba: NDArray[np.float32], marks: NDArray[np.float64], box: NDArray[np.float64], colour: Colour
) -> None:
    eyes = marks[:2].mean(axis=0)
    width, height = box[2:]
    mask = np.zeros(rgba.shape[:2], np.float32)
    top, bottom = round(eyes[1] - 0.42 * height), round(eyes[1] - 0.19 * height)
    left, right = round(eyes[0] - 0.75 * width), round(eyes[0] + 0.75 * width)
    mask[max(top, 0) : bottom, max(left, 0) : right] = 1
    _paint(rgba, cv2.GaussianBlur(mask, (0, 0), 2), colour)


def _add_glasses(
    rgba: NDArray[np.float32], marks: NDArray[np.float64], box: NDArray[np.float64], dark: bool
) -> None:
    radius, line = round(0.17 * box[2]), max(2, round(0.03 * box[2]))
    mask = np.zeros(rgba.shape[:2], np.float32)
    right, left = ((round(x), round(y)) for x, y in marks[:2])
    for eye in (right, left):
        cv2.circle(mask, eye, radius, 1, -1 if dark else line)
    cv2.line(mask, right, left, 1, line)
    _paint(rgba, 0.92 * cv2.GaussianBlur(mask, (0, 0), 1), (0.05, 0.05, 0.07))
