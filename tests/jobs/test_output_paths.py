"""Results stay inside --output, whatever inputs are called and wherever links lead."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jobs.config import JobConfig, RunOptions
from jobs.run import annotate

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
GROUP = SAMPLES / "portraits" / "group" / "three_faces.jpg"
SERIAL = RunOptions(workers=0)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A folder with a picture, and one beside it that links lead into."""
    for name in ("media/inner", "beside"):
        (tmp_path / name).mkdir(parents=True)
        shutil.copy(GROUP, tmp_path / name / "a.jpg")
    (tmp_path / "media" / "linked").symlink_to(tmp_path / "beside")
    (tmp_path / "media" / "link.jpg").symlink_to("../beside/a.jpg")
    shutil.copy(GROUP, tmp_path / "media" / "..a.jpg..jpg")
    return tmp_path / "media"


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_written_elsewhere(
    tmp_path: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text(
        f"{media}/inner/../inner/a.jpg\n{tmp_path}/beside/a.jpg\nmedia/../media/link.jpg\n"
    )
    before = snapshot(tmp_path)
    monkeypatch.chdir(tmp_path)
    inputs = (str(media), f"@{listing}", "media/..", str(media / "inner" / ".." / "linked"))
    output = tmp_path / "results" / "out"
    report = annotate(JobConfig(inputs, output, run=SERIAL))
    assert report.done
    assert not report.failed
    after = snapshot(tmp_path)
    assert {path: data for path, data in after.items() if output not in path.parents} == before
    for path in output.rglob("*"):
        assert path.resolve().is_relative_to(output)


def test_a_name_of_dots_alone_is_a_folder_and_none_of_results(tmp_path: Path, media: Path) -> None:
    output = media / "inner" / ".." / "out"
    report = annotate(JobConfig((str(media / "inner" / ".."),), output, run=SERIAL))
    assert report.done
    sources = {outcome.source for outcome in report.done}
    assert all(".." not in source.split("/") for source in sources)
    assert (media / "out" / "run.json").is_file()
