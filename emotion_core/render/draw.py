"""What is drawn on an annotated copy: boxes, captions, charts, banners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from emotion_core.labels import COLOURS
from emotion_core.render.canvas import Canvas, Colour, Rect, Sprite, rect_of_box
from emotion_core.render.chart import chart_layout, draw_chart
from emotion_core.render.text import DARK, WHITE, caption, readable_on, shortened

_UNKNOWN: Final = (235, 235, 235)
_BANNER: Final = (150, 20, 20)
_MOST_DASHES: Final = 9


@dataclass(frozen=True)
class Label:
    """What is shown of one face.

    Attributes
    ----------
    box : tuple of float, px
        x, y, width, height in the upright picture; may lie outside it.
    emotion : str or None
        One of `EMOTIONS`; None where the face was not classified.
    text : str
        Such as "happy 87 %"; ASCII.
    track : int or None
        Number of the person.
    uncertain : bool
        The box is dashed, and the caption ends with a question mark.
    probabilities : tuple of float or None
        Seven, 0-1, in the order of `EMOTIONS`: a chart beside a face that is large enough.
    """

    box: tuple[float, float, float, float]
    emotion: str | None
    text: str = ""
    track: int | None = None
    uncertain: bool = False
    probabilities: tuple[float, ...] | None = None

    @property
    def colour(self) -> Colour:
        """R, G, B, 0-255."""
        return _UNKNOWN if self.emotion is None else COLOURS[self.emotion]

    @property
    def caption(self) -> str:
        """The whole line of text."""
        person = "" if self.track is None else f"#{self.track}"
        return " ".join(part for part in (person, self.text, "?" * self.uncertain) if part)


def draw_labels(canvas: Canvas, labels: Sequence[Label]) -> None:
    """Draw boxes, captions and charts of all faces of a picture.

    Captions stay inside the picture and, where there is room, off each other. A chart is left out
    where it would cover another face. Faces outside the picture are left out.
    """
    shown = [(label, rect_of_box(label.box)) for label in labels]
    shown = [(label, box) for label, box in shown if canvas.clipped(box) is not None]
    captions: list[Rect] = []
    sprites: list[Sprite] = []
    for label, box in shown:
        sprite = _caption_sprite(canvas, label, box)
        if sprite is not None:
            sprites.append(sprite)
            captions.append(_caption_place(canvas, sprite, box, captions))
    for label, box in shown:
        others = [other for _, other in shown if other is not box] + captions
        _draw_chart_beside(canvas, label, box, others)
    for label, box in shown:
        _draw_box(canvas, box, label.colour, dashed=label.uncertain)
    for sprite, place in zip(sprites, captions, strict=True):
        canvas.paint(sprite, place.left, place.top)


def draw_banner(canvas: Canvas, text: str) -> None:
    """Mark a whole picture, such as one that could not be decoded: a frame and a line of text."""
    size = _font_size(canvas)
    line = line_width(canvas)
    text = shortened(text, size, canvas.width - 2 * size)
    picture = Rect(0, 0, canvas.width, canvas.height)
    for side in _sides(picture, line):
        canvas.fill(side, _BANNER)
    if text:
        sprite = caption(text, size, WHITE, _BANNER)
        canvas.fill(Rect(0, 0, canvas.width, sprite.height + line), _BANNER)
        canvas.paint(sprite, line, line // 4 * 2)


def line_width(canvas: Canvas) -> int:
    """Width in px of the lines of a box, which lie inside it; even."""
    return max(2, 2 * round(canvas.short_side / 480))


def _font_size(canvas: Canvas, box_height: float | None = None) -> int:
    """Size in px; in three steps, so that captions do not shimmer when a face comes nearer."""
    usual = canvas.short_side * 0.026 + 3
    if box_height is not None:
        usual *= next((step for step in (1.0, 0.75) if 4 * step * usual <= box_height), 0.55)
    return max(11, round(usual))


def _caption_sprite(canvas: Canvas, label: Label, box: Rect) -> Sprite | None:
    size = _font_size(canvas, box.bottom - box.top)
    text = shortened(label.caption, size, canvas.width - size)
    if not text:
        return None
    if label.uncertain:
        return caption(text, size, WHITE, DARK, accent=label.colour)
    return caption(text, size, readable_on(label.colour), label.colour)


def _caption_place(canvas: Canvas, sprite: Sprite, box: Rect, taken: Sequence[Rect]) -> Rect:
    line = line_width(canvas)
    tops = (box.top - sprite.height, box.bottom, box.top + line)
    inside = [top for top in tops if 0 <= top <= canvas.height - sprite.height]
    places = [_placed(canvas, sprite.width, sprite.height, box.left, top) for top in inside or tops]
    free = [place for place in places if not any(place.overlaps(other) for other in taken)]
    return (free or places)[0]


def _placed(canvas: Canvas, width: int, height: int, left: int, top: int) -> Rect:
    """A rectangle moved into the picture, at even coordinates."""
    left = max(0, min(left, (canvas.width - width) // 2 * 2))
    top = max(0, min(top, (canvas.height - height) // 2 * 2))
    return Rect(left, top, left + width, top + height)


def _draw_chart_beside(canvas: Canvas, label: Label, box: Rect, others: Sequence[Rect]) -> None:
    layout = chart_layout(max(9, round(canvas.short_side * 0.018 + 2)))
    if label.probabilities is None or box.bottom - box.top < 0.8 * layout.height:
        return
    gap = line_width(canvas)
    corners = (
        (box.right + gap, box.top),
        (box.left - gap - layout.width, box.top),
        (box.left, box.bottom + gap),
    )
    for left, top in corners:
        place = _placed(canvas, layout.width, layout.height, left, top)
        moved = place.left != left or canvas.clipped(place) != place
        if not moved and not any(place.overlaps(other) for other in (box, *others)):
            draw_chart(canvas, layout, place, label.probabilities)
            return


def _draw_box(canvas: Canvas, box: Rect, colour: Colour, *, dashed: bool) -> None:
    line = line_width(canvas)
    # A shadow on both sides keeps light lines visible on a light picture.
    shadow = line // 2
    for side in (*_sides(box.grown(shadow), shadow), *_sides(box.grown(-line), shadow)):
        canvas.darken(side)
    for side in _sides(box, line):
        for part in _dashes(side) if dashed else (side,):
            canvas.fill(part, colour)


def _sides(outer: Rect, width: int) -> tuple[Rect, Rect, Rect, Rect]:
    """The four bars of a frame, which do not overlap, inside a rectangle."""
    left, top, right, bottom = outer
    across = min(width, max(0, right - left))
    down = min(width, max(0, bottom - top))
    return (
        Rect(left, top, right, top + down),
        Rect(left, bottom - down, right, bottom),
        Rect(left, top + down, left + across, bottom - down),
        Rect(right - across, top + down, right, bottom - down),
    )


def _dashes(side: Rect) -> list[Rect]:
    """Every other one of an odd number of equal parts of a side, so that corners are drawn."""
    long_x = side.right - side.left > side.bottom - side.top
    first, last = (side.left, side.right) if long_x else (side.top, side.bottom)
    thickness = min(side.right - side.left, side.bottom - side.top)
    count = min(_MOST_DASHES, max(1, (last - first) // max(8 * thickness, 1)))
    edges = [
        first + 2 * round((last - first) * i / (2 * count + 1) / 2) for i in range(2 * count + 2)
    ]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    if long_x:
        return [Rect(start, side.top, stop, side.bottom) for start, stop in pairs]
    return [Rect(side.left, start, side.right, stop) for start, stop in pairs]
