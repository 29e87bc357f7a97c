"""Captions and charts: one decision for each track, and none over the face of another."""

from __future__ import annotations

import numpy as np

from emotion_core.render.arrange import (
    Arrangement,
    Arranger,
    Captioned,
    Extent,
    Level,
    best_place,
    caption_places,
    chart_places,
    layout_of,
)
from emotion_core.render.canvas import Canvas, Rect
from emotion_core.render.draw import Label, draw_labels

PICTURE = Extent(640, 360)


def face(key: int, left: int, top: int, size: int = 120) -> Captioned:
    return Captioned(key, Rect(left, top, left + size, top + size), f"#{key} neutral 100%", "#1")


def decided(frames: list[list[Captioned]]) -> dict[object, Arrangement]:
    arranger = Arranger(PICTURE)
    for number, faces in enumerate(frames):
        arranger.see(number, faces)
    return dict(arranger.decide())


def test_a_face_alone_has_a_whole_caption_and_a_chart() -> None:
    assert decided([[face(0, 100, 100)]] * 9) == {0: Arrangement(Level.FULL, 0)}


def test_a_chart_moves_to_the_side_that_is_free_for_the_whole_track() -> None:
    assert decided([[face(0, 420 + n, 100)] for n in range(100)])[0].chart == 1


def test_a_chart_that_would_come_and_go_is_left_out() -> None:
    crossing = [[face(0, 260, 236), face(1, 20 + 5 * n, 236, 60)] for n in range(100)]
    assert decided(crossing)[0].chart is None


def test_captions_become_shorter_where_faces_crowd() -> None:
    crowd = [face(n, 8 + 44 * (n % 14), 8 + 44 * (n // 14), 40) for n in range(98)]
    found = decided([crowd] * 5)
    assert {found[key].level for key in range(98)} >= {Level.NUMBER}
    assert Level.FULL not in {found[key].level for key in range(20, 70)}
    assert all(arrangement.chart is None for arrangement in found.values())


def test_a_caption_is_not_laid_over_another_face_while_there_is_room() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        box, *others = (
            Rect(x, y, x + 40, y + 40)
            for x, y in (2 * rng.integers(0, (300, 160), (6, 2))).tolist()
        )
        places = caption_places(PICTURE, box, 110, 18)
        place = best_place(places, others, [])
        free = [p for p in places if not any(p.overlaps(other) for other in others)]
        assert not free or place in free
        assert all(min(p) >= 0 and p.right <= 640 and p.bottom <= 360 for p in places)


def test_a_chart_of_a_track_is_drawn_on_each_of_its_pictures() -> None:
    layout = layout_of(PICTURE)
    arrangements = {0: Arrangement(Level.FULL, 0)}
    for left in (40, 300, 500):
        picture = np.full((360, 640, 3), 200, np.uint8)
        label = Label((left, 100, 120, 120), "happy", "happy 90%", 0, probabilities=(0.1,) * 7)
        draw_labels(Canvas.of_rgb(picture), [label], arrangements)
        place = chart_places(PICTURE, layout, Rect(left, 100, left + 120, 220))[0]
        right = min(place.right, 640)
        inner = picture[place.top + 8 : place.bottom - 8, right - 6 : right - 4]
        assert (inner < 150).all(), left
