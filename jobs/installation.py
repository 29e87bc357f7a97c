"""Which code runs here: driver and workers must run the same."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import emotion_core
import jobs
from emotion_core.errors import UsageError


@cache
def fingerprint() -> str:
    """Version and hash of the source of `emotion_core` and `jobs` as imported in this process."""
    digest = hashlib.sha256()
    for package in (emotion_core, jobs):
        root = Path(str(package.__file__)).parent
        for file in sorted(root.rglob("*.py")):
            digest.update(f"{package.__name__}/{file.relative_to(root)}\0".encode())
            digest.update(file.read_bytes())
    return f"{emotion_core.__version__}+{digest.hexdigest()[:16]}"


def location() -> Path:
    """The folder that holds the packages."""
    return Path(str(jobs.__file__)).parent.parent


def check_same(worker_fingerprint: str, worker_location: str) -> None:
    """Compare a worker's code with this process's.

    Raises
    ------
    UsageError
        They differ: another version is installed there, or another folder named ``jobs`` or
        ``emotion_core`` hides it.
    """
    if worker_fingerprint != fingerprint():
        raise UsageError(
            worker_location,
            f"workers run other code ({worker_fingerprint}) than this process "
            f"({fingerprint()} in {location()}): install the same version everywhere",
        )
