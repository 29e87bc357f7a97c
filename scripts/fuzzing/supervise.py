"""Watching the process that reads: what kills it or takes too long is written down."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final

CRASHED, HUNG = "crashed", "hung"
_START_S: Final = 120.0


class Reader:
    """A process that reads files; begun anew after one that it did not survive.

    Parameters
    ----------
    limit_s : float
        For one file.
    whole : bool
        Through the whole pipeline instead of the reader alone.
    """

    def __init__(self, limit_s: float, whole: bool = False) -> None:
        self._limit_s = limit_s
        self._command = [sys.executable, "-m", "scripts.fuzzing.reader"] + ["--whole"] * whole
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def read(self, path: Path) -> tuple[str, str]:
        """How reading a file ended, and what was said or raised."""
        fresh = self._process is None
        process = self._process or self._begin()
        assert process.stdin is not None
        process.stdin.write(os.fsencode(path) + b"\n")
        process.stdin.flush()
        line = self._line(process, self._limit_s + _START_S * fresh)
        if line is None:
            self._end()
            return HUNG, f"took over {self._limit_s:.0f} s"
        if not line:
            code = process.wait()
            self._end()
            return CRASHED, signal.Signals(-code).name if code < 0 else f"exit code {code}"
        kind, words = json.loads(line)
        return kind, words

    def _begin(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        return self._process

    def _line(self, process: subprocess.Popen[bytes], limit_s: float) -> bytes | None:
        """A line of output; none within the limit, empty where the process has ended."""
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(limit_s):
                return None
        return process.stdout.readline()

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        # Waits for it and closes its pipes.
        with self._process:
            pass
        self._process = None
