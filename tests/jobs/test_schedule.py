"""A file that is begun anew: what was running of the first attempt comes too late to matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emotion_core.analysed import Analysed
from emotion_core.bundle import load_bundle
from emotion_core.errors import EmotionError, SegmentMismatch
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.tasks import AnalyseTask, IndexTask, Models, Task, TimelineTask
from jobs.config import JobConfig, RunOptions
from jobs.plan import VideoWork, make_plan
from jobs.schedule import RunContext, VideoJob
from tests import clips


@pytest.fixture
def job(tmp_path: Path) -> VideoJob:
    clip = clips.make_undecodable(tmp_path / "broken.mp4", broken=(20, 30))
    config = JobConfig(
        (str(clip),), tmp_path / "out", run=RunOptions(workers=0, segment_frames=8, video=False)
    )
    (work,) = make_plan(config.inputs, config.output).works
    assert isinstance(work, VideoWork)
    return VideoJob(work, RunContext(config, {}))


@pytest.fixture
def models() -> Models:
    return Models.load(load_bundle(), AnalysisOptions(), RenderOptions())


def attempt(task: Task, models: Models) -> Any:
    try:
        return task.run(models)
    except EmotionError as error:
        return error


def test_late_results_of_the_first_attempt_are_ignored(job: VideoJob, models: Models) -> None:
    (index_task,) = job.begin()
    segments = job.advance(index_task, index_task.run(models))
    results = [(task, attempt(task, models)) for task in segments]
    broken = [(task, value) for task, value in results if isinstance(value, SegmentMismatch)]
    sound = [(task, value) for task, value in results if isinstance(value, Analysed)]
    assert len(broken) >= 2
    assert sound
    (again,) = job.fail(*broken[0], 1)
    assert isinstance(again, IndexTask)
    assert again.in_order
    assert job.advance(*sound[0]) == []
    assert job.fail(*broken[1], 1) == []
    (whole,) = job.advance(again, again.run(models))
    assert isinstance(whole, AnalyseTask)
    assert job.advance(*sound[-1]) == []
    assert job.fail(*broken[-1], 1) == []
    assert not job.outcomes
    (timeline,) = job.advance(whole, whole.run(models))
    assert isinstance(timeline, TimelineTask)
    assert job.advance(timeline, timeline.run(models)) == []
    assert [outcome.ok for outcome in job.outcomes] == [True]
    assert job.frames == clips.FRAMES
    assert np.isclose(job.share, 1)
