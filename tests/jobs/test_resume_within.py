"""A video goes on within itself after an interruption, with the same results byte for byte."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from emotion_core.options import AnalysisOptions, RenderOptions
from jobs.config import JobConfig, RunOptions
from jobs.listener import Progress
from jobs.run import annotate
from tests import clips
from tests.snapshot import snapshot

CLIP = "a.mp4"


@pytest.fixture
def config(tmp_path: Path) -> JobConfig:
    """A clip in five pieces."""
    (tmp_path / "in").mkdir()
    clips.make_h264(tmp_path / "in" / CLIP)
    return JobConfig(
        (str(tmp_path / "in"),),
        tmp_path / "out",
        render=RenderOptions(preset="ultrafast"),
        run=RunOptions(workers=0, segment_frames=7),
    )


def interrupted(config: JobConfig, events: int) -> None:
    """Run until some events of progress have come."""
    seen: list[Progress] = []

    def listen(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == events:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        annotate(config, listen)


# Index, 5 segments, timeline, 5 segments, join, still.
@pytest.mark.parametrize("events", [1, 4, 6, 7, 10, 12])
def test_a_video_goes_on_where_it_was_interrupted(config: JobConfig, events: int) -> None:
    whole = replace(config, output=config.output.with_name("whole"))
    annotate(whole)
    interrupted(config, events)
    parts = {path: path.stat().st_mtime_ns for path in (config.output / ".work").rglob("*-*.*")}
    assert bool(parts) == (events > 1)
    assert json.loads((config.output / "run.json").read_text())["complete"] is False
    kept: list[dict[Path, int]] = []

    def listen(_: Progress) -> None:
        kept.append({path: path.stat().st_mtime_ns for path in parts if path.exists()})

    annotate(config, listen)
    # As long as the video was not finished, what was there stayed as it was.
    assert kept[0] == parts
    assert snapshot(config.output) == snapshot(whole.output)


def test_parts_of_another_configuration_are_not_used(config: JobConfig) -> None:
    interrupted(config, 4)
    other = replace(config, analysis=AnalysisOptions(min_face=30))
    annotate(other)
    whole = replace(other, output=config.output.with_name("whole"))
    annotate(whole)
    assert snapshot(config.output) == snapshot(whole.output)


def test_a_file_that_changes_while_it_is_read_fails_and_is_tried_again(config: JobConfig) -> None:
    clip = Path(config.inputs[0]) / CLIP

    def listen(progress: Progress) -> None:
        if 0.1 < progress.share < 0.4:
            os.utime(clip)

    report = annotate(config, listen)
    assert "changed while" in report.failed[0].error
    assert not annotate(config).failed
