"""Which frames the tasks of a video concern, and which they read for that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emotion_core.bundle import load_bundle
from emotion_core.media.index import VideoIndex, index_video
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.stages import VideoStages, run_in_order
from emotion_core.tasks import AnalyseTask, IndexTask, Models, identify
from emotion_core.timeline.store import read_blocks
from emotion_core.video_request import VideoRequest

GROUP = 50
"""Frames from one key frame of the clip to the next."""


@pytest.fixture(scope="module")
def clip(sample_media: Path) -> Path:
    return sample_media / "clips" / "coming_and_going.mp4"


@pytest.fixture(scope="module")
def index(clip: Path) -> VideoIndex:
    found = index_video(clip, in_order=False)
    assert np.flatnonzero(found.key).tolist() == [0, 50, 100, 150, 200]
    return found


def request(clip: Path, folder: Path, options: AnalysisOptions, length: int) -> VideoRequest:
    return VideoRequest(
        path=clip,
        source=clip.name,
        input=identify(clip),
        timeline=folder / "timeline.parquet",
        annotated=folder / "copy.mp4",
        parts=folder,
        analysis=options,
        render=RenderOptions(),
        metadata={},
        segment_frames=length,
    )


@pytest.mark.parametrize(
    ("options", "first", "stop"),
    [
        (AnalysisOptions(), 0, 225),
        (AnalysisOptions(sample_fps=5), 0, 225),
        (AnalysisOptions(stride=3), 0, 225),
        (AnalysisOptions(start=3.0, end=7.0), 75, 175),
    ],
)
def test_no_group_is_decoded_for_the_few_frames_before_the_next(
    clip: Path, index: VideoIndex, tmp_path: Path, options: AnalysisOptions, first: int, stop: int
) -> None:
    stages = VideoStages(request(clip, tmp_path, options, GROUP))
    (task,) = stages.begin()
    assert isinstance(task, IndexTask)
    analysed = [t for t in stages.advance(task, index) if isinstance(t, AnalyseTask)]
    assert len(analysed) > 1
    begins = [t.segment.first for t in analysed]
    ends = [t.segment.first + len(t.segment) for t in analysed]
    assert begins[0] == first
    assert ends[-1] == stop
    assert begins[1:] == ends[:-1]
    decoded = 0
    for task in analysed:
        key = int(np.flatnonzero(index.key[: task.around.first + 1])[-1])
        decoded += task.around.first + len(task.around) - key
        # What begins beyond a key frame does so to need nothing before it.
        assert task.segment.first - task.around.first < GROUP // 2
    # The range may begin in the midst of a group; the rest is what leads from one to the next.
    assert decoded - (stop - first) <= first % GROUP + 12 * len(analysed)


def test_rows_and_frames_are_the_same_however_the_video_is_cut(
    clip: Path, index: VideoIndex, tmp_path: Path
) -> None:
    tables = []
    models = Models.load(load_bundle(), AnalysisOptions(), RenderOptions())
    for length in (GROUP, 10_000):
        folder = tmp_path / str(length)
        folder.mkdir()
        stages = VideoStages(request(clip, folder, AnalysisOptions(), length))
        run_in_order(stages, models)
        drawn = sorted(folder.glob("*-packets.arrow"))
        assert len(drawn) == (len(index) // GROUP if length == GROUP else 1)
        tables.append(list(read_blocks(folder / "timeline.parquet")))
    one, other = ([row for block in blocks for row in block.to_pylist()] for blocks in tables)
    assert one == other
    assert len({row["frame"] for row in one}) == len(index)
