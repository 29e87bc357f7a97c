"""Files that take the program by surprise end as failures of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emotion_core.errors import UnexpectedError, UsageError
from emotion_core.faces.find import FaceFinder
from emotion_core.media.index import index_video
from emotion_core.media.still import read_still
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.timeline.summary import FileSummary
from jobs.config import JobConfig, RunOptions
from jobs.exit_codes import ExitCode
from jobs.run import annotate
from jobs.tasks import Models
from jobs.worker import Failed, Worker

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
GROUP = SAMPLES / "portraits" / "group" / "three_faces.jpg"
TURNED_STILL = SAMPLES / "portraits" / "eileen_collins.jpg"
SERIAL = RunOptions(workers=0)


def test_a_picture_named_like_a_video_is_read(tmp_path: Path) -> None:
    # Its EXIF block is side data of a kind that PyAV cannot list.
    shutil.copy(TURNED_STILL, tmp_path / "picture.mp4")
    report = annotate(JobConfig((str(tmp_path / "picture.mp4"),), tmp_path / "out", run=SERIAL))
    assert report.exit_code == ExitCode.DONE
    assert index_video(tmp_path / "picture.mp4").info.width == read_still(TURNED_STILL).width


class FailingTask:
    """A task with a fault of the program in it."""

    def run(self, models: Models) -> None:
        raise ValueError("surprise")


def test_a_fault_of_the_program_becomes_the_file_s_failure(tmp_path: Path) -> None:
    outcome = Worker(JobConfig((), tmp_path)).run(FailingTask())
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, UnexpectedError)
    assert "surprise" in outcome.error.message
    assert "raise ValueError" in outcome.error.trace


def test_the_output_folder_is_refused_as_input(tmp_path: Path) -> None:
    shutil.copy(GROUP, tmp_path / "a.jpg")
    with pytest.raises(UsageError, match="choose another --output"):
        annotate(JobConfig((str(tmp_path),), tmp_path, run=SERIAL))


@pytest.mark.parametrize(
    ("options", "rows"), [({"max_faces": 1}, 1), ({"min_face": 200}, 1), ({}, 3)]
)
def test_faces_without_a_row_are_hidden_as_well(
    tmp_path: Path, options: dict[str, int], rows: int
) -> None:
    config = JobConfig(
        (str(GROUP),),
        tmp_path,
        analysis=AnalysisOptions(**options),
        render=RenderOptions(blur_faces=True),
        run=SERIAL,
    )
    assert annotate(config).done[0].summary == FileSummary(1, 1, 0, 0, rows)
    (copy,) = (tmp_path / "annotated").rglob("*.jpg")
    finder = FaceFinder(min_face=30, threshold=0.6)
    before, after = read_still(GROUP), read_still(copy)
    (known,) = finder.find([before], stills=True)
    assert len(known) == 3
    (left,) = finder.find([after], stills=True)
    assert len(left) == 0


def test_no_face_can_be_found_in_a_blurred_clip(tmp_path: Path) -> None:
    clip = SAMPLES / "clips" / "phone" / "turned.mov"
    config = JobConfig(
        (str(clip),),
        tmp_path,
        render=RenderOptions(blur_faces=True, preset="ultrafast"),
        run=SERIAL,
    )
    assert annotate(config).exit_code == ExitCode.DONE
    (copy,) = (tmp_path / "annotated").rglob("*.mp4")
    again = JobConfig((str(copy),), tmp_path / "again", run=RunOptions(workers=0, video=False))
    (outcome,) = annotate(again).done
    assert outcome.summary is not None
    assert (outcome.summary.frames, outcome.summary.with_face) == (100, 0)
