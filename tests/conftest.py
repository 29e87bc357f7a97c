"""Fixtures of all tests: a run of the main job to look at, and no errors in the log."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
RUN_TIMEOUT_S = 240


@pytest.fixture(autouse=True)
def no_errors_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test in which an error is logged: it should have been raised or reported."""
    yield
    errors = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not errors, [f"{record.name}: {record.getMessage()}" for record in errors]


@pytest.fixture(scope="session")
def sample_media() -> Path:
    return REPOSITORY / "sample_media"


@pytest.fixture(scope="session")
def annotate_script() -> Path:
    """The console script of the environment that runs the tests."""
    return Path(sys.executable).parent / "annotate"


@pytest.fixture(scope="session")
def sample_run(
    annotate_script: Path, sample_media: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The output folder of `annotate` on the sample media, made once, with one Ray worker."""
    output = tmp_path_factory.mktemp("sample_run") / "out"
    run = subprocess.run(
        [annotate_script, "--input", sample_media, "--output", output, "--workers", "1"],
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return output


@pytest.fixture(scope="session")
def identifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for ``--identities`` that needs no weights, and tells apart those of the samples."""
    from tests.identifiers import write_identifier

    return write_identifier(tmp_path_factory.mktemp("identifier") / "identifier")


@pytest.fixture(scope="session")
def finished_run(sample_media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Timelines of the sample media, and of a clip with damage: made once, in this process."""
    from jobs.config import JobConfig, RunOptions
    from jobs.run import annotate
    from tests import clips

    folder = tmp_path_factory.mktemp("finished_run")
    (folder / "odd").mkdir()
    clips.make_undecodable(folder / "odd" / "broken.mp4", broken=(20,))
    report = annotate(
        JobConfig(
            inputs=(str(sample_media), str(folder / "odd")),
            output=folder / "out",
            run=RunOptions(workers=0, video=False),
        )
    )
    assert not report.failed
    return folder / "out"
