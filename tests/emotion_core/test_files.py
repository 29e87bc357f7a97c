"""Shares that cannot sync or lock: files are written there all the same."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.exit_codes import ExitCode

ANNOTATE = Path(sys.executable).parent / "annotate"
STILL = Path(__file__).resolve().parents[2] / "sample_media" / "portraits" / "grace_hopper.jpg"

# Refuses as some shares do: the number of the error comes from the environment.
SOURCE = """
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refused(const char *name) {
    const char *number = getenv(name);
    errno = number ? atoi(number) : 0;
    return errno;
}

int fsync(int descriptor) {
    struct stat status;
    int folder = !fstat(descriptor, &status) && S_ISDIR(status.st_mode);
    if (refused(folder ? "REFUSE_FOLDERS" : "REFUSE_FILES")) return -1;
    return syscall(SYS_fsync, descriptor);
}

int flock(int descriptor, int operation) {
    if (refused("REFUSE_LOCKS")) return -1;
    return syscall(SYS_flock, descriptor, operation);
}
"""


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library to be loaded before all others."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    folder = tmp_path_factory.mktemp("refusing")
    (folder / "refusing.c").write_text(SOURCE)
    library = folder / "refusing.so"
    command = [compiler, "-shared", "-fPIC", "-o", library, folder / "refusing.c"]
    subprocess.run(command, check=True)
    return library


def annotate(library: Path, output: Path, **refused: int) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"LD_PRELOAD": str(library)}
    environment |= {name: str(number) for name, number in refused.items()}
    return subprocess.run(
        [ANNOTATE, "-i", STILL, "-o", output, "--workers", "0"],
        env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("REFUSE_FOLDERS", "EINVAL"),
        ("REFUSE_FOLDERS", "EOPNOTSUPP"),
        ("REFUSE_FILES", "ENOSYS"),
        ("REFUSE_LOCKS", "EINVAL"),
        ("REFUSE_LOCKS", "ENOLCK"),
    ],
)
def test_a_share_that_cannot_is_written_all_the_same(
    refusing: Path, tmp_path: Path, name: str, number: str
) -> None:
    run = annotate(refusing, tmp_path / "out", **{name: getattr(errno, number)})
    assert run.returncode == ExitCode.DONE, run.stderr
    assert list((tmp_path / "out").rglob("timelines/*/*.parquet"))
    assert ("keeps no locks" in run.stderr) == (name == "REFUSE_LOCKS")


def test_a_disk_that_fails_is_a_fault(refusing: Path, tmp_path: Path) -> None:
    run = annotate(refusing, tmp_path / "out", REFUSE_FOLDERS=errno.EIO)
    assert run.returncode == ExitCode.NOT_STARTED
    assert "Input/output error" in run.stderr
