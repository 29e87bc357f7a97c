"""Where captions and charts go, and how much a caption says: decided once for each track.

Where faces are few, captions say all and stand above. Where they crowd, captions become smaller and
then the number alone, so that none hides another face. A chart stays, or is left out, for a whole
track: what comes and goes from frame to frame cannot be read.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

from emotion_core.render.canvas import Rect
from emotion_core.render.chart import ChartLayout, chart_layout
from emotion_core.render.text import even, text_width

CROWDED_SHARE: Final = 0.2
"""In so much of a track captions may lack room before they become shorter."""

CHART_SHARE: Final = 0.9
"""In so much of a track its chart must have room, at one place."""

FEWER_FRAMES: Final = 5
"""Every so many-th frame is looked at, and the first of each track."""

_ROWS_OF_CHART: Final = 0.8
"""A face with a chart has at least so much of its height."""


class Level(IntEnum):
    """How much a caption says."""

    FULL = 0
    SMALL = 1
    NUMBER = 2


class Picture(Protocol):
    """What sizes follow."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def short_side(self) -> int: ...


@dataclass(frozen=True)
class Extent:
    """A picture's size in px."""

    width: int
    height: int

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)


@dataclass(frozen=True)
class Arrangement:
    """How a face is labelled.

    Attributes
    ----------
    level : Level
    chart : int or None
        Number of the place of its chart, of `chart_places`; None: it has none.
    """

    level: Level = Level.FULL
    chart: int | None = None


@dataclass(frozen=True)
class Captioned:
    """A face as far as it takes room.

    Attributes
    ----------
    key : hashable
        What tells its track.
    box : Rect
    text, short : str
        The whole caption, and the shortest.
    has_chart : bool
        Whether there is anything to show in one.
    """

    key: Hashable
    box: Rect
    text: str
    short: str
    has_chart: bool = True


@dataclass
class _Counts:
    frames: int = 0
    levels: list[int] = field(default_factory=lambda: [0] * len(Level))
    charts: list[int] = field(default_factory=lambda: [0] * 3)


