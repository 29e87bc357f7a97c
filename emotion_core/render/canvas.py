"""A picture to draw on: component planes, so that video is never turned into RGB and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from emotion_core.media.planes import Plane, Planes
from emotion_core.render.settings import UNSPECIFIED

Colour = tuple[int, int, int]
"""R, G, B, 0-255."""

_LUMA_WEIGHTS: Final = {1: (0.2126, 0.0722), 9: (0.2627, 0.0593), 10: (0.2627, 0.0593)}
"""Weights of red and blue by matrix code (ITU-T H.273): BT.709, BT.2020."""

_BT601_WEIGHTS: Final = (0.299, 0.114)
_HD_HEIGHT: Final = 720
_BLACK_LUMA: Final = 16
_FARTHEST: Final = 1e6


class Rect(NamedTuple):
    """Pixels `left <= x < right`, `top <= y < bottom`; may lie outside the picture."""

    left: int
    top: int
    right: int
    bottom: int

    def grown(self, margin: int) -> Rect:
        """The same with a margin on all sides; a negative one shrinks it."""
        return Rect(
            self.left - margin, self.top - margin, self.right + margin, self.bottom + margin
        )

    def overlaps(self, other: Rect) -> bool:
        """Whether both have a pixel in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True)
class Coding:
    """How R, G, B become the components of a picture.

    Attributes
    ----------
    steps : tuple of int
        Pixels per sample along each axis, by component: (1, 2, 2) is 4:2:0.
    weights : tuple of float or None
        Shares of red and blue in luma; None where the components are R, G, B themselves.
    """

    steps: tuple[int, int, int]
    weights: tuple[float, float] | None

    def codes(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Component codes of colours: (..., 3) uint8 to (..., 3) float32, limited range."""
        colours = rgb.astype(np.float32)
        if self.weights is None:
            return colours
        red, blue = self.weights
        luma = colours @ np.array([red, 1 - red - blue, blue], np.float32)
        u = (colours[..., 2] - luma) / (2 * (1 - blue))
        v = (colours[..., 0] - luma) / (2 * (1 - red))
        return np.stack([16 + luma * 219 / 255, 128 + u * 224 / 255, 128 + v * 224 / 255], -1)


@dataclass(frozen=True, eq=False)
class Sprite:
    """A small picture with transparency, compared by identity so that it can be a cache's key.

    Attributes
    ----------
    rgb : ndarray [shape=(height, width, 3), uint8]
    alpha : ndarray [shape=(height, width), uint8]
        0 is transparent. Width and height are even.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8]

    @property
    def width(self) -> int:
        return int(self.alpha.shape[1])

    @property
    def height(self) -> int:
        return int(self.alpha.shape[0])


