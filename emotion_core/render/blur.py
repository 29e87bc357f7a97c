"""Irreversible hiding of faces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotion_core.media.planes import Plane
from emotion_core.render.canvas import Canvas, Rect, rect_of_box

_MARGIN: Final = 0.3
"""Of the box's size, on each side: the ellipse then holds the box's corners, ears and hair."""

_CELLS: Final = 6
_SMALLEST_CELL: Final = 8
"""px. A small face gets fewer cells: six would leave it nearly as it was."""


def blur_faces(canvas: Canvas, boxes: Iterable[tuple[float, float, float, float]]) -> None:
    """Replace faces by a few smoothed blocks of their mean colour.

    Each face keeps at most 6 by 6 values of each component, averaged over neighbours: too little
    to tell persons apart, and nothing that a filter could sharpen again.

    Parameters
    ----------
    canvas : Canvas
        Changed inside an ellipse around each box, reaching 30 % of its size beyond it.
    boxes : iterable of tuple of float, px
        x, y, width, height in the upright picture; may lie outside it.
    """
    for box in boxes:
        region = hidden_region(box)
        inside = canvas.clipped(region)
        if inside is None:
            continue
        for view, step in zip(canvas.views(inside), canvas.coding.steps, strict=True):
            hidden = _blocks(view, region, step)
            np.copyto(view, hidden, where=_ellipse(view.shape, region, inside, step))


def hidden_region(box: tuple[float, float, float, float]) -> Rect:
    """The rectangle around the ellipse that `blur_faces` changes; may lie outside the picture."""
    return rect_of_box(box, _MARGIN)


def _blocks(view: Plane, region: Rect, step: int) -> NDArray[np.uint8]:
    """The samples as a smooth field of a few means."""
    cells = []
    # The whole region counts, so that a face at the edge is not shown in finer blocks.
    for samples, pixels in zip(
        view.shape, (region.bottom - region.top, region.right - region.left), strict=True
    ):
        cell = max(pixels / _CELLS, _SMALLEST_CELL) / step
        cells.append(max(1, int(samples / cell)))
    coarse = cv2.resize(view, (cells[1], cells[0]), interpolation=cv2.INTER_AREA)
    coarse = cv2.blur(coarse, (3, 3), borderType=cv2.BORDER_REPLICATE)
    height, width = view.shape
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return smooth.astype(np.uint8, copy=False)


def _ellipse(shape: tuple[int, ...], region: Rect, inside: Rect, step: int) -> NDArray[np.bool_]:
    """Which samples of the part `inside` the picture belong to the region's ellipse."""
    rows = inside.top // step * step + (np.arange(shape[0], dtype=np.float32) + 0.5) * step
    columns = inside.left // step * step + (np.arange(shape[1], dtype=np.float32) + 0.5) * step
    down = (2 * rows - region.top - region.bottom) / (region.bottom - region.top)
    across = (2 * columns - region.left - region.right) / (region.right - region.left)
    return (across**2)[None, :] + (down**2)[:, None] <= 1
