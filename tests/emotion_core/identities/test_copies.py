"""Copies show the numbers of people, which are known once all files of a run are analysed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as pq
import pytest

from emotion_core import Annotator
from emotion_core.annotate import render_still
from emotion_core.media.still import read_still
from emotion_core.options import AnalysisOptions
from emotion_core.overlay import labels_by_frame
from emotion_core.render.canvas import Canvas
from emotion_core.render.draw import Label, draw_labels
from emotion_core.results.find import find_timelines
from emotion_core.timeline.identity import NUMBERED
from emotion_core.timeline.store import read_metadata
from jobs.config import JobConfig, RunOptions
from jobs.listener import Progress
from jobs.run import annotate

CLIP, GROUP, HOPPER = "in/coming_and_going.mp4", "in/three_faces.jpg", "in/grace_hopper.jpg"
FRAME = 60
"""Two people are seen well."""

SAME, OTHER = 12, 24
"""Below and above which mean differences the same caption was drawn, or another."""


@pytest.fixture
def job(sample_media: Path, identifier: Path, tmp_path: Path) -> JobConfig:
    (tmp_path / "in").mkdir()
    portraits = sample_media / "portraits"
    for path in (portraits / "group" / "three_faces.jpg", portraits / "grace_hopper.jpg"):
        shutil.copy(path, tmp_path / "in")
    shutil.copy(sample_media / "clips" / "coming_and_going.mp4", tmp_path / "in")
    return JobConfig(
        (str(tmp_path / "in"),),
        tmp_path / "out",
        analysis=AnalysisOptions(identities=identifier, start=2.0, end=3.0),
        run=RunOptions(workers=0),
    )


def rows_of(output: Path, source: str) -> object:
    (rows,) = (
        found
        for path in find_timelines(output)
        if len(found := pq.read_table(path, filters=[("source", "==", source)]))
    )
    return rows


def frame_of(video: Path, number: int) -> np.ndarray:
    with av.open(str(video)) as container:
        for position, frame in enumerate(container.decode(video=0)):
            if position == number:
                return frame.to_ndarray(format="rgb24")
    raise AssertionError(number)


def distance(one: np.ndarray, other: np.ndarray, label: Label) -> float:
    """Mean difference where a caption stands above a box."""
    x, y, width, _ = (round(value) for value in label.box)
    band = np.s_[y - 28 : y - 2, x : x + width]
    return float(np.abs(one[band].astype(int) - other[band]).mean())


def check_copies(media: Path, output: Path) -> None:
    first = FRAME - 50
    rows = rows_of(output, CLIP)
    labels = labels_by_frame(rows)[FRAME]
    assert [label.caption.rpartition(" ")[0][:8] for label in labels] == ["person 0", "person 1"]
    shown = frame_of(output / "annotated" / CLIP, first)
    wanted, other = (frame_of(media / CLIP, FRAME) for _ in range(2))
    draw_labels(Canvas.of_rgb(wanted), labels)
    draw_labels(Canvas.of_rgb(other), [replace(label, identity=None) for label in labels])
    for label in labels:
        assert distance(shown, wanted, label) < SAME
        assert distance(shown, other, label) > OTHER
    for source in (GROUP, HOPPER):
        render_still(read_still(media / source), rows_of(output, source), None, output / "x.jpg")
        assert (output / "annotated" / source).read_bytes() == (output / "x.jpg").read_bytes()


@pytest.mark.parametrize("workers", [0, 2])
def test_copies_of_a_run_name_people(job: JobConfig, tmp_path: Path, workers: int) -> None:
    told: list[Progress] = []
    report = annotate(replace(job, run=RunOptions(workers=workers)), told.append)
    assert len(report.done) == 3
    assert told[-1].files_done == told[-1].files_total == 3
    assert [one.share for one in told] == sorted(one.share for one in told)
    check_copies(tmp_path, job.output)
    assert not (job.output / ".work").exists()


def test_copies_from_python_name_people(job: JobConfig, tmp_path: Path) -> None:
    annotator = Annotator(analysis=job.analysis)
    for source in (CLIP, GROUP, HOPPER):
        found = annotator.annotate(tmp_path / source, job.output, root=tmp_path / "in")
        assert found.to_pandas().identity.notna().any()
    check_copies(tmp_path, job.output)


def test_no_earlier_copy_stands_beside_rows_that_wait(job: JobConfig) -> None:
    annotate(job)
    copies = [job.output / "annotated" / source for source in (CLIP, GROUP, HOPPER)]
    assert all(copy.exists() for copy in copies)

    def stop(progress: Progress) -> None:
        if not any(copy.exists() for copy in copies):
            raise KeyboardInterrupt

    again = replace(job, run=RunOptions(workers=0, overwrite=True))
    with pytest.raises(KeyboardInterrupt):
        annotate(again, stop)
    assert not any(copy.exists() for copy in copies)
    assert not any(read_metadata(path).get(NUMBERED) for path in find_timelines(job.output))
    assert len(annotate(job).done) == 3
    assert all(copy.exists() for copy in copies)


def test_a_timeline_that_goes_before_people_are_numbered_is_no_result(job: JobConfig) -> None:
    def remove(progress: Progress) -> None:
        for path in job.output.glob("timelines/in/stills-*.parquet"):
            path.unlink()

    report = annotate(job, remove)
    assert [outcome.source for outcome in report.done] == [CLIP]
    assert {outcome.source for outcome in report.failed} == {GROUP, HOPPER}
    assert all("is not there" in str(outcome.error) for outcome in report.failed)


def test_a_face_without_a_number_shows_its_track() -> None:
    label = Label((0, 0, 9, 9), "happy", "happy 87%", track=3)
    assert (label.caption, label.short) == ("#3 happy 87%", "#3")
    known = replace(label, identity=12)
    assert (known.caption, known.short) == ("person 12 happy 87%", "P12")
