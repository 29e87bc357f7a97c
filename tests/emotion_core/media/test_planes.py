from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from emotion_core.media.index import index_video
from emotion_core.media.planes import Orientation, Planes, planes_of
from emotion_core.media.video import read_frames, split
from tests import clips


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("hflip", [False, True])
def test_upright_is_what_the_display_matrix_says(tmp_path: Path, degrees: int, hflip: bool) -> None:
    path = clips.make_rotated(tmp_path / "turned.mp4", degrees, hflip=hflip)
    index = index_video(path)
    (frame, *_) = read_frames(split(index, 0, 1, 1)[0])
    with av.open(str(path)) as container:
        decoded = next(container.decode(video=0))
        expected = clips.upright_luma(decoded)
    assert frame.planes is not None
    assert (frame.planes.height, frame.planes.width) == expected.shape
    assert (index.info.height, index.info.width) == expected.shape
    assert (frame.planes.y == expected).all()


def test_orientations_are_the_eight_symmetries() -> None:
    picture = np.arange(6, dtype=np.uint8).reshape(2, 3)
    results = {
        Orientation(transpose, x, y).apply(picture).tobytes() + bytes([transpose])
        for transpose in (False, True)
        for x in (False, True)
        for y in (False, True)
    }
    assert len(results) == 8


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (clips.make_h264, "limited.mp4"),
        (clips.make_full_range, "full.mp4"),
        (clips.make_10_bit, "ten.mp4"),
        (clips.make_422, "422.mp4"),
        (clips.make_444, "444.mp4"),
        (clips.make_ffv1_rgb, "rgb.mkv"),
        (clips.make_png_mov, "png.mov"),
    ],
)
def test_luma_is_the_drawn_grey_whatever_the_pixel_format(
    tmp_path: Path, make: object, name: str
) -> None:
    path = make(tmp_path / name)
    (frame, *_) = read_frames(split(index_video(path), 0, 1, 1)[0])
    assert frame.planes is not None
    drawn = cv2.cvtColor(clips.draw_frame(0, 160, 120), cv2.COLOR_RGB2GRAY)
    luma = frame.planes.luma()
    assert luma.shape == drawn.shape
    difference = luma.astype(int) - drawn
    assert abs(difference.mean()) < 1.5
    assert np.abs(difference).mean() < 4


def test_small_bgr_is_the_picture(tmp_path: Path) -> None:
    path = clips.make_full_range(tmp_path / "full.mp4")
    (frame, *_) = read_frames(split(index_video(path), 0, 1, 1)[0])
    assert frame.planes is not None
    drawn = cv2.resize(clips.draw_frame(0, 160, 120), (80, 60), interpolation=cv2.INTER_AREA)
    small = frame.planes.bgr(80, 60)[..., ::-1]
    assert np.abs(small.astype(int) - drawn).mean() < 5


def test_limited_copy_can_be_written_and_keeps_the_picture() -> None:
    y = np.arange(256, dtype=np.uint8).reshape(16, 16)
    chroma = np.full((8, 8), 128, np.uint8)
    full = Planes(y, chroma, chroma, full_range=True)
    limited = full.limited()
    assert not limited.full_range
    assert (limited.y.min(), limited.y.max()) == (16, 235)
    assert np.abs(limited.luma().astype(int) - y).max() <= 1
    limited.y[:] = 0
    assert y.max() == 255


def test_frames_of_another_size_are_scaled_to_the_first() -> None:
    frame = av.VideoFrame.from_ndarray(np.full((40, 60, 3), 200, np.uint8), "rgb24")
    planes = planes_of(frame, 30, 20, Orientation())
    assert (planes.width, planes.height) == (30, 20)
    assert abs(int(planes.luma().mean()) - 200) <= 1
