"""The wheel, and a fresh environment that has nothing of ours but the wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD_TIMEOUT_S = 120
RUN_TIMEOUT_S = 120
# What lies in a working copy and is no source; `.git`, `.venv` and the like start with a dot.
NO_SOURCE = (".*", "__pycache__", "*.egg-info", "build", "dist", "out", "runs", "data")
# What annotating must do without: the extra dependencies of training.
TRAINING_ONLY = ("keras", "sklearn", "scipy", "tensorflow")
REFUSES = "raise ImportError(f'{__name__} must not be imported here')\n"


def plain_environment() -> dict[str, str]:
    """The environment without what steers Python, `PYTHONPATH` above all."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, so that the build leaves nothing there and finds nothing old."""
    copy = tmp_path_factory.mktemp("source") / "copy"
    shutil.copytree(REPOSITORY, copy, ignore=shutil.ignore_patterns(*NO_SOURCE))
    # A Keras model lies beside the inference form after training; it must not travel.
    (copy / "emotion_core" / "models" / "default" / "model.keras").write_bytes(b"a Keras model")
    return copy


@pytest.fixture(scope="session")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as any installer does it: in isolation, with the declared build requirements."""
    folder = tmp_path_factory.mktemp("wheel")
    build = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, source],
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
        check=False,
    )
    assert build.returncode == 0, build.stdout + build.stderr
    (built,) = folder.glob("*.whl")
    return built


@dataclass(frozen=True)
class Installation:
    """A virtual environment with the wheel."""

    folder: Path

    @property
    def packages(self) -> Path:
        (found,) = self.folder.glob("lib/python*/site-packages")
        return found

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def annotate(self) -> Path:
        return self.folder / "bin" / "annotate"

    def run(
        self, *command: object, cwd: Path, python_path: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder, with no more on Python's path than is named here."""
        added = {} if python_path is None else {"PYTHONPATH": str(python_path)}
        return subprocess.run(
            list(map(str, command)),
            cwd=cwd,
            env=plain_environment() | added,
            capture_output=True,
            text=True,
            timeout=RUN_TIMEOUT_S,
            check=False,
        )


@pytest.fixture(scope="session")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel in a fresh environment that borrows the dependencies of this one.

    Installing them again would take minutes. Instead, a ``.pth`` file names this environment's
    package folder. Python executes ``.pth`` files only in the package folders of the environment
    itself, never in folders that such a file has added; so the ``.pth`` file of the editable
    install, which leads to the repository, has no effect.
    """
    fresh = Installation(tmp_path_factory.mktemp("fresh") / "venv")
    venv.create(fresh.folder, with_pip=False, symlinks=True)
    pip = (sys.executable, "-m", "pip", "--python", str(fresh.python), "--quiet")
    install = subprocess.run(
        [*pip, "install", "--no-index", "--no-deps", str(wheel)],
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
        check=False,
        env=plain_environment(),
    )
    assert install.returncode == 0, install.stderr
    borrowed = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (fresh.packages / "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    for name in TRAINING_ONLY:
        (fresh.packages / name).mkdir()
        (fresh.packages / name / "__init__.py").write_text(REFUSES)
    return fresh
