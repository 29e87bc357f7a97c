"""A small bar chart of seven probabilities beside a face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from emotion_core.labels import COLOURS, EMOTIONS
from emotion_core.render.canvas import Canvas, Rect, Sprite
from emotion_core.render.text import (
    DARK,
    PALE,
    SMOOTHING,
    WHITE,
    even,
    font_of,
    rounded,
    text_width,
)

_OPACITY: Final = 190
_TRACK: Final = (60, 60, 60)


@dataclass(frozen=True)
class ChartLayout:
    """Measures in px of a chart whose font has `size` px."""

    size: int

    @cached_property
    def padding(self) -> int:
        return even(self.size * 0.5)

    @cached_property
    def row(self) -> int:
        return even(self.size * 1.2)

    @cached_property
    def inset(self) -> int:
        return max(2, 2 * round(self.row / 8))

    @cached_property
    def bar_left(self) -> int:
        names = max(text_width(name, self.size) for name in EMOTIONS)
        return even(self.padding + names + self.size * 0.5)

    @cached_property
    def bar_width(self) -> int:
        return even(self.size * 4)

    @cached_property
    def width(self) -> int:
        return self.bar_left + self.bar_width + self.padding

    @cached_property
    def height(self) -> int:
        return len(EMOTIONS) * self.row + 2 * self.padding


def draw_chart(
    canvas: Canvas, layout: ChartLayout, place: Rect, probabilities: Sequence[float]
) -> None:
    """Draw a chart.

    Parameters
    ----------
    canvas : Canvas
    layout : ChartLayout
    place : Rect
        Where: of the layout's size, at even coordinates.
    probabilities : sequence of float
        Seven, 0-1, in the order of `EMOTIONS`.
    """
    strongest = int(np.argmax(probabilities))
    canvas.paint(_panel(layout, strongest), place.left, place.top)
    for index, (name, probability) in enumerate(zip(EMOTIONS, probabilities, strict=True)):
        top = place.top + layout.padding + index * layout.row
        left = place.left + layout.bar_left
        share = min(max(float(probability), 0.0), 1.0)
        length = 2 * round(layout.bar_width * share / 2)
        bar = Rect(left, top + layout.inset, left + length, top + layout.row - layout.inset)
        canvas.fill(bar, COLOURS[name])


@lru_cache(maxsize=64)
def _panel(layout: ChartLayout, strongest: int) -> Sprite:
    """Everything but the bars: background, names, the empty tracks of the bars."""
    size = (layout.width * SMOOTHING, layout.height * SMOOTHING)
    canvas = Image.new("RGB", size, DARK)
    draw = ImageDraw.Draw(canvas)
    alpha = rounded(layout.width, layout.height, layout.size / 2, _OPACITY)
    right = layout.bar_left + layout.bar_width
    for index, name in enumerate(EMOTIONS):
        top = layout.padding + index * layout.row
        name_right = (layout.bar_left - layout.size / 2) * SMOOTHING
        draw.text(
            (name_right, (top + layout.row / 2) * SMOOTHING),
            name,
            fill=WHITE if index == strongest else PALE,
            font=font_of(layout.size * SMOOTHING),
            anchor="rm",
        )
        track = (layout.bar_left, top + layout.inset, right, top + layout.row - layout.inset)
        draw.rectangle(tuple(edge * SMOOTHING for edge in track), fill=_TRACK)
    return Sprite(np.asarray(canvas.reduce(SMOOTHING)), alpha)


@lru_cache(maxsize=32)
def chart_layout(size: int) -> ChartLayout:
    """The layout of a font size; measured once."""
    return ChartLayout(size)
