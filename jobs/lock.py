"""One run at a time writes into an output folder, and no worker of a killed one beside it.

The locks are `flock`'s: the kernel, or the file server, lets go of them when a process ends,
however it ends.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from emotion_core.errors import OutputError
from emotion_core.files import NOT_SUPPORTED, reported_for

log = logging.getLogger(__name__)

LOCK_FILE: Final = ".lock"
WORKERS_FILE: Final = ".lock-workers"
WORKERS_TIMEOUT_S: Final = 120
LEAVING_S: Final = 1
POLL_S: Final = 0.05
_NO_LOCKS: Final = (errno.ENOLCK, *NOT_SUPPORTED)


class OutputLock:
    """An output folder that belongs to this run."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self._folder = folder
        self._descriptor = descriptor

    def check(self) -> None:
        """See that the folder is still the one that the run began with.

        Raises
        ------
        OutputError
            It was deleted, moved or unmounted: what is written now would lie elsewhere.
        """
        if not _is_file_of(self._descriptor, self._folder / LOCK_FILE):
            raise OutputError(
                self._folder,
                "was deleted, moved or unmounted while the run went on: bring it back and run the "
                "same command again",
            )


@contextmanager
def locked(folder: Path) -> Iterator[OutputLock]:
    """Make the folder where there is none, and hold it for one run.

    Raises
    ------
    OutputError
        It cannot be written, another run holds it, or workers of one that was killed do not end.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = _open_held(folder / LOCK_FILE)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            folder, f"cannot be written ({reason}): choose another --output"
        ) from error
    try:
        _await_workers(folder)
        yield OutputLock(folder, descriptor)
    finally:
        # Removed while it is held: who opens it now finds out by `_is_file_of`.
        with suppress(OSError):
            if _is_file_of(descriptor, folder / LOCK_FILE):
                # This run's own were killed a moment ago.
                if _workers_end(folder, LEAVING_S):
                    (folder / WORKERS_FILE).unlink()
                (folder / LOCK_FILE).unlink()
        os.close(descriptor)


def mark_worker(folder: Path) -> None:
    """Let runs that begin later wait until this process has ended.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    with reported_for(folder):
        # Open as long as the process lives.
        _try_lock(os.open(folder / WORKERS_FILE, os.O_RDWR | os.O_CREAT, 0o666), fcntl.LOCK_SH)


def _open_held(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if not _try_lock(descriptor, fcntl.LOCK_EX):
            other = _read_holder(descriptor)
            os.close(descriptor)
            raise OutputError(
                path.parent,
                f"another run writes here{other}: wait for its end, or choose another --output",
            )
        if _is_file_of(descriptor, path):
            break
        os.close(descriptor)
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    holder = {"host": socket.gethostname(), "pid": os.getpid(), "since": now}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(holder).encode(), 0)
    return descriptor


def _await_workers(folder: Path) -> None:
    """Wait for workers whose driver was killed: they end within seconds, but may still write."""
    if not _workers_live(folder):
        return
    log.warning("waiting until the workers of a run that was killed have ended")
    if not _workers_end(folder, WORKERS_TIMEOUT_S):
        raise OutputError(
            folder, "workers of a run that was killed still write here: end them first"
        )


def _workers_end(folder: Path, timeout_s: float) -> bool:
    """Wait until no worker lives that marked itself here; False where one still does."""
    deadline = time.monotonic() + timeout_s
    while _workers_live(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _workers_live(folder: Path) -> bool:
    with reported_for(folder):
        descriptor = os.open(folder / WORKERS_FILE, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        return not _try_lock(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        log.warning("this storage keeps no locks: see that no other run writes into the output")
    return True


def _is_file_of(descriptor: int, path: Path) -> bool:
    """Whether a path still leads to an open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _read_holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return f" (process {holder['pid']} on {holder['host']}, since {holder['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        # It has just begun.
        return ""
