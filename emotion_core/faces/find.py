"""The search for faces of all wanted sizes in pictures of any size."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.crop import GreyPicture
from emotion_core.faces.detector import (
    OVERLAP_MAX,
    Detections,
    FaceDetector,
    suppress_overlaps,
)

SMALLEST_SEARCHED: Final = 20
"""Height in px at search size of the smallest wanted face: it is found from 16 px on, but its box
is exact only above."""

LARGEST_SEARCHED: Final = 320
"""Height in px at search size up to which faces are found; larger ones in a smaller copy."""

COARSE_SIDE: Final = 320
CANVAS_MULTIPLE: Final = 320
"""Stills of many sizes share a few canvases, because each new size compiles the network again."""


class Picture(Protocol):
    """What finding and cutting faces needs of a frame or a still."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    def grey(self) -> GreyPicture: ...
    def bgr(self, width: int, height: int) -> NDArray[np.uint8]: ...


class FaceFinder:
    """Finds faces from a wanted size on.

    Parameters
    ----------
    min_face : int, px
        Height of the smallest wanted face.
    threshold : float, 0-1
        Smallest score of the detector.
    """

    def __init__(self, min_face: int, threshold: float) -> None:
        self._min_face = min_face
        self._detector = FaceDetector(threshold)

    def find(
        self, picture: Picture, pixel_aspect: float = 1.0, *, still: bool = False
    ) -> Detections:
        """Faces of a picture, in its own pixels.

        Parameters
        ----------
        picture : Picture
        pixel_aspect : float
            Width of a pixel over its height.
        still : bool
            The next picture will have another size.
        """
        multiple = CANVAS_MULTIPLE if still else 1
        fine, *coarse = search_scales(picture.width * pixel_aspect, picture.height, self._min_face)
        found = self._find_at(picture, fine, pixel_aspect, multiple)
        if coarse:
            large = self._find_at(picture, coarse[0], pixel_aspect, multiple)
            found = _merge_scales(found, large, LARGEST_SEARCHED / fine)
        return found

    def _find_at(
        self, picture: Picture, scale: float, pixel_aspect: float, multiple: int
    ) -> Detections:
        width = _even(picture.width * pixel_aspect * scale)
        height = _even(picture.height * scale)
        canvas = picture.bgr(width, height)
        below, right = -height % multiple, -width % multiple
        if below or right:
            canvas = np.pad(canvas, [(0, below), (0, right), (0, 0)])
        found = self._detector.detect(canvas)
        return found.scaled(picture.width / width, picture.height / height)


def search_scales(width: float, height: float, min_face: int) -> list[float]:
    """Scales at which a picture is searched: one for small faces, one more for very large ones."""
    fine = SMALLEST_SEARCHED / min_face
    if min(width, height) * fine <= LARGEST_SEARCHED * 1.5:
        return [fine]
    return [fine, COARSE_SIDE / max(width, height)]


def _merge_scales(fine: Detections, coarse: Detections, limit: float) -> Detections:
    """Small faces from the fine search, faces above `limit` px from the coarse one."""
    fine = fine.take(fine.boxes[:, 3] <= limit)
    coarse = coarse.take(coarse.boxes[:, 3] > limit * 0.8)
    both = Detections.concatenate([coarse, fine])
    both = both.take(np.argsort(-both.scores, kind="stable"))
    return both.take(suppress_overlaps(both.boxes, OVERLAP_MAX))


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))