@dataclass(frozen=True, repr=False)
class Canvas:
    """Component planes that are drawn on in place.

    Attributes
    ----------
    planes : tuple of ndarray [shape=(height / step, width / step), uint8]
        Rounded up where the size is odd.
    coding : Coding
    """

    planes: tuple[Plane, Plane, Plane]
    coding: Coding

    @classmethod
    def of_video(cls, planes: Planes, matrix: int = UNSPECIFIED) -> Canvas:
        """A canvas on the planes of a video picture, which are changed.

        Parameters
        ----------
        planes : Planes
            Limited range and writable: the result of `Planes.limited`.
        matrix : int
            The video's (ITU-T H.273). Where it is unspecified, the size decides as in players.

        Raises
        ------
        ValueError
            The planes have full range.
        """
        if planes.full_range:
            raise ValueError("only planes of limited range can be drawn on; see Planes.limited")
        hd = matrix == UNSPECIFIED and min(planes.width, planes.height) >= _HD_HEIGHT
        weights = _LUMA_WEIGHTS.get(1 if hd else matrix, _BT601_WEIGHTS)
        return cls((planes.y, planes.u, planes.v), Coding((1, 2, 2), weights))

    @classmethod
    def of_rgb(cls, picture: NDArray[np.uint8]) -> Canvas:
        """A canvas on a still of shape (height, width, 3), R, G, B, 0-255, which is changed."""
        planes = (picture[..., 0], picture[..., 1], picture[..., 2])
        return cls(planes, Coding((1, 1, 1), None))

    def __repr__(self) -> str:
        return f"Canvas({self.width}x{self.height})"

    @cached_property
    def width(self) -> int:
        """In px."""
        return int(self.planes[0].shape[1])

    @cached_property
    def height(self) -> int:
        """In px."""
        return int(self.planes[0].shape[0])

    @property
    def short_side(self) -> int:
        """In px: what sizes of lines and text follow, on upright and lying pictures alike."""
        return min(self.width, self.height)

    def clipped(self, rect: Rect) -> Rect | None:
        """The part of a rectangle inside the picture, or None where there is none."""
        left, top, right, bottom = rect
        if left < 0 or top < 0 or right > self.width or bottom > self.height:
            left, top = max(left, 0), max(top, 0)
            right, bottom = min(right, self.width), min(bottom, self.height)
            rect = Rect(left, top, right, bottom)
        return rect if left < right and top < bottom else None

    def views(self, rect: Rect, components: int = 3) -> list[Plane]:
        """The samples of each component that belong to a rectangle inside the picture.

        Parameters
        ----------
        rect : Rect
        components : int
            Only so many, the first.
        """
        left, top, right, bottom = rect
        return [
            plane[top // step : -(-bottom // step), left // step : -(-right // step)]
            for plane, step in zip(self.planes[:components], self.coding.steps, strict=False)
        ]

    def fill(self, rect: Rect, colour: Colour) -> None:
        """Paint the part of a rectangle that is inside the picture."""
        inside = self.clipped(rect)
        if inside is not None:
            for view, code in zip(self.views(inside), _codes(colour, self.coding), strict=True):
                view[:] = code

    def darken(self, rect: Rect) -> None:
        """Halve the brightness of the part of a rectangle that is inside the picture."""
        inside = self.clipped(rect)
        if inside is None:
            return
        components, black = (3, 0) if self.coding.weights is None else (1, _BLACK_LUMA)
        for view in self.views(inside, components):
            np.right_shift(view, 1, out=view)
            np.add(view, black // 2, out=view)

    def paint(self, sprite: Sprite, left: int, top: int) -> None:
        """Lay a sprite over the picture; what falls outside is cut off.

        Parameters
        ----------
        sprite : Sprite
        left, top : int, px
            Even, so that subsampled components fit.
        """
        inside = self.clipped(Rect(left, top, left + sprite.width, top + sprite.height))
        if inside is None:
            return
        coded = _coded(sprite, self.coding)
        for view, layer, step in zip(self.views(inside), coded, self.coding.steps, strict=True):
            y, x = inside.top // step - top // step, inside.left // step - left // step
            part = layer[:, y : y + view.shape[0], x : x + view.shape[1]]
            view[:] = (view * part[0] + part[1]) // 255


@lru_cache(maxsize=256)
def _codes(colour: Colour, coding: Coding) -> tuple[int, int, int]:
    y, u, v = np.rint(coding.codes(np.array(colour, np.uint8))).astype(int).tolist()
    return y, u, v


@lru_cache(maxsize=128)
def _coded(sprite: Sprite, coding: Coding) -> tuple[NDArray[np.uint16], ...]:
    """For each component: how much of the picture stays, and what is added (times 255)."""
    alpha = sprite.alpha.astype(np.float32)
    codes = coding.codes(sprite.rgb)
    layers = []
    for component, step in enumerate(coding.steps):
        both = np.stack([255 - alpha, codes[..., component] * alpha + 127], axis=-1)
        size = (sprite.width // step, sprite.height // step)
        sampled = cv2.resize(both, size, interpolation=cv2.INTER_AREA)
        layers.append(np.rint(np.moveaxis(sampled, -1, 0)).astype(np.uint16))
    return tuple(layers)


def rect_of_box(box: tuple[float, float, float, float], margin: float = 0.0) -> Rect:
    """The pixels of a box (x, y, width, height), at even coordinates, however large it is.

    Even, because a line over half a chroma sample has a coloured fringe.

    Parameters
    ----------
    box : tuple of float, px
        Without NaN.
    margin : float
        Added on each side, as a share of the box's size.
    """
    # Limited first: infinities would make NaN.
    x, y, width, height = (min(max(value, -_FARTHEST), _FARTHEST) for value in box)
    across, down = margin * width, margin * height
    edges = (x - across, y - down, x + width + across, y + height + down)
    return Rect(*(2 * round(edge / 2) for edge in edges))
