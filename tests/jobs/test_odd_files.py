"""Files that take the program by surprise end as failures of their own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import av
import pyarrow.parquet as pq
import pytest

from emotion_core.errors import UnexpectedError, UsageError
from emotion_core.faces.find import FaceFinder
from emotion_core.media.index import index_video
from emotion_core.media.still import read_still
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.tasks import Models
from emotion_core.timeline.summary import FileSummary
from jobs.config import JobConfig, RunOptions
from jobs.exit_codes import ExitCode
from jobs.outcomes import Failed
from jobs.progress import describe
from jobs.run import annotate
from jobs.worker import Worker
from tests import clips

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


def test_odd_names_of_stills(tmp_path: Path) -> None:
    names = [b"a b.jpg", "\u00e9\U0001f600.jpg".encode(), b"line\nbreak.jpg", b"caf\xe9.jpg"]
    names += [b"-dash.jpg", b"x" * 250 + b".jpg"]
    folder = tmp_path / "in"
    folder.mkdir()
    for name in names:
        shutil.copy(GROUP, os.path.join(os.fsencode(folder), name))
    output = tmp_path / "out"
    report = annotate(JobConfig((str(folder),), output, run=SERIAL))
    assert len(report.done) == len(names), report.failed
    lines = [describe(outcome) for outcome in report.outcomes]
    assert all(len(line.splitlines()) == 1 for line in lines)
    assert any(r"line\nbreak.jpg: 3 faces" in line for line in lines)
    (timeline,) = (output / "timelines").rglob("*.parquet")
    sources = set(pq.read_table(timeline)["source"].to_pylist())
    copies = {path.relative_to(output / "annotated") for path in output.rglob("*.jpg")}
    assert {Path(source) for source in sources} == copies
    assert Path(r"in/caf\xe9.jpg") in copies


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
    known = finder.find(before, still=True)
    assert len(known) == 3
    left = finder.find(after, still=True)
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


def test_titles_that_are_not_utf8(tmp_path: Path) -> None:
    clip = tmp_path / "titled.mkv"
    with av.open(str(clip), "w") as container:
        container.metadata["title"] = "XXYYZZXX"
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    clip.write_bytes(clip.read_bytes().replace(b"XXYYZZXX", b"caf\xe9 \xfc\xff "))
    report = annotate(JobConfig((str(clip),), tmp_path / "out", run=SERIAL))
    assert report.exit_code == ExitCode.DONE, report.failed


def test_a_range_without_a_sampled_frame_is_said(tmp_path: Path) -> None:
    clip = SAMPLES / "clips" / "phone" / "turned.mov"
    analysis = AnalysisOptions(stride=1000, start=1.0)
    report = annotate(JobConfig((str(clip),), tmp_path, analysis=analysis, run=SERIAL))
    assert "sample more often" in report.failed[0].error


def test_links_to_themselves_and_lists_of_lists(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(GROUP, folder / "a.jpg")
    (folder / "loop.mp4").symlink_to(folder / "loop.mp4")
    report = annotate(JobConfig((str(folder),), tmp_path / "out", run=SERIAL))
    assert [outcome.source for outcome in report.done] == ["in/a.jpg"]
    assert len(report.failed) == 1
    listing = tmp_path / "list.txt"
    listing.write_text(f"@{listing}\n")
    with pytest.raises(UsageError, match="another list"):
        annotate(JobConfig((f"@{listing}",), tmp_path / "out", run=SERIAL))


def test_a_broken_timeline_of_another_run_costs_no_table(tmp_path: Path) -> None:
    (tmp_path / "timelines").mkdir()
    (tmp_path / "timelines" / "old.parquet").write_bytes(b"PAR1")
    annotate(JobConfig((str(GROUP),), tmp_path, run=SERIAL))
    assert (tmp_path / "run.json").exists()
    assert set(pq.read_table(tmp_path / "summary.parquet")["source"].to_pylist()) == {
        "group/three_faces.jpg"
    }


def test_hiding_does_not_depend_on_segments(tmp_path: Path) -> None:
    clip = SAMPLES / "clips" / "phone" / "turned.mov"
    pictures = []
    for length in (1000, 17):
        config = JobConfig(
            (str(clip),),
            tmp_path / str(length),
            render=RenderOptions(blur_faces=True, preset="ultrafast", crf=0),
            run=RunOptions(workers=0, segment_frames=length),
        )
        annotate(config)
        (copy,) = (tmp_path / str(length) / "annotated").rglob("*.mp4")
        pictures.append([clips.stored_luma(frame).copy() for frame in clips.plain_frames(copy)])
    assert len(pictures[0]) == len(pictures[1]) == 100
    for whole, cut in zip(*pictures, strict=True):
        assert (whole == cut).all()


def test_an_address_where_nothing_listens(tmp_path: Path) -> None:
    run = RunOptions(workers=1, ray_address="127.0.0.1:9")
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:9"):
        annotate(JobConfig((str(GROUP),), tmp_path, run=run))
