"""Real clips: frames and times are those that Debian's ffprobe finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotion_core.errors import SegmentMismatch
from emotion_core.media.clock import times_us
from emotion_core.media.index import UNDECODABLE, VideoIndex, index_video
from emotion_core.media.kinds import is_still
from emotion_core.media.video import read_frames, split
from tests.ffprobe import needs_ffprobe, read_ffprobe

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = sorted(path for path in (REPOSITORY / "sample_media" / "clips").rglob("*.m*"))
SHARED = sorted(
    path
    for path in (REPOSITORY.parent / "shared" / "media").glob("*.*")
    if path.suffix != ".md" and not is_still(path)
)


def indexed(path: Path) -> VideoIndex:
    """As a run indexes it: anew where reading disagrees."""
    index = index_video(path)
    try:
        for segment in split(index, 0, len(index), 300):
            for _ in read_frames(segment):
                pass
    except SegmentMismatch:
        return index_video(path, in_order=True)
    return index


@needs_ffprobe
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_sample_media(path: Path) -> None:
    check(path)


@needs_ffprobe
@pytest.mark.skipif(not SHARED, reason="../shared/media is not here")
@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_shared_media(path: Path) -> None:
    check(path)


def check(path: Path) -> None:
    index, probed = indexed(path), read_ffprobe(path)
    pts = index.pts[index.status != UNDECODABLE]
    ours = times_us(pts, int(pts[0]), index.info.time_base).tolist()
    assert len(ours) == len(probed.times_us)
    assert [time for time in probed.times_us if time is not None] == [
        time for time, theirs in zip(ours, probed.times_us, strict=True) if theirs is not None
    ]
    assert (index.info.stored_width, index.info.stored_height) == probed.size
