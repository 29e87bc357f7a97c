"""Every readable clip: the index and the segments give the frames of a plain decode."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from emotion_core.errors import SegmentMismatch
from emotion_core.media.clock import times_us
from emotion_core.media.index import UNDECODABLE, VideoIndex, index_video
from emotion_core.media.video import read_frames, split
from tests import clips
from tests.contract.odd_clips import BUILDERS, OTHER_CLOCKS

DAMAGED = ("undecodable", "flipped", "truncated")


def read(index: VideoIndex, length: int) -> tuple[VideoIndex, list[tuple[int, int, int | None]]]:
    """Number, PTS and painted code of every frame, read in segments; in order where need be."""
    try:
        frames = [
            (frame.number, frame.pts, _code(frame.planes))
            for segment in split(index, 0, len(index), length)
            for frame in read_frames(segment)
        ]
    except SegmentMismatch:
        assert not index.info.fitted
        return read(index_video(index.info.path, in_order=True), length)
    return index, frames


def _code(planes: object) -> int | None:
    try:
        return None if planes is None else clips.read_frame_code(planes.luma())
    except ValueError:
        return -1


@pytest.mark.parametrize("name", BUILDERS)
def test_frames_are_those_of_a_plain_decode(tmp_path: Path, name: str) -> None:
    path = BUILDERS[name](tmp_path / name)
    reference = clips.plain_decode(path)
    readings = [read(index_video(path), length) for length in (1000, 17, 5)]
    index, frames = readings[0]
    for other, again in readings[1:]:
        assert again == frames
        assert (other.pts == index.pts).all()
        assert (other.status == index.status).all()
    assert [number for number, _, _ in frames] == list(range(len(index)))
    assert [pts for _, pts, _ in frames] == index.pts.tolist()
    decodable = index.pts[index.status != UNDECODABLE].tolist()
    assert decodable == [frame.pts for frame in reference]
    if not name.startswith(DAMAGED):
        assert (index.status == 0).all()
        codes = [code for _, _, code in frames]
        assert codes == [codes[0] + i for i in range(len(codes))]


@pytest.mark.parametrize("name", OTHER_CLOCKS)
def test_frames_have_their_own_times_where_the_file_has_others(tmp_path: Path, name: str) -> None:
    path = OTHER_CLOCKS[name](tmp_path / name)
    index, frames = read(index_video(path), 17)
    assert [code for _, _, code in frames] == list(range(clips.FRAMES))
    assert (index.status == 0).all()
    info = index.info
    times = times_us(index.pts, info.pts0, info.time_base)
    assert times.tolist() == [40_000 * number for number in range(clips.FRAMES)]


@pytest.mark.parametrize("name", ["variable.mp4", "trimmed.mp4", "late.mp4", "turned_90_False.mp4"])
def test_time_is_exact(tmp_path: Path, name: str) -> None:
    index = index_video(BUILDERS[name](tmp_path / name))
    reference = clips.plain_decode(index.info.path)
    expected = [
        round((frame.pts - reference[0].pts) * Fraction(frame.time_base) * 10**6)
        for frame in reference
    ]
    info = index.info
    assert times_us(index.pts, info.pts0, info.time_base).tolist() == expected


def test_undecodable_packet_is_a_row(tmp_path: Path) -> None:
    path = clips.make_undecodable(tmp_path / "broken.mp4", broken=(20,))
    index = index_video(path, in_order=True)
    assert 20 in np.flatnonzero(index.status == UNDECODABLE)
    assert len(index) == clips.FRAMES


def test_healthy_clips_are_read_in_segments(tmp_path: Path) -> None:
    names = ["b_frames.mp4", "open_gop.mp4", "hevc.mp4", "open_gop_hevc.mp4", "vp9.webm"]
    names += ["fields.mp4", "fields.mkv", "not_coded.mp4", "hidden.webm", "pause.mkv"]
    names += ["variable.mkv", "trimmed.mp4", "late.mp4", "turned_180_True.mp4", "b_frames.mkv"]
    for name in names:
        index, _ = read(index_video(BUILDERS[name](tmp_path / name)), 7)
        assert not index.info.in_order, name
