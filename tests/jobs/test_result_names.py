"""Results on file systems that refuse characters and take names of other case for one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.config import JobConfig, RunOptions
from jobs.exit_codes import ExitCode
from jobs.result_names import NameRules, place_names, rules_of
from jobs.run import annotate

CLIP = Path(__file__).resolve().parents[2] / "sample_media" / "clips" / "phone" / "turned.mov"
PORTRAITS = CLIP.parents[2] / "portraits"
STRICT = NameRules(refuses=True, ignores_case=True)
TOOLS = ("mkfs.exfat", "mount.exfat-fuse", "losetup", "umount")


def quietly(*command: str | Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def exfat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (apt: exfatprogs exfat-fuse)")
    folder = tmp_path_factory.mktemp("exfat")
    image, place = folder / "image", folder / "mounted"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(64 << 20)
    quietly("mkfs.exfat", image)
    try:
        device = quietly("losetup", "--find", "--show", image)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no loop device may be set up here: {error.stderr}")
    try:
        quietly("mount.exfat-fuse", device, place)
    except subprocess.CalledProcessError as error:
        quietly("losetup", "--detach", device)
        pytest.skip(f"exFAT cannot be mounted here: {error.stderr}")
    yield place
    quietly("umount", place)
    quietly("losetup", "--detach", device)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Names that exFAT refuses, and two pairs that differ in case alone."""
    folder = tmp_path / "10:30?"
    folder.mkdir()
    for name in ("clip.mov", "CLIP.mov", "what: is*it.mov"):
        shutil.copy(CLIP, folder / name)
    shutil.copy(PORTRAITS / "grace_hopper.jpg", folder / "a.jpg")
    shutil.copy(PORTRAITS / "eileen_collins.jpg", folder / "A.jpg")
    return folder


def run(media: Path, output: Path) -> JobConfig:
    return JobConfig((str(media),), output, run=RunOptions(workers=0))


def test_each_file_has_results_of_its_own(exfat: Path, media: Path) -> None:
    output = exfat / "out"
    report = annotate(run(media, output))
    assert report.exit_code == ExitCode.DONE, report.failed
    assert len(report.done) == 5
    timelines = list((output / "timelines").rglob("*.parquet"))
    sources = [set(pq.read_table(path)["source"].to_pylist()) for path in timelines]
    assert len(set().union(*sources)) == sum(map(len, sources)) == 5
    copies = [path for path in (output / "annotated").rglob("*") if path.is_file()]
    assert len(copies) == 5
    assert pq.read_table(output / "summary.parquet")["source"].unique().to_pylist() != []


def test_the_same_command_again_finds_all_done(exfat: Path, media: Path) -> None:
    output = exfat / "again"
    first = annotate(run(media, output))
    assert len(first.done) == 5
    before = sorted(path for path in output.rglob("*") if path.is_file())
    second = annotate(run(media, output))
    assert len(second.finished_before) == 5
    assert not second.done
    assert sorted(path for path in output.rglob("*") if path.is_file()) == before


def test_what_a_file_system_does_is_found_out(exfat: Path, tmp_path: Path) -> None:
    assert rules_of(exfat / "not" / "yet" / "there") == STRICT
    assert rules_of(tmp_path / "none") == NameRules()
    assert list(tmp_path.iterdir()) == []


def test_names_stay_where_they_can(media: Path, tmp_path: Path) -> None:
    assert place_names(["in/a:b.mp4", "in/A:b.mp4"], tmp_path) == {}
    report = annotate(run(media, tmp_path / "out"))
    assert len(report.done) == 5
    folder = tmp_path / "out" / "timelines" / "10:30?"
    assert (folder / "what: is*it.mov.parquet").is_file()
    assert (folder / "CLIP.mov.parquet").is_file()


@given(st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=40))
def test_a_fitting_name_fits_and_stays(name: str) -> None:
    fitting = STRICT.fitting(name)
    assert STRICT.fitting(fitting) == fitting
    assert not set(fitting) & set('":*<>?|\\')
    assert NameRules().fitting(name) == name
