"""A process that others can tell from all others, and end.

A process id alone is no identity: in containers of one machine, the same number is another process
in each, and their host names may be equal.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def mark_process() -> str:
    """Give this process a mark that no other has; empty where the system has no means for it.

    It is the name of a file in memory that stays open as long as the process lives.
    """
    name = f"emotion-annotate-{uuid4().hex}"
    try:
        os.memfd_create(name)
    except (AttributeError, OSError):
        return ""
    return name


def kill_marked(pid: int, mark: str) -> bool:
    """Kill a process, if it bears the mark as seen from here; whether it did.

    Parameters
    ----------
    pid : int
        As the process itself knows it.
    mark : str
        What `mark_process` said in it.
    """
    try:
        if not mark or os.readlink("/proc/self") != str(os.getpid()):
            # What /proc shows are not the processes that signals reach.
            return False
        # From here on the number cannot come to mean another process.
        process = os.pidfd_open(pid)
    except (AttributeError, OSError):
        return False
    try:
        found = any(mark in target for target in _open_files(pid))
        if found:
            with suppress(OSError):
                signal.pidfd_send_signal(process, signal.SIGKILL)
        return found
    finally:
        os.close(process)


def _open_files(pid: int) -> list[str]:
    found: list[str] = []
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.append(os.readlink(entry))
    return found
