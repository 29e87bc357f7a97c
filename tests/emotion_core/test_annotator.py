"""One file from Python: the rows and copies of the whole job, and nothing left behind."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import emotion_core
from emotion_core import Annotator, annotate_media
from emotion_core.errors import MediaError, OutputError, UsageError
from emotion_core.layout import model_card
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.timeline.store import read_metadata
from jobs.config import JobConfig, RunOptions
from jobs.run import annotate
from tests import clips

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
TURNED = SAMPLES / "clips" / "phone" / "turned.mov"
GROUP = SAMPLES / "portraits" / "group" / "three_faces.jpg"
ANALYSIS = AnalysisOptions(stride=2, min_face=30)
FAST = RenderOptions(preset="ultrafast")
# One that is read in order from the start, one that is begun anew, one of exact times, a still.
MEDIA = ("program.mpg", "broken.mp4", "turned.mov", "three_faces.jpg")


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media") / "clips"
    folder.mkdir()
    clips.make_mpeg_ps(folder / "program.mpg")
    clips.make_undecodable(folder / "broken.mp4", broken=(20,))
    for source in (TURNED, GROUP):
        shutil.copy(source, folder)
    return folder


@pytest.fixture(scope="module")
def run(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of ``annotate --workers 0``."""
    output = tmp_path_factory.mktemp("run")
    config = JobConfig(
        (str(media),), output, analysis=ANALYSIS, render=FAST, run=RunOptions(workers=0)
    )
    assert not annotate(config).failed
    return output


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    return Annotator(analysis=ANALYSIS, render=FAST)


@pytest.mark.parametrize("name", MEDIA)
def test_rows_and_copies_are_those_of_the_whole_job(
    tmp_path: Path, media: Path, run: Path, annotator: Annotator, name: str
) -> None:
    found = annotator.annotate(media / name, tmp_path)
    assert found.timeline == tmp_path / "timelines" / "clips" / f"{name}.parquet"
    assert found.annotated is not None
    of_run = run / "timelines" / found.timeline.relative_to(tmp_path / "timelines")
    if name == "three_faces.jpg":
        (of_run,) = of_run.parent.glob("stills-*.parquet")
    else:
        assert read_metadata(found.timeline) == read_metadata(of_run)
    rows = pq.read_table(of_run)
    assert found.rows.equals(rows)
    assert pq.read_table(found.timeline).equals(rows)
    assert found.source == f"clips/{name}"
    copy = run / "annotated" / found.annotated.relative_to(tmp_path / "annotated")
    assert found.annotated.read_bytes() == copy.read_bytes()
    written = {path for path in tmp_path.rglob("*") if path.is_file()}
    card = model_card(tmp_path, read_metadata(found.timeline)["model"]["sha256"])
    assert written == {found.timeline, found.annotated, card}


def test_without_an_output_nothing_is_left(
    tmp_path: Path, media: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    before = sorted(media.iterdir())
    found = annotate_media(media / "turned.mov", analysis=ANALYSIS)
    assert (found.timeline, found.annotated) == (None, None)
    assert found.rows.equals(pq.read_table(run / "timelines" / "clips" / "turned.mov.parquet"))
    assert [path.name for path in tmp_path.rglob("*")] == ["temporary"]
    assert sorted(media.iterdir()) == before


def test_counts_and_data_frame(media: Path, annotator: Annotator) -> None:
    found = annotator.annotate(media / "turned.mov")
    frame = found.to_pandas()
    assert (found.frames, found.tracks) == (50, frame.track.nunique())
    assert found.faces == frame.emotion.notna().sum() > 0
    assert frame.time_us.tolist() == sorted(frame.time_us)
    still = annotator.annotate(media / "three_faces.jpg")
    assert (still.frames, still.faces, still.tracks) == (1, 3, 3)
    assert "3 faces" in repr(still)


def test_options_and_the_choice_of_no_copy(tmp_path: Path) -> None:
    found = annotate_media(
        str(GROUP), str(tmp_path), analysis=AnalysisOptions(max_faces=1), video=False
    )
    assert (found.faces, found.annotated) == (1, None)
    assert not (tmp_path / "annotated").exists()


def test_results_named_after_a_folder_above(tmp_path: Path, annotator: Annotator) -> None:
    found = annotator.annotate(GROUP, tmp_path, root=SAMPLES, video=False)
    assert found.source == "sample_media/portraits/group/three_faces.jpg"
    assert found.timeline == tmp_path / "timelines" / f"{found.source}.parquet"
    with pytest.raises(UsageError, match="does not lie below"):
        annotator.annotate(GROUP, tmp_path, root=tmp_path)


def test_results_of_another_file_of_the_same_name_stay(
    tmp_path: Path, annotator: Annotator
) -> None:
    first, second = (tmp_path / name / "videos" / "s.jpg" for name in ("p01", "p02"))
    for path in (first, second):
        path.parent.mkdir(parents=True)
        shutil.copy(GROUP, path)
    out = tmp_path / "out"
    annotator.annotate(first, out, video=False)
    with pytest.raises(UsageError, match=rf"{first} has results of the same name") as caught:
        annotator.annotate(second, out, video=False)
    assert caught.value.path == second
    found = annotate_media(second, out, root=tmp_path, video=False)
    assert found.source == f"{tmp_path.name}/p02/videos/s.jpg"
    # The same file, and one that was moved there, are done again.
    assert annotator.annotate(first, out, video=False).timeline is not None
    first.unlink()
    assert annotator.annotate(second, out, video=False).source == "videos/s.jpg"


@pytest.mark.parametrize(
    "wrong",
    [{"end": "0:01"}, {"max_faces": "largest"}, {"baseline": (0, 2)}, {"min_face": "40"}],
)
def test_options_of_another_type_are_named(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(UsageError, match=f"--{name.replace('_', '-')} "):
        AnalysisOptions(**wrong)


@pytest.mark.parametrize("name", ["missing.mp4", "missing.jpg", "text.mp4", "text.jpg", "folder"])
def test_files_that_cannot_be_read_leave_nothing(
    tmp_path: Path, annotator: Annotator, name: str
) -> None:
    file, output = tmp_path / name, tmp_path / "out"
    if name == "folder":
        file.mkdir()
    elif name.startswith("text"):
        clips.make_text_file(file)
    with pytest.raises(MediaError) as caught:
        annotator.annotate(file, output)
    assert str(caught.value).startswith(f"{file}: ")
    assert not list(output.rglob("*"))


def test_a_range_without_a_frame_and_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no frame in the range"):
        annotate_media(TURNED, analysis=AnalysisOptions(start=100.0))
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        annotate_media(GROUP, tmp_path / "file" / "out")


def test_names_that_there_are_not() -> None:
    with pytest.raises(AttributeError, match="annotate_medium"):
        emotion_core.annotate_medium  # noqa: B018
