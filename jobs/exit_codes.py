"""Exit codes of the command lines."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a run's end means."""

    DONE = 0
    SOME_FAILED = 1
    NOT_STARTED = 2
    NO_MEDIA = 3
    INTERRUPTED = 130
    TERMINATED = 143
