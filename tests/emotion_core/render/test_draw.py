"""Drawing on planes: the right colours in the right places, and nothing elsewhere."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotion_core.labels import COLOURS, EMOTIONS
from emotion_core.media.planes import Planes
from emotion_core.render.blur import blur_faces, hidden_region
from emotion_core.render.canvas import Canvas, Rect, rect_of_box
from emotion_core.render.draw import Label, draw_banner, draw_labels, line_width
from emotion_core.render.encode import encode_segment
from emotion_core.render.join import join_segments
from emotion_core.render.text import readable_on
from tests.emotion_core.render.segments import numbered_planes, settings_for

WIDTH, HEIGHT = 640, 360
BOX = (200.0, 100.0, 120.0, 140.0)
PROBABILITIES = (0.02, 0.01, 0.03, 0.8, 0.04, 0.06, 0.04)

anywhere = st.floats(-2000, 2000) | st.sampled_from([-1e30, 1e30, float("inf"), -float("inf")])
sizes = st.floats(0, 3000) | st.sampled_from([0.0, 0.4, 1.0, 1e30, float("inf")])
any_boxes = st.tuples(anywhere, anywhere, sizes, sizes)
picture_sizes = st.tuples(st.integers(1, 200), st.integers(1, 200))
labels = st.builds(
    Label,
    box=any_boxes,
    emotion=st.none() | st.sampled_from(EMOTIONS),
    text=st.sampled_from(
        ["", " ", "happy 87 %", "a line of text far too long for any small picture"]
    ),
    track=st.none() | st.integers(0, 10**6),
    uncertain=st.booleans(),
    probabilities=st.none() | st.just(PROBABILITIES),
)


def noise(width: int = WIDTH, height: int = HEIGHT) -> Planes:
    """A picture without two neighbours alike."""
    random = np.random.default_rng(0)
    chroma = ((height + 1) // 2, (width + 1) // 2)
    luma = random.integers(16, 236, (height, width), np.uint8)
    return Planes(luma, *random.integers(16, 241, (2, *chroma), np.uint8), full_range=False)


def changed(before: Planes, after: Planes) -> NDArray[np.bool_]:
    """Which pixels differ in any component: shape (height, width)."""
    differs = before.y != after.y
    for old, new in ((before.u, after.u), (before.v, after.v)):
        doubled = np.repeat(np.repeat(old != new, 2, axis=0), 2, axis=1)
        differs |= doubled[: differs.shape[0], : differs.shape[1]]
    return differs


def outside(shape: tuple[int, ...], region: Rect) -> NDArray[np.bool_]:
    """Which pixels do not belong to a rectangle."""
    mask = np.ones(shape, bool)
    rows = slice(max(region.top, 0), max(region.bottom, 0))
    mask[rows, max(region.left, 0) : max(region.right, 0)] = False
    return mask


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_the_box_has_the_colour_of_its_emotion_after_decoding(tmp_path: Path, emotion: str) -> None:
    planes = numbered_planes(3, WIDTH, HEIGHT).limited()
    draw_labels(Canvas.of_video(planes, matrix=6), [Label(BOX, emotion, f"{emotion} 87 %", 1)])
    tagged = replace(settings_for(Fraction(1, 25), WIDTH, HEIGHT), crf=8, matrix=6)
    with encode_segment(tmp_path / "s", tagged) as encoder:
        encoder.write(planes, 0)
    join_segments([tmp_path / "s"], tmp_path / "copy.mp4", source=None, pts0=0)
    with av.open(str(tmp_path / "copy.mp4")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    left, top, _, bottom = rect_of_box(BOX)
    side = picture[top + 20 : bottom - 20, left : left + 2].reshape(-1, 3)
    assert np.abs(np.median(side, axis=0) - COLOURS[emotion]).max() <= 20


@pytest.mark.parametrize("matrix", [1, 2, 6, 9])
def test_codes_are_those_of_the_matrix(matrix: int) -> None:
    canvas = Canvas.of_video(noise(), matrix)
    extremes = np.array([(0, 0, 0), (255, 255, 255), (0, 0, 255), (255, 0, 0)], np.uint8)
    black, white, blue, red = np.rint(canvas.coding.codes(extremes)).astype(int).tolist()
    assert (black, white) == ([16, 128, 128], [235, 128, 128])
    assert (blue[1], red[2]) == (240, 240)
    # ITU-T H.273: red's share of luma is 0.2126, 0.299 (also where nothing is known) or 0.2627.
    assert red[0] == {1: 63, 2: 81, 6: 81, 9: 74}[matrix]


def test_an_unknown_matrix_goes_by_size() -> None:
    large = Canvas.of_video(noise(1280, 720))
    assert large.coding == Canvas.of_video(noise(1280, 720), 1).coding


def test_full_range_is_refused() -> None:
    with pytest.raises(ValueError, match="limited"):
        Canvas.of_video(replace(noise(), full_range=True))


@pytest.mark.parametrize("uncertain", [False, True])
def test_a_box_without_text_changes_its_outline_only(uncertain: bool) -> None:
    before, after = noise(), noise()
    canvas = Canvas.of_video(after)
    # An uncertain face has a caption, if only a question mark: it goes above the box.
    draw_labels(canvas, [Label(BOX, "happy", uncertain=uncertain)])
    box, line = rect_of_box(BOX), line_width(canvas)
    differs = changed(before, after)
    above = 30 if uncertain else 0
    reach = box.grown(line)._replace(top=box.top - line - above)
    assert not differs[outside(differs.shape, reach)].any()
    inner = box.grown(-2 * line)
    assert not differs[inner.top : inner.bottom, inner.left : inner.right].any()


def test_an_uncertain_box_is_dashed() -> None:
    solid, dashed = noise(), noise()
    draw_labels(Canvas.of_video(solid), [Label(BOX, "happy")])
    draw_labels(Canvas.of_video(dashed), [Label(BOX, "happy", uncertain=True)])
    left, top, right, _ = rect_of_box(BOX)
    colour = solid.y[top, left]
    assert (solid.y[top, left:right] == colour).all()
    share = (dashed.y[top, left:right] == colour).mean()
    assert 0.4 < share < 0.7
    assert dashed.y[top, left] == dashed.y[top, right - 1] == colour


def test_a_chart_shows_the_strongest_longest() -> None:
    planes = noise()
    planes.y[:] = planes.u[:] = planes.v[:] = 128
    canvas = Canvas.of_video(planes, matrix=6)
    draw_labels(canvas, [Label(BOX, "happy", "", probabilities=PROBABILITIES)])
    beside = Rect(rect_of_box(BOX).right + 4, 0, WIDTH, HEIGHT)
    area = {}
    for emotion in EMOTIONS:
        codes = np.rint(canvas.coding.codes(np.array(COLOURS[emotion], np.uint8)))
        same = planes.u[:, beside.left // 2 :] == codes[1]
        same &= planes.v[:, beside.left // 2 :] == codes[2]
        area[emotion] = int(same.sum())
    area.pop("neutral")  # grey, like the panel
    assert max(area, key=lambda emotion: area[emotion]) == "happy"


def test_a_chart_does_not_cover_another_face() -> None:
    alone, crowded = noise(), noise()
    neighbours = [
        Label((BOX[0] + dx, BOX[1] + dy, BOX[2], BOX[3]), None)
        for dx, dy in ((130, 0), (-130, 0), (0, 150))
    ]
    draw_labels(Canvas.of_video(alone), neighbours)
    draw_labels(
        Canvas.of_video(crowded), [Label(BOX, "happy", probabilities=PROBABILITIES), *neighbours]
    )
    differs = changed(alone, crowded)
    assert not differs[outside(differs.shape, rect_of_box(BOX).grown(4))].any()


@pytest.mark.parametrize("top", [0.0, 100.0, 300.0])
@pytest.mark.parametrize("left", [-50.0, 300.0, 600.0])
def test_captions_stay_whole(left: float, top: float) -> None:
    bare, captioned = noise(), noise()
    label = Label((left, top, 100, 100), "happy")
    draw_labels(Canvas.of_video(bare), [label])
    draw_labels(Canvas.of_video(captioned), [replace(label, text="happy 87 %")])
    rows, columns = np.nonzero(changed(bare, captioned))
    assert columns.max() - columns.min() > 60
    assert 14 <= rows.max() - rows.min() <= 20


def test_captions_of_neighbours_do_not_overlap() -> None:
    together, first_only = noise(), noise()
    pair = [Label((x, 150, 60, 70), "happy", "happy 87 %") for x in (200, 230)]
    draw_labels(Canvas.of_video(first_only), [replace(pair[1], text=""), pair[0]])
    draw_labels(Canvas.of_video(together), pair)
    above = slice(120, 146)
    assert not (together.y[above] != first_only.y[above]).any()
    assert (together.y[226:240] != first_only.y[226:240]).any()


def test_a_still_is_drawn_on_in_full_resolution() -> None:
    picture = np.full((HEIGHT + 1, WIDTH + 1, 3), 90, np.uint8)
    draw_labels(
        Canvas.of_rgb(picture), [Label(BOX, "angry", "angry 60 %", probabilities=PROBABILITIES)]
    )
    left, top, _, bottom = rect_of_box(BOX)
    assert (picture[top:bottom, left] == COLOURS["angry"]).all()


def test_the_banner_marks_the_edge_of_the_whole_picture() -> None:
    before, after = noise(), noise()
    draw_banner(Canvas.of_video(after), "frame 12 cannot be decoded")
    differs = changed(before, after)
    for edge in (differs[0], differs[-1], differs[:, 0], differs[:, -1]):
        assert edge.mean() > 0.9
    assert not differs[40 : HEIGHT - 2, 2 : WIDTH - 2].any()


@pytest.mark.parametrize(
    ("background", "text"), [("happy", 0), ("neutral", 0), ("sad", 255), ("surprise", 0)]
)
def test_text_contrasts_with_its_background(background: str, text: int) -> None:
    assert readable_on(COLOURS[background]) == (text, text, text)


@settings(max_examples=80, deadline=None)
@given(
    size=picture_sizes, faces=st.lists(labels, max_size=4), text=st.sampled_from(["", "damaged"])
)
def test_any_label_can_be_drawn_on_any_picture(
    size: tuple[int, int], faces: list[Label], text: str
) -> None:
    planes = noise(*size)
    picture = np.dstack([planes.y] * 3)
    for canvas in (Canvas.of_video(planes), Canvas.of_rgb(picture)):
        draw_labels(canvas, faces)
        draw_banner(canvas, text)


@settings(max_examples=80, deadline=None)
@given(size=picture_sizes, box=any_boxes)
def test_nothing_changes_away_from_any_box(
    size: tuple[int, int], box: tuple[float, float, float, float]
) -> None:
    before, after = noise(*size), noise(*size)
    canvas = Canvas.of_video(after)
    draw_labels(canvas, [Label(box, "happy")])
    blurred = noise(*size)
    blur_faces(Canvas.of_video(blurred), [box])
    allowed = rect_of_box(box).grown(line_width(canvas))
    assert not changed(before, after)[outside(before.y.shape, allowed)].any()
    assert not changed(before, blurred)[outside(before.y.shape, hidden_region(box))].any()


@pytest.mark.parametrize("box", [BOX, (-40, -30, 160, 200), (600, 300, 90, 90), (50, 50, 20, 24)])
def test_blurring_leaves_a_few_smooth_values(box: tuple[float, float, float, float]) -> None:
    before, after = numbered_planes(3, WIDTH, HEIGHT), numbered_planes(3, WIDTH, HEIGHT).limited()
    blur_faces(Canvas.of_video(after), [box])
    x, y, width, height = (round(value) for value in box)
    face = slice(max(y, 0), min(y + height, HEIGHT)), slice(max(x, 0), min(x + width, WIDTH))
    for plane, step in ((after.y, 1), (after.u, 2), (after.v, 2)):
        rows, columns = (slice(-(-part.start // step), part.stop // step) for part in face)
        hidden = plane[rows, columns].astype(int)
        # Straight lines between a few values: second differences are rounding, but for kinks.
        bends = np.abs(np.diff(hidden, n=2, axis=1))
        assert np.percentile(bends, 75) <= 1
    assert not np.array_equal(before.y[face], after.y[face])


def test_two_persons_look_alike_once_hidden() -> None:
    planes = noise()
    rows, columns = slice(100, 240), slice(200, 320)
    planes.y[rows, columns] = np.where(np.indices((140, 120)).sum(axis=0) // 4 % 2, 60, 180)
    blur_faces(Canvas.of_video(planes), [BOX])
    assert planes.y[rows, columns].std() < 8
