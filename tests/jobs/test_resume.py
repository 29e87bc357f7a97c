"""The same run again does only what is missing, and says why."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from emotion_core.errors import UsageError
from emotion_core.options import AnalysisOptions, RenderOptions
from jobs import reasons
from jobs.config import JobConfig, RunOptions
from jobs.exit_codes import ExitCode
from jobs.messages import describe_report, describe_todo
from jobs.report import Report
from jobs.run import annotate
from jobs.todo import Todo
from tests import clips
from tests.snapshot import snapshot

SERIAL = RunOptions(workers=0)
CLIP, STILL = "a.mp4", "still.png"


@pytest.fixture
def config(tmp_path: Path) -> JobConfig:
    folder = tmp_path / "in"
    folder.mkdir()
    clips.make_h264(folder / CLIP)
    Image.new("RGB", (64, 48), (90, 120, 150)).save(folder / STILL)
    render = RenderOptions(preset="ultrafast")
    return JobConfig((str(folder),), tmp_path / "out", render=render, run=SERIAL)


def do(config: JobConfig, **run: object) -> tuple[Report, Todo]:
    """Run, and tell what there was to do."""
    said: list[Todo] = []
    changed = replace(config, run=replace(config.run, **run))
    report = annotate(changed, announce=said.append)
    return report, said[0]


def why(todo: Todo) -> dict[str, str]:
    return {file.path.name: reason for work, reason in todo.works for file in work.files}


def test_what_is_finished_is_left_alone(config: JobConfig) -> None:
    report, todo = do(config)
    assert why(todo) == {CLIP: reasons.NEW, STILL: reasons.NEW_CHUNK}
    before = snapshot(config.output)
    times = {path: path.stat().st_mtime_ns for path in config.output.rglob("*.[mp]*[4t]")}
    report, todo = do(config, segment_frames=7)
    assert not todo.works
    assert {file.path.name for file in todo.finished} == {CLIP, STILL}
    assert report.exit_code == ExitCode.DONE
    assert snapshot(config.output) == before
    tables = {"summary.parquet", "intervals.parquet"}
    for path, time_ns in times.items():
        assert path.name in tables or path.stat().st_mtime_ns == time_ns
    counts = json.loads((config.output / "run.json").read_text())["counts"]
    assert (counts["files_done"], counts["files_done_before"]) == (0, 2)


def touch(config: JobConfig) -> JobConfig:
    os.utime(Path(config.inputs[0]) / CLIP)
    return config


def lose_the_copy(config: JobConfig) -> JobConfig:
    (config.output / "annotated" / "in" / CLIP).unlink()
    return config


def lose_the_timeline(config: JobConfig) -> JobConfig:
    (config.output / "timelines" / "in" / f"{CLIP}.parquet").unlink()
    return config


def damage_the_timeline(config: JobConfig) -> JobConfig:
    (config.output / "timelines" / "in" / f"{CLIP}.parquet").write_bytes(b"PAR1")
    return config


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (touch, reasons.INPUT_CHANGED),
        (lose_the_copy, reasons.COPY_MISSING),
        (lose_the_timeline, reasons.NEW),
        (damage_the_timeline, reasons.UNREADABLE),
    ],
)
def test_what_is_not_finished_is_done_again(
    config: JobConfig, change: Callable[[JobConfig], JobConfig], reason: str
) -> None:
    do(config)
    before = snapshot(config.output)
    _, todo = do(change(config))
    assert why(todo) == {CLIP: reason}
    after = snapshot(config.output)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {
        f"timelines/in/{CLIP}.parquet"
    }
    assert not do(config)[1].works


def test_options_that_change_results_and_those_that_do_not(config: JobConfig) -> None:
    do(config)
    smaller = replace(config, analysis=AnalysisOptions(min_face=30))
    _, todo = do(smaller)
    assert set(why(todo).values()) == {"--min-face is 30 and was 40"}
    hidden = replace(smaller, render=replace(config.render, blur_faces=True))
    _, todo = do(hidden, video=False)
    assert not todo.works
    _, todo = do(hidden)
    assert set(why(todo).values()) == {"--blur-faces is on and was off"}
    _, todo = do(hidden, overwrite=True)
    assert set(why(todo).values()) == {reasons.OVERWRITE}


def test_copies_that_were_not_drawn(config: JobConfig) -> None:
    do(config, video=False)
    assert not do(config, video=False)[1].works
    _, todo = do(config)
    assert set(why(todo).values()) == {reasons.NEVER_DRAWN}


def test_another_input_of_the_same_name(config: JobConfig, tmp_path: Path) -> None:
    do(config)
    other = tmp_path / "elsewhere" / "in"
    shutil.copytree(tmp_path / "in", other)
    elsewhere = replace(config, inputs=(str(other),))
    before = snapshot(config.output / "timelines" / "in")
    _, todo = do(elsewhere)
    assert set(why(todo).values()) == {reasons.NEW, reasons.NEW_CHUNK}
    assert f"{other}: its results are named in-2" in next(describe_todo(todo))
    assert snapshot(config.output / "timelines" / "in") == before
    # A folder keeps its name, also alone and beside others.
    both = replace(config, inputs=(str(other), str(tmp_path / "in")))
    for again in (elsewhere, config, both):
        _, todo = do(again)
        assert not todo.works
        assert not todo.named_anew


def test_a_folder_that_was_moved(config: JobConfig, tmp_path: Path) -> None:
    do(config)
    shutil.move(tmp_path / "in", tmp_path / "elsewhere" / "in")
    moved = replace(config, inputs=(str(tmp_path / "elsewhere" / "in"),))
    assert set(why(do(moved)[1]).values()) == {reasons.INPUT_MOVED}
    # Others of that name are not taken for it, though it is gone once more.
    shutil.move(tmp_path / "elsewhere" / "in", tmp_path / "again" / "in")
    other = tmp_path / "other" / "in"
    other.mkdir(parents=True)
    Image.new("RGB", (32, 32)).save(other / STILL)
    both = replace(config, inputs=(str(other), str(tmp_path / "again" / "in")))
    _, todo = do(both)
    assert why(todo)[CLIP] == reasons.INPUT_MOVED
    assert {file.source.split("/")[0]: file.path.parent for file in todo.files} == {
        "in": tmp_path / "again" / "in", "in-2": other,
    }  # fmt: skip


def test_copies_of_before_that_show_other_results(config: JobConfig) -> None:
    do(config)
    report, _ = do(config, video=False)
    assert "annotated" in " ".join(describe_report(report, config.output))
    assert report.old_copies == 0
    other = replace(config, analysis=AnalysisOptions(min_face=33))
    report, _ = do(other, video=False)
    said = list(describe_report(report, config.output))
    assert any("2 earlier copies in annotated may show other results" in line for line in said)
    assert said[-1].startswith(f"Results: {config.output} (timelines, summary")


def test_failures_are_remembered_until_something_changes(config: JobConfig) -> None:
    bad = clips.make_text_file(Path(config.inputs[0]) / "bad.mp4")
    report, todo = do(config)
    assert [outcome.path for outcome in report.failed] == [bad]
    report, todo = do(config)
    assert not todo.works
    assert [(outcome.path, outcome.before) for outcome in report.failed] == [(bad, True)]
    assert report.exit_code == ExitCode.SOME_FAILED
    assert str(bad) in (config.output / "failures.jsonl").read_text()
    assert why(do(config, retry_failed=True)[1]) == {"bad.mp4": reasons.FAILED_BEFORE}
    bad.chmod(0o640)
    assert why(do(config)[1]) == {"bad.mp4": reasons.FAILED_OTHERWISE}
    clips.make_h264(bad)
    report, todo = do(config)
    assert why(todo) == {"bad.mp4": reasons.FAILED_OTHERWISE}
    assert not report.failed
    assert (config.output / "failures.jsonl").read_text() == ""


def test_a_still_that_failed_does_not_cost_its_chunk(config: JobConfig) -> None:
    bad = Path(config.inputs[0]) / "bad.png"
    bad.write_bytes(b"nothing")
    do(config)
    report, todo = do(config)
    assert not todo.works
    assert [outcome.path for outcome in report.failed] == [bad]
    _, todo = do(config, retry_failed=True)
    assert why(todo) == {"bad.png": reasons.FAILED_BEFORE, STILL: reasons.FAILED_BEFORE}


def test_fail_fast_ends_the_run_and_the_rest_is_done_later(config: JobConfig) -> None:
    bad = clips.make_text_file(Path(config.inputs[0]) / "A.mp4")
    report, _ = do(config, fail_fast=True)
    assert [outcome.path for outcome in report.outcomes] == [bad]
    assert not report.complete
    assert report.exit_code == ExitCode.SOME_FAILED
    assert not (config.output / "summary.parquet").exists()
    report, todo = do(config)
    assert why(todo).keys() == {CLIP, STILL}
    assert report.complete


def test_left_over_temporary_files_go(config: JobConfig) -> None:
    do(config)
    strays = [
        config.output / place / f".{'0a' * 16}.part"
        for place in ("", "timelines/in", "annotated/in", ".work/1234")
    ]
    for stray in strays:
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"half")
    mine = config.output / "annotated" / "in" / ".mine.part"
    mine.write_bytes(b"mine")
    do(config)
    assert not any(stray.exists() for stray in strays)
    assert mine.exists()
    assert not (config.output / ".work").exists()


def test_options_of_a_run_are_checked() -> None:
    with pytest.raises(UsageError, match="--patience"):
        RunOptions(patience=0)
