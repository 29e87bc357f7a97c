"""`annotate --webcam` as a user runs it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SCRIPTS = Path(sys.executable).parent
TIMEOUT_S = 90


def annotate(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [SCRIPTS / "annotate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def begin(log: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start a session in a process group of its own; what it says goes to a file."""
    command = [SCRIPTS / "annotate", *map(str, arguments)]
    with log.open("w") as messages:
        return subprocess.Popen(command, stderr=messages, text=True, start_new_session=True)


def wait_for(what: Callable[[], bool], process: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not what():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def address_of_page(log: Path) -> str:
    """What the command has printed; empty before."""
    lines = [line for line in log.read_text().splitlines() if line.startswith("Watch: ")]
    return lines[0].removeprefix("Watch: ") if lines else ""
