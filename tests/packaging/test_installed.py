"""The installed program runs its own code, wherever it is started and whatever lies there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.exit_codes import ExitCode
from tests.packaging.conftest import REFUSES, Installation

OUR_PACKAGES = ("emotion_core", "jobs", "training")
SECOND_WITH_A_FACE = ("--start", "1", "--end", "2")


@pytest.fixture
def hostile_folder(tmp_path: Path, sample_media: Path) -> Path:
    """A folder with a clip, and with packages of our names that cannot be imported."""
    folder = tmp_path / "hostile"
    for name in OUR_PACKAGES:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(REFUSES)
    (folder / "videos").mkdir()
    shutil.copy(sample_media / "clips" / "phone" / "turned.mov", folder / "videos")
    return folder


def read_timeline(output: Path) -> pa.Table:
    return pq.read_table(output / "timelines" / "videos" / "turned.mov.parquet", partitioning=None)


def test_the_fresh_environment_has_the_wheel_and_not_the_repository(
    installation: Installation, tmp_path: Path
) -> None:
    for name in OUR_PACKAGES:
        code = f"import {name}; print({name}.__file__)"
        run = installation.run(installation.python, "-c", code, cwd=tmp_path)
        assert run.returncode == 0, run.stderr
        assert Path(run.stdout.strip()).is_relative_to(installation.packages)


@pytest.mark.parametrize("script", ["annotate", "emotion-timeline", "emotion-training"])
def test_command_lines_are_installed(
    installation: Installation, script: str, tmp_path: Path
) -> None:
    run = installation.run(installation.folder / "bin" / script, "--help", cwd=tmp_path)
    assert run.returncode == ExitCode.DONE, run.stderr
    assert script in run.stdout


def test_packages_in_the_users_folder_are_not_run(
    installation: Installation, hostile_folder: Path
) -> None:
    timelines = {}
    for workers in (0, 1):
        output = f"out-{workers}"
        run = installation.run(
            installation.annotate, "--input", "videos", "--output", output,
            "--workers", workers, *SECOND_WITH_A_FACE, cwd=hostile_folder,
        )  # fmt: skip
        assert run.returncode == ExitCode.DONE, run.stderr
        timelines[workers] = read_timeline(hostile_folder / output)
    assert "ok" in timelines[0]["status"].to_pylist()
    assert timelines[0].equals(timelines[1], check_metadata=True)


@pytest.mark.parametrize(
    ("addition", "complaint"),
    [
        ("CHANGED = True", "altered: workers run other code"),
        ("import a_module_of_another_version", "a_module_of_another_version"),
    ],
    ids=["changed", "not importable"],
)
def test_workers_with_other_code_are_refused(
    addition: str,
    complaint: str,
    installation: Installation,
    hostile_folder: Path,
    tmp_path: Path,
) -> None:
    """An altered copy lies on PYTHONPATH. The driver is told to ignore that; Ray's workers,
    which inherit the variable, find the copy first.
    """
    altered = tmp_path / "altered"
    for name in OUR_PACKAGES:
        shutil.copytree(installation.packages / name, altered / name)
    with (altered / "jobs" / "worker.py").open("a") as module:
        module.write(f"\n{addition}\n")
    run = installation.run(
        installation.python, "-E", installation.annotate, "--input", "videos",
        "--output", "out", "--workers", 1, cwd=hostile_folder, python_path=altered,
    )  # fmt: skip
    assert run.returncode == ExitCode.NOT_STARTED, run.stdout + run.stderr
    assert complaint in run.stderr
    assert "Traceback (most" not in run.stderr
    assert not list(hostile_folder.glob("out/timelines/**/*.parquet"))
