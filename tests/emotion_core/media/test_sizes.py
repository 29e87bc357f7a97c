"""Frames of several sizes, turns and shapes of pixels in one video: none is stretched or shrunk."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from emotion_core.errors import SegmentMismatch
from emotion_core.media.index import VideoIndex, index_video
from emotion_core.media.limits import VIDEO_PIXELS_MAX
from emotion_core.media.planes import Orientation
from emotion_core.media.sizes import Shape, picture_for
from emotion_core.media.video import Frame, read_frames, split
from tests import clips
from tests.clips.sizes import make_joined_ts, make_two_sizes_webm, ts_part


def shape(width: int, height: int, aspect: str = "1", *, turned: bool = False) -> Shape:
    return Shape(width, height, Orientation(transpose=turned), Fraction(aspect))


def read(path: Path, length: int = 1000) -> tuple[VideoIndex, list[Frame]]:
    index = index_video(path)
    try:
        return index, [f for s in split(index, 0, len(index), length) for f in read_frames(s)]
    except SegmentMismatch:
        index = index_video(path, in_order=True)
        return index, [f for s in split(index, 0, len(index), length) for f in read_frames(s)]


@pytest.mark.parametrize(
    ("shapes", "size", "aspect"),
    [
        ([shape(160, 90), shape(640, 360)], (640, 360), "1"),
        ([shape(640, 360), shape(360, 640)], (640, 640), "1"),
        ([shape(640, 360), shape(640, 360, turned=True)], (640, 640), "1"),
        ([shape(720, 576, "16/15"), shape(720, 576, "64/45")], (960, 576), "16/15"),
        ([shape(426, 240), shape(640, 360)], (640, 360), "1"),
        ([shape(15_000, 10), shape(10, 15_000)], (15_000, 10), "1"),
    ],
)
def test_the_picture_takes_all_frames(
    shapes: list[Shape], size: tuple[int, int], aspect: str
) -> None:
    picture = picture_for(shapes)
    assert (picture.width, picture.height) == size
    assert picture.sample_aspect == Fraction(aspect)
    assert picture == picture_for(shapes[::-1])
    assert picture.width * picture.height <= VIDEO_PIXELS_MAX


def test_one_shape_stays_as_it_is() -> None:
    only = shape(641, 361, "4/3", turned=True)
    assert picture_for([only]) == only


def test_a_growing_recording_keeps_the_detail_of_its_largest_frames(tmp_path: Path) -> None:
    path = make_two_sizes_webm(tmp_path / "grows.webm")
    index, frames = read(path)
    assert index.info.fitted
    assert (index.info.width, index.info.height) == (320, 240)
    assert [clips.read_frame_code(f.planes.luma()) for f in frames if f.planes] == list(range(16))
    again = read(path, 5)[1]
    for one, other in zip(frames, again, strict=True):
        assert one.planes is not None
        assert other.planes is not None
        assert (one.planes.y == other.planes.y).all()


def test_a_turned_recording_lies_between_bars(tmp_path: Path) -> None:
    path = make_two_sizes_webm(tmp_path / "turned.webm", ((160, 120), (120, 160)))
    index, frames = read(path)
    assert (index.info.width, index.info.height) == (160, 160)
    first, last = frames[0].planes, frames[-1].planes
    assert first is not None
    assert last is not None
    assert (first.y[:18] == 16).all()
    assert (first.y[-18:] == 16).all()
    assert (last.y[:, :18] == 16).all()
    assert (last.u[:, :9] == 128).all()
    # Nothing is resized: what lies between the bars are the pixels themselves.
    assert clips.read_frame_code(np.ascontiguousarray(first.luma()[20:140])) == 0
    assert clips.read_frame_code(np.ascontiguousarray(last.luma()[:, 20:140])) == 15


def test_a_transport_stream_with_a_new_size(tmp_path: Path) -> None:
    parts = ts_part(0), ts_part(1, width=320, height=240)
    index, frames = read(make_joined_ts(tmp_path / "sizes.ts", *parts))
    assert (index.info.width, index.info.height) == (320, 240)
    assert [clips.read_frame_code(f.planes.luma()) for f in frames if f.planes] == list(range(16))


def test_a_transport_stream_with_pixels_of_another_shape(tmp_path: Path) -> None:
    parts = ts_part(0), ts_part(1, sample_aspect_ratio=Fraction(3, 2))
    index, frames = read(make_joined_ts(tmp_path / "aspect.ts", *parts))
    assert index.info.sample_aspect == 1
    assert (index.info.width, index.info.height) == (240, 120)
    first, last = frames[0].planes, frames[-1].planes
    assert first is not None
    assert last is not None
    assert (first.y[:, :36] == 16).all()
    assert clips.read_frame_code(np.ascontiguousarray(first.luma()[:, 40:200])) == 0
    assert (last.y[:, :8] > 16).any()


def test_ordinary_videos_are_not_fitted(tmp_path: Path) -> None:
    index = index_video(clips.make_rotated(tmp_path / "turned.mp4", 90), in_order=True)
    assert not index.info.fitted
    assert index.info.orientation.transpose
