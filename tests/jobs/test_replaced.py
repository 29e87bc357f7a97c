"""Runs into one folder: a still has its rows once, and nothing of others is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from emotion_core.timeline.store import read_metadata
from jobs.config import JobConfig, RunOptions
from jobs.listener import Progress
from jobs.report import Report
from jobs.run import annotate


def draw(*paths: Path) -> None:
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (number % 256, 90, 90)).save(path)


def run(output: Path, *inputs: Path) -> Report:
    serial = RunOptions(workers=0, video=False)
    return annotate(JobConfig(tuple(map(str, inputs)), output, run=serial))


def sources(output: Path) -> list[str]:
    """Of the rows of all timelines; those of the table over the run are the same."""
    timelines = sorted((output / "timelines").rglob("*.parquet"))
    rows = [source for path in timelines for source in pq.read_table(path)["source"].to_pylist()]
    summary = pq.read_table(output / "summary.parquet")["source"].to_pylist()
    assert sorted(summary) == sorted(rows)
    for path in timelines:
        listed = [still["source"] for still in read_metadata(path)["inputs"]]
        assert listed == pq.read_table(path)["source"].to_pylist()
    return sorted(rows)


def timelines(output: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (output / "timelines").rglob("*.parquet")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw(*(tmp_path / "in" / f"{number:03}.png" for number in range(140)))
    return tmp_path / "in"


@pytest.fixture
def output(tmp_path: Path, folder: Path) -> Path:
    run(tmp_path / "out", folder)
    return tmp_path / "out"


def test_stills_that_come_go_and_are_renamed(folder: Path, output: Path) -> None:
    assert len(timelines(output)) == 2
    draw(folder / "070b.png")
    (folder / "010.png").unlink()
    (folder / "130.png").rename(folder / "a.png")
    report = run(output, folder)
    assert sources(output) == sorted(f"in/{path.name}" for path in folder.iterdir())
    assert report.stills_gone == 2
    assert report.counts()["stills_gone"] == 2


def test_some_stills_of_a_folder_replace_their_rows_only(folder: Path, output: Path) -> None:
    before = sources(output)
    first = next(iter(sorted(timelines(output))))
    run(output, folder / "000.png", folder / "139.png")
    assert sources(output) == before
    run(output, folder / "000.png")
    assert sources(output) == before
    assert first.exists()
    run(output, folder)
    assert sources(output) == before
    assert len(timelines(output)) == 2


def test_another_folder_of_the_same_name_keeps_its_rows(
    tmp_path: Path, folder: Path, output: Path
) -> None:
    other = tmp_path / "elsewhere" / "in"
    draw(other / "000.png", other / "other.png")
    assert run(output, other).stills_gone == 0
    first = [f"in/{number:03}.png" for number in range(140)]
    assert sources(output) == sorted([*first, "in-2/000.png", "in-2/other.png"])


def test_a_folder_that_has_no_stills_any_more(folder: Path, output: Path) -> None:
    (folder / "sub").mkdir()
    for path in folder.glob("*.png"):
        path.rename(folder / "sub" / path.name)
    assert run(output, folder).stills_gone == 140
    assert sources(output) == [f"in/sub/{number:03}.png" for number in range(140)]


def test_a_still_that_fails_has_no_rows_of_an_earlier_run(folder: Path, output: Path) -> None:
    for path in folder.glob("*.png"):
        path.write_bytes(b"" if path.name != "000.png" else path.read_bytes())
    assert len(run(output, folder).failed) == 139
    assert sources(output) == ["in/000.png"]


def test_what_is_not_a_timeline_of_stills_stays(folder: Path, output: Path) -> None:
    place = output / "timelines" / "in"
    kept = [place / "stills-notes.parquet", place / "other.parquet", place / "stills-notes.txt"]
    for path in kept:
        path.write_bytes(b"mine")
    shutil.copy(next(iter(timelines(output))), place.parent / "stills-of-no-input.parquet")
    draw(folder / "new.png")
    run(output, folder)
    assert [path.read_bytes() for path in kept] == [b"mine"] * 3
    assert (place.parent / "stills-of-no-input.parquet").exists()


def test_an_interrupted_run_leaves_no_still_twice(folder: Path, output: Path) -> None:
    draw(folder / "000b.png", folder / "139b.png")

    def interrupt(progress: Progress) -> None:
        ended = progress.files_done
        if progress.outcome is not None and ended == progress.files_total - 1:
            raise KeyboardInterrupt

    config = JobConfig((str(folder),), output, run=RunOptions(workers=0, video=False))
    with pytest.raises(KeyboardInterrupt):
        annotate(config, interrupt)
    rows = [
        source for path in timelines(output) for source in pq.read_table(path)["source"].to_pylist()
    ]
    assert len(rows) == len(set(rows))
    run(output, folder)
    assert sources(output) == sorted(f"in/{path.name}" for path in folder.iterdir())
