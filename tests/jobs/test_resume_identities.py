"""People are numbered over all files of a run, so that its files are done together."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from emotion_core.options import AnalysisOptions
from emotion_core.timeline.identity import NUMBERED
from emotion_core.timeline.store import new_timeline, read_blocks, read_metadata
from jobs import reasons
from jobs.config import JobConfig, RunOptions
from jobs.run import annotate
from jobs.todo import Todo
from tests.snapshot import snapshot

COLLINS, GROUP = "a/eileen_collins.jpg", "b/three_faces.jpg"


@pytest.fixture
def job(sample_media: Path, identifier: Path, tmp_path: Path) -> JobConfig:
    portraits = sample_media / "portraits"
    for name, source in ((COLLINS, "eileen_collins.jpg"), (GROUP, "group/three_faces.jpg")):
        (tmp_path / "in" / name).parent.mkdir(parents=True)
        shutil.copy(portraits / source, tmp_path / "in" / name)
    return JobConfig(
        (str(tmp_path / "in"),),
        tmp_path / "out",
        analysis=AnalysisOptions(identities=identifier),
        run=RunOptions(workers=0, video=False),
    )


def todo_of(job: JobConfig) -> Todo:
    """What a run says that it does."""
    told: list[Todo] = []
    assert not annotate(job, announce=told.append).failed
    (todo,) = told
    return todo


def test_a_finished_run_is_left_alone_wherever_its_identifier_lies(
    job: JobConfig, tmp_path: Path, identifier: Path
) -> None:
    assert todo_of(job).reasons() == {reasons.NEW_CHUNK: 2}
    before = snapshot(job.output / "timelines")
    shutil.copytree(identifier, tmp_path / "moved")
    for folder in (identifier, tmp_path / "moved"):
        todo = todo_of(replace(job, analysis=AnalysisOptions(identities=folder)))
        assert (todo.works, len(todo.finished)) == ([], 2)
    assert snapshot(job.output / "timelines") == before


def test_one_file_more_or_changed_does_all_again(job: JobConfig, tmp_path: Path) -> None:
    annotate(job)
    shutil.copytree(tmp_path / "in" / "a", tmp_path / "in" / "c")
    todo = todo_of(job)
    assert todo.reasons() == {reasons.NUMBERED_TOGETHER: 2, reasons.NEW_CHUNK: 1}
    assert todo.finished == []
    fresh = replace(job, output=tmp_path / "fresh")
    annotate(fresh)
    assert snapshot(fresh.output / "timelines") == snapshot(job.output / "timelines")


def test_a_run_that_ended_before_the_numbering_is_done_again(job: JobConfig) -> None:
    annotate(job)
    whole = snapshot(job.output / "timelines")
    timeline = next((job.output / "timelines").rglob("*.parquet"))
    rows, metadata = list(read_blocks(timeline)), read_metadata(timeline)
    assert metadata.pop(NUMBERED) is True
    with new_timeline(timeline, metadata) as append:
        for block in rows:
            append(block)
    assert todo_of(job).reasons() == {reasons.NOT_NUMBERED: 1, reasons.NUMBERED_TOGETHER: 1}
    assert snapshot(job.output / "timelines") == whole


def test_another_identifier_and_none_at_all_count(
    job: JobConfig, tmp_path: Path, identifier: Path
) -> None:
    annotate(job)
    shutil.copytree(identifier, tmp_path / "other")
    card = tmp_path / "other" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"name": "other"}))
    other = replace(job, analysis=AnalysisOptions(identities=tmp_path / "other"))
    assert todo_of(other).reasons() == {reasons.IDENTIFIER_CHANGED: 2}
    without = todo_of(replace(job, analysis=AnalysisOptions()))
    assert without.reasons() == {"--identities is not given and was on": 2}
