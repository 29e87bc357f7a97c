"""What encoders write that PyAV lacks: frames are counted and timed right."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from emotion_core.media.clock import times_us
from emotion_core.media.index import index_video
from emotion_core.media.video import read_frames, split
from tests import clips

FFMPEG = shutil.which("ffmpeg")
ALT_REF = ["-c:v", "libvpx", "-b:v", "200k", "-auto-alt-ref", "1", "-lag-in-frames", "16"]

pytestmark = pytest.mark.skipif(FFMPEG is None, reason="ffmpeg is not installed (apt: ffmpeg)")


def encode(source: Path, path: Path, *options: str, passes: Sequence[str] = ("",)) -> Path:
    for number in passes:
        counted = ["-pass", number, "-passlogfile", str(path)] if number else []
        target = str(path) if number == passes[-1] else "/dev/null"
        form = [] if target == str(path) else ["-f", "null"]
        assert FFMPEG is not None
        subprocess.run(
            [FFMPEG, "-v", "error", "-y", "-i", str(source), *options, *counted, *form, target],
            check=True,
        )
    return path


def codes_and_times(path: Path) -> tuple[list[int], list[int]]:
    index = index_video(path)
    assert (index.status == 0).all()
    frames = [f for s in split(index, 0, len(index), 17) for f in read_frames(s)]
    codes = [clips.read_frame_code(f.planes.luma()) for f in frames if f.planes is not None]
    info = index.info
    return codes, times_us(index.pts, info.pts0, info.time_base).tolist()


@pytest.mark.parametrize("b_frames", ["1", "2"])
@pytest.mark.parametrize("sound", [False, True])
def test_xvid(tmp_path: Path, b_frames: str, sound: bool) -> None:
    source = clips.make_h264(tmp_path / "source.mp4", audio=sound)
    options = ["-c:v", "libxvid", "-bf", b_frames, "-q:v", "3", "-c:a", "libmp3lame"]
    codes, times = codes_and_times(encode(source, tmp_path / "a.avi", *options))
    # The encoder keeps B-frames at the end to itself.
    assert codes[:-1] == list(range(len(codes) - 1))
    assert len(codes) >= clips.FRAMES - int(b_frames)
    assert times == [40_000 * number for number in range(len(codes))]


@pytest.mark.parametrize("suffix", ["webm", "mkv"])
def test_alternate_reference_frames_of_vp8(tmp_path: Path, suffix: str) -> None:
    source = clips.make_h264(tmp_path / "source.mp4")
    path = encode(source, tmp_path / f"a.{suffix}", *ALT_REF, passes=("1", "2"))
    index = index_video(path)
    assert not index.info.in_order
    codes, times = codes_and_times(path)
    assert codes == list(range(clips.FRAMES))
    assert np.abs(np.diff(times) - 40_000).max() <= 1_000


def test_repeated_pictures_of_theora(tmp_path: Path) -> None:
    source = clips.make_h264(tmp_path / "source.mp4")
    still = ["-vf", "loop=loop=5:size=1:start=20", "-c:v", "libtheora", "-q:v", "8"]
    codes, times = codes_and_times(encode(source, tmp_path / "a.ogv", *still))
    # Packets without content say that the picture stays; a key frame shows it again.
    assert sorted(set(codes)) == list(range(clips.FRAMES))
    assert (np.diff(codes) >= 0).all()
    steps = np.diff(times)
    assert steps.max() > 40_000
    assert set((steps % 40_000).tolist()) == {0}


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "mpeg2video"])
def test_b_frames_in_avi(tmp_path: Path, codec: str) -> None:
    source = clips.make_h264(tmp_path / "source.mp4", audio=True)
    options = ["-c:v", codec, "-bf", "2", "-q:v", "3", "-c:a", "libmp3lame"]
    codes, times = codes_and_times(encode(source, tmp_path / "a.avi", *options))
    assert codes == list(range(clips.FRAMES))
    assert times == [40_000 * number for number in range(clips.FRAMES)]
