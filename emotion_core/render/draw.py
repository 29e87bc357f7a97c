"""What is drawn on an annotated copy: boxes, captions, charts, banners."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from emotion_core.labels import COLOURS
from emotion_core.render.arrange import (
    Arrangement,
    Captioned,
    Level,
    arranged_alone,
    best_place,
    caption_places,
    chart_places,
    font_size,
    layout_of,
    line_width,
    moved_inside,
)
from emotion_core.render.canvas import Canvas, Colour, Rect, Sprite, rect_of_box
from emotion_core.render.chart import draw_chart
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
        Number of the face in the file.
    identity : int or None
        Number of the person in the run; it is shown instead of the track.
    uncertain : bool
        The box is dashed, and the caption ends with a question mark.
    probabilities : tuple of float or None
        Seven, 0-1, in the order of `EMOTIONS`: a chart beside a face that is large enough.
    """

    box: tuple[float, float, float, float]
    emotion: str | None
    text: str = ""
    track: int | None = None
    identity: int | None = None
    uncertain: bool = False
    probabilities: tuple[float, ...] | None = None

    @property
    def colour(self) -> Colour:
        """R, G, B, 0-255."""
        return _UNKNOWN if self.emotion is None else COLOURS[self.emotion]

    @property
    def caption(self) -> str:
        """The whole line of text."""
        who = names_of(self.track, self.identity)[0]
        return " ".join(part for part in (who, self.text, "?" * self.uncertain) if part)

    @property
    def short(self) -> str:
        """What is left of it where faces crowd; the colour says the rest."""
        return names_of(self.track, self.identity)[1] or self.emotion or ""

    def captioned(self, key: Hashable, box: Rect) -> Captioned:
        """The room that it takes."""
        return Captioned(key, box, self.caption, self.short, self.probabilities is not None)


def names_of(track: int | None, identity: int | None) -> tuple[str, str]:
    """What a face is called where there is room, and where there is little."""
    if identity is not None:
        return f"person {identity}", f"P{identity}"
    name = "" if track is None else f"#{track}"
    return name, name


def draw_labels(
    canvas: Canvas,
    labels: Sequence[Label],
    arrangements: Mapping[Hashable, Arrangement] | None = None,
) -> None:
    """Draw boxes, captions and charts of all faces of a picture.

    Captions stay inside the picture and, where there is room, off each other and off other faces.
    Faces outside the picture are left out.

    Parameters
    ----------
    canvas : Canvas
    labels : sequence of Label
    arrangements : mapping of int to Arrangement, optional
        By track, for all pictures of a video. Default: decided from this picture alone.
    """
    shown = [(label, rect_of_box(label.box)) for label in labels]
    shown = [(label, box) for label, box in shown if canvas.clipped(box) is not None]
    if arrangements is None:
        faces = [label.captioned(number, box) for number, (label, box) in enumerate(shown)]
        alone = arranged_alone(canvas, faces)
        chosen = [alone[number] for number in range(len(shown))]
    else:
        chosen = [arrangements.get(label.track, Arrangement()) for label, _ in shown]
    taken: list[Rect] = []
    for (label, box), arrangement in zip(shown, chosen, strict=True):
        place = _draw_chart_at(canvas, label, box, arrangement.chart)
        if place is not None:
            taken.append(place)
    captions: list[tuple[Sprite, Rect]] = []
    for number, ((label, box), arrangement) in enumerate(zip(shown, chosen, strict=True)):
        sprite = _caption_sprite(canvas, label, box, arrangement.level)
        if sprite is not None:
            others = [other for position, (_, other) in enumerate(shown) if position != number]
            places = caption_places(canvas, box, sprite.width, sprite.height)
            place = best_place(places, others, taken)
            captions.append((sprite, place))
            taken.append(place)
    for label, box in shown:
        _draw_box(canvas, box, label.colour, dashed=label.uncertain)
    for sprite, place in captions:
        canvas.paint(sprite, place.left, place.top)


def draw_banner(canvas: Canvas, text: str) -> None:
    """Mark a whole picture, such as one that could not be decoded: a frame and a line of text."""
    size = font_size(canvas)
    line = line_width(canvas)
    text = shortened(text, size, canvas.width - 2 * size)
    picture = Rect(0, 0, canvas.width, canvas.height)
    for side in _sides(picture, line):
        canvas.fill(side, _BANNER)
    if text:
        sprite = caption(text, size, WHITE, _BANNER)
        canvas.fill(Rect(0, 0, canvas.width, sprite.height + line), _BANNER)
        canvas.paint(sprite, line, line // 4 * 2)


def _caption_sprite(canvas: Canvas, label: Label, box: Rect, level: Level) -> Sprite | None:
    size = font_size(canvas, box.bottom - box.top, level)
    text = label.short if level is Level.NUMBER else label.caption
    text = shortened(text, size, canvas.width - size)
    if not text:
        return None
    if label.uncertain:
        return caption(text, size, WHITE, DARK, accent=label.colour)
    return caption(text, size, readable_on(label.colour), label.colour)


def _draw_chart_at(canvas: Canvas, label: Label, box: Rect, place: int | None) -> Rect | None:
    if label.probabilities is None or place is None:
        return None
    layout = layout_of(canvas)
    rect = moved_inside(canvas, chart_places(canvas, layout, box)[place])
    draw_chart(canvas, layout, rect, label.probabilities)
    return rect


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
