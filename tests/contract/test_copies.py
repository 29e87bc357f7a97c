"""Every readable clip: its copy has the timeline's frames and times, and its sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as pq
import pytest

from emotion_core.layout import video_copy
from emotion_core.options import RenderOptions
from emotion_core.timeline.store import read_metadata
from jobs.config import JobConfig, RunOptions
from jobs.run import annotate
from tests import clips
from tests.contract.odd_clips import BUILDERS, OTHER_CLOCKS

WITH_SOUND = {
    "pcm.mov": clips.make_pcm_audio,
    "pcm.mkv": clips.make_pcm_audio,
    "late_sound.mp4": clips.make_late_audio,
    "early_sound.mp4": clips.make_early_audio,
    "raw.h264": clips.make_raw_h264,
}
# An animated GIF is taken as a still: its first picture.
ALL = {
    name: make
    for name, make in (BUILDERS | WITH_SOUND | OTHER_CLOCKS).items()
    if name != "anim.gif"
}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    for name, make in ALL.items():
        make(folder / name)
    return folder


@pytest.fixture(scope="module")
def output(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    videos = [str(path) for path in sorted(media.iterdir())]
    config = JobConfig(
        tuple(videos),
        folder,
        render=RenderOptions(preset="ultrafast"),
        run=RunOptions(workers=0, segment_frames=20),
    )
    report = annotate(config)
    assert not report.failed, report.failed
    return folder


@pytest.mark.parametrize("name", ALL)
def test_copy_matches_timeline_and_source(media: Path, output: Path, name: str) -> None:
    timeline = output / "timelines" / media.name / f"{name}.parquet"
    rows, metadata = pq.read_table(timeline), read_metadata(timeline)
    base = Fraction(metadata["time_base"])
    shifts = {0: 0, **dict(metadata["clock_jumps"])}
    pts = np.unique(
        [
            value + shifts[max(first for first in shifts if first <= frame)]
            for frame, value in zip(rows["frame"].to_pylist(), rows["pts"].to_pylist(), strict=True)
        ]
    )
    copy = video_copy(output, f"{media.name}/{name}")
    times = [frame.pts * Fraction(frame.time_base) for frame in clips.plain_decode(copy)]
    assert times == [int(value - pts[0]) * base for value in pts]
    with av.open(str(copy)) as container, av.open(str(media / name)) as source:
        assert len(container.streams.audio) == min(1, len(source.streams.audio))
        video = container.streams.video[0]
        assert (video.codec.name, video.pix_fmt) == ("h264", "yuv420p")
        for sound in container.streams.audio if name in OTHER_CLOCKS else ():
            # Each recording has as much sound as pictures, but for what AAC and MP2 add.
            ends = float(times[-1]) + 0.04
            assert float(sound.duration * sound.time_base) == pytest.approx(ends, abs=0.1)
        assert video.width % 2 == video.height % 2 == 0
