"""Files that appear whole or not at all, and their hashes."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from emotion_core.errors import DiskFull, OutputError

_ASIDE: Final = re.compile(r"\.[0-9a-f]{32}\.part")
NOT_SUPPORTED: Final = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY)
"""What file systems answer that cannot do a thing, as some shares of a file server: old CIFS and
VirtualBox refuse to sync a folder so."""


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, which becomes `path` once the block has ended well.

    Folders above it are made. The file is synced before it is renamed, where its file system can.
    Where the block raises, it is removed.

    Raises
    ------
    OutputError
        The operating system refused to write, sync or rename the file.
    """
    # Not derived from the name, which may already be as long as the file system allows.
    aside = path.with_name(f".{uuid4().hex}.part")
    try:
        with reported_for(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        with reported_for(path):
            _sync(aside)
            os.replace(aside, path)
            _sync(path.parent)
    finally:
        with suppress(OSError):
            aside.unlink()


def left_aside(folder: Path) -> Iterator[Path]:
    """The temporary files at or below a folder: those being written, and those of killed runs."""
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names if _ASIDE.fullmatch(name))


def remove_earlier(path: Path) -> None:
    """Delete a file that what follows will replace, where there is one; for good, once it returns.

    Raises
    ------
    OutputError
    """
    with reported_for(path, "deleted"), suppress(FileNotFoundError):
        path.unlink()
        _sync(path.parent)


@contextmanager
def reported_for(path: Path, doing: str = "written") -> Iterator[None]:
    """Turns what the operating system refuses into an error that names `path`.

    Raises
    ------
    OutputError
        For any `OSError` of the block: `DiskFull` where that is the reason.
    """
    try:
        yield
    except OSError as error:
        # The message of some libraries holds the temporary name, which tells the user nothing.
        reason = os.strerror(error.errno) if error.errno else str(error)
        kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else OutputError
        raise kind(
            path, f"cannot be {doing} ({reason}): check free space and permission"
        ) from error


def _sync(path: Path) -> None:
    """Wait until it is on the disk; a file system that cannot tell has nothing to wait for."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NOT_SUPPORTED:
            raise
    finally:
        os.close(descriptor)
