"""Damage that spreads from picture to picture is marked as far as it goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emotion_core.errors import SegmentMismatch
from emotion_core.media.index import OK, VideoIndex, index_video
from emotion_core.media.repair import spread_backwards
from emotion_core.media.video import Frame, read_frames, split
from tests import clips

VISIBLE = 1.0
"""Mean difference in codes."""


def read(path: Path) -> tuple[VideoIndex, list[Frame]]:
    index = index_video(path)
    try:
        return index, [f for s in split(index, 0, len(index), 150) for f in copied(read_frames(s))]
    except SegmentMismatch:
        index = index_video(path, in_order=True)
        return index, [f for s in split(index, 0, len(index), 150) for f in copied(read_frames(s))]


def copied(frames):  # type: ignore[no-untyped-def]
    for frame in frames:
        yield int(frame.pts), None if frame.planes is None else frame.planes.luma().astype(int)


@pytest.mark.parametrize(
    ("name", "build"),
    [("a.mp4", clips.make_h264), ("a.ts", clips.make_mpeg_ts), ("a.avi", clips.make_mpeg4_avi)],
)
def test_frames_that_look_damaged_are_marked(
    tmp_path: Path, name: str, build: Callable[[Path], Path]
) -> None:
    _, whole = read(build(tmp_path / name))
    sound = dict(whole)
    seen = 0
    for seed in range(4):
        index, frames = read(clips.flip_bits(build(tmp_path / name), 3, seed))
        for status, (pts, luma) in zip(index.status, frames, strict=True):
            if status == OK:
                assert luma is not None
                assert np.abs(luma - sound[pts]).mean() < VISIBLE, (seed, pts)
            seen += status != OK
    assert seen > 10


def test_b_frames_before_damage_lean_on_it() -> None:
    damaged = np.array([0, 0, 0, 1, 1, 0, 0, 1], bool)
    leaning = np.array([1, 0, 1, 0, 1, 0, 1, 0], bool)
    assert spread_backwards(damaged, leaning).tolist() == [0, 0, 1, 1, 1, 0, 1, 1]
    assert spread_backwards(damaged[:0], leaning[:0]).tolist() == []
