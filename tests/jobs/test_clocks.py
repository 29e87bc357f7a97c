"""Clocks of files through a run: what is said of them, copies of a range, and exports."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pyarrow.parquet as pq
import pytest
import webvtt

from emotion_core.layout import timeline_of, video_copy
from emotion_core.options import AnalysisOptions
from emotion_core.results.coded.video import read_video
from emotion_core.results.coded.write import export_intervals
from emotion_core.results.validate import find_faults
from emotion_core.timeline.intervals import IntervalRule, find_intervals
from emotion_core.timeline.store import read_metadata
from jobs.config import JobConfig, RunOptions
from jobs.progress import describe
from jobs.run import annotate
from tests import clips

ONE_PROCESS = RunOptions(workers=0)


def test_a_run_says_that_a_clock_jumps(tmp_path: Path) -> None:
    path = clips.join(tmp_path / "a.ts", clips.make_ts, frames=60)
    report = annotate(JobConfig((str(path),), tmp_path / "out", run=ONE_PROCESS))
    (outcome,) = report.done
    assert "clock jumps 1 time: time goes on" in describe(outcome)
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert run["counts"]["videos_with_clock_jumps"] == 1
    timeline = timeline_of(tmp_path / "out", outcome.source)
    assert read_metadata(timeline)["clock_jumps"] == [[30, 30 * 3600]]
    assert list(find_faults(timeline)) == []
    rows = pq.read_table(timeline).to_pylist()
    assert rows[30]["pts"] == rows[0]["pts"]
    assert [row["time_us"] for row in rows] == [40_000 * number for number in range(60)]


def test_a_range_over_a_jump(tmp_path: Path) -> None:
    path = clips.join(tmp_path / "a.ts", clips.make_ts, frames=100)
    options = AnalysisOptions(start=1.5, end=2.5)
    config = JobConfig((str(path),), tmp_path / "out", analysis=options, run=ONE_PROCESS)
    (outcome,) = annotate(config).done
    copy = video_copy(tmp_path / "out", outcome.source)
    # The second recording begins at 2 s, with its own numbers.
    shown = clips.plain_codes(copy)
    assert len(shown) == 25
    with av.open(str(copy)) as container:
        sound = container.streams.audio[0]
        assert float(sound.duration * sound.time_base) == pytest.approx(1, abs=0.05)


def test_no_interval_over_a_jump(tmp_path: Path) -> None:
    path = clips.make_jumping_ts(tmp_path / "a.ts")
    annotate(JobConfig((str(path),), tmp_path / "out", run=RunOptions(workers=0, video=False)))
    (timeline,) = (tmp_path / "out" / "timelines").rglob("*.parquet")
    rule = IntervalRule(enter=0.5, leave=0.5, min_duration=0)
    longest = max(find_intervals(timeline, rule)["duration_us"].to_pylist(), default=0)
    assert longest <= 40_000 * clips.FRAMES


def test_exports_count_as_players_do(tmp_path: Path) -> None:
    late = clips.make_early_audio(tmp_path / "late.mp4", start_ms=2_000)
    alone = clips.make_late_start(tmp_path / "alone.mp4", start_ms=2_000)
    run = RunOptions(workers=0, video=False)
    annotate(JobConfig((str(late), str(alone)), tmp_path / "out", run=run))
    rule = IntervalRule(enter=0.5, leave=0.5, min_duration=0)
    onsets = {}
    for name in ("late.mp4", "alone.mp4"):
        (timeline,) = (tmp_path / "out" / "timelines").rglob(f"{name}.parquet")
        video = read_video(timeline, rule)
        assert video is not None
        onsets[name] = [interval.onset_us for interval in video.intervals]
        found = find_intervals(timeline, rule)["onset_us"].to_pylist()
        added = 2_000_000 if name == "late.mp4" else 0
        assert onsets[name] == [onset + added for onset in found]
        (path,) = export_intervals(timeline, tmp_path / "subtitles", "webvtt", rule)
        assert [round(cue.start_in_seconds * 1000) for cue in webvtt.read(path)] == [
            onset // 1000 for onset in sorted(onsets[name])
        ]
    assert onsets["late.mp4"]