class Arranger:
    """Looks at the faces of frame after frame, and decides for each track.

    Parameters
    ----------
    picture : Picture
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._counts: dict[Hashable, _Counts] = {}

    def see(self, frame: int, faces: Sequence[Captioned]) -> None:
        """The faces of a frame."""
        if frame % FEWER_FRAMES and all(face.key in self._counts for face in faces):
            return
        boxes = [face.box for face in faces]
        charts: list[Rect] = []
        captions: list[Rect] = []
        for number, face in enumerate(faces):
            counts = self._counts.setdefault(face.key, _Counts())
            counts.frames += 1
            others = boxes[:number] + boxes[number + 1 :]
            self._count_charts(counts, face, others, charts)
            counts.levels[self._level(face, others, captions)] += 1

    def decide(self) -> dict[Hashable, Arrangement]:
        """How each track that was seen is labelled."""
        return {key: _decided(counts) for key, counts in self._counts.items()}

    def _count_charts(
        self, counts: _Counts, face: Captioned, others: list[Rect], taken: list[Rect]
    ) -> None:
        layout = layout_of(self._picture)
        if not face.has_chart or not is_large_enough(face.box, layout):
            return
        first: Rect | None = None
        for number, place in enumerate(chart_places(self._picture, layout, face.box)):
            if _is_inside(self._picture, place) and not _hits(place, (*others, *taken)):
                counts.charts[number] += 1
                first = first or place
        if first is not None:
            taken.append(first)

    def _level(self, face: Captioned, others: list[Rect], captions: list[Rect]) -> Level:
        for level in (Level.FULL, Level.SMALL):
            size = font_size(self._picture, face.box.bottom - face.box.top, level)
            width, height = even(text_width(face.text, size) + 0.7 * size), even(1.35 * size)
            for place in caption_places(self._picture, face.box, width, height)[:4]:
                if _is_beside(place, face.box) and not _hits(place, (*others, *captions)):
                    captions.append(place)
                    return level
        return Level.NUMBER


def _decided(counts: _Counts) -> Arrangement:
    level, seen = Level.NUMBER, 0
    for candidate in Level:
        seen += counts.levels[candidate]
        if seen >= (1 - CROWDED_SHARE) * counts.frames:
            level = candidate
            break
    most = max(counts.charts)
    has_room = level is Level.FULL and most >= CHART_SHARE * counts.frames
    return Arrangement(level, counts.charts.index(most) if has_room else None)


def line_width(picture: Picture) -> int:
    """Width in px of the lines of a box, which lie inside it; even."""
    return max(2, 2 * round(picture.short_side / 480))


def font_size(picture: Picture, box_height: float | None = None, level: Level = Level.FULL) -> int:
    """Size in px; in three steps, so that captions do not shimmer when a face comes nearer."""
    usual = picture.short_side * 0.026 + 3
    if level is not Level.FULL:
        return max(9, round(0.5 * usual))
    if box_height is not None:
        usual *= next((step for step in (1.0, 0.75) if 4 * step * usual <= box_height), 0.55)
    return max(11, round(usual))


def layout_of(picture: Picture) -> ChartLayout:
    """The layout of charts in a picture."""
    return chart_layout(max(9, round(picture.short_side * 0.018 + 2)))


def is_large_enough(box: Rect, layout: ChartLayout) -> bool:
    """Whether a face is so large that a chart may stand beside it."""
    return box.bottom - box.top >= _ROWS_OF_CHART * layout.height


def chart_places(picture: Picture, layout: ChartLayout, box: Rect) -> list[Rect]:
    """Where the chart of a face may be, best first: on its right, on its left, below."""
    gap = line_width(picture)
    corners = (
        (box.right + gap, box.top),
        (box.left - gap - layout.width, box.top),
        (box.left, box.bottom + gap),
    )
    return [Rect(left, top, left + layout.width, top + layout.height) for left, top in corners]


def caption_places(picture: Picture, box: Rect, width: int, height: int) -> list[Rect]:
    """Where the caption of a face may be, best first, all inside the picture.

    Above and below it, from its left edge or to its right one, and last within it.
    """
    line = line_width(picture)
    beside = [top for top in (box.top - height, box.bottom) if 0 <= top <= picture.height - height]
    places = [
        _moved_inside(picture, left, top, width, height)
        for top in beside
        for left in (box.left, (box.right - width) // 2 * 2)
    ]
    within = [_moved_inside(picture, box.left, box.top + line, width, height)]
    return places + within


def best_place(places: Sequence[Rect], others: Sequence[Rect], taken: Sequence[Rect]) -> Rect:
    """The first place that is free of other faces and of what is drawn, or at least of faces."""
    free = [place for place in places if not _hits(place, others)]
    clear = [place for place in free if not _hits(place, taken)]
    return (clear or free or list(places))[0]


def moved_inside(picture: Picture, place: Rect) -> Rect:
    """A rectangle moved into the picture, at even coordinates."""
    left, top, right, bottom = place
    return _moved_inside(picture, left, top, right - left, bottom - top)


def arranged_alone(picture: Picture, faces: Sequence[Captioned]) -> Mapping[Hashable, Arrangement]:
    """How the faces of a picture are labelled that stands for itself."""
    arranger = Arranger(picture)
    arranger.see(0, faces)
    return arranger.decide()


def _moved_inside(picture: Picture, left: int, top: int, width: int, height: int) -> Rect:
    left = max(0, min(left, (picture.width - width) // 2 * 2))
    top = max(0, min(top, (picture.height - height) // 2 * 2))
    return Rect(left, top, left + width, top + height)


def _is_inside(picture: Picture, place: Rect) -> bool:
    return moved_inside(picture, place) == place


def _is_beside(place: Rect, box: Rect) -> bool:
    return not place.overlaps(box)


def _hits(place: Rect, others: Sequence[Rect]) -> bool:
    return any(place.overlaps(other) for other in others)
