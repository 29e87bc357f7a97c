"""One run at a time writes into a folder; the dead block nobody."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emotion_core.errors import OutputError
from jobs import lock
from jobs.exit_codes import ExitCode
from jobs.lock import LOCK_FILE, WORKERS_FILE, locked

ANNOTATE = Path(sys.executable).parent / "annotate"
STILL = Path(__file__).resolve().parents[2] / "sample_media" / "portraits" / "grace_hopper.jpg"


@contextmanager
def process(code: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has come to its line ``print()`` and waits until it is killed."""
    waits = f"import sys; sys.path.insert(0, {str(Path(lock.__file__).parents[1])!r})\n{code}"
    with subprocess.Popen([sys.executable, "-c", waits], stdout=subprocess.PIPE, text=True) as held:
        assert held.stdout is not None
        assert held.stdout.readline() == "\n"
        try:
            yield held
        finally:
            held.kill()


def holding(folder: Path) -> str:
    return f"""
import time
from pathlib import Path
from jobs.lock import locked
with locked(Path({str(folder)!r})):
    print(flush=True)
    time.sleep(600)
"""


def working(folder: Path) -> str:
    return f"""
import time
from pathlib import Path
from jobs.lock import mark_worker
mark_worker(Path({str(folder)!r}))
print(flush=True)
time.sleep(600)
"""


def test_the_second_run_is_refused_and_told_who_holds(tmp_path: Path) -> None:
    output = tmp_path / "out"
    with process(holding(output)) as held:
        command = [ANNOTATE, "-i", STILL, "-o", output, "--workers", "0"]
        second = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
        assert second.returncode == ExitCode.NOT_STARTED
        assert "another run writes here" in second.stderr
        assert f"process {held.pid}" in second.stderr
        assert sorted(path.name for path in output.iterdir()) == [LOCK_FILE, WORKERS_FILE]


def test_a_lock_that_a_killed_process_left_does_not_block(tmp_path: Path) -> None:
    with process(holding(tmp_path)) as held:
        held.send_signal(signal.SIGKILL)
        held.wait()
    assert (tmp_path / LOCK_FILE).exists()
    with locked(tmp_path), pytest.raises(OutputError, match="another run"), locked(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_workers_that_outlive_their_run_are_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with process(working(tmp_path)) as worker:
        monkeypatch.setattr(lock, "WORKERS_TIMEOUT_S", 0.5)
        with pytest.raises(OutputError, match="workers of a run that was killed"), locked(tmp_path):
            pass
        monkeypatch.setattr(lock, "WORKERS_TIMEOUT_S", 60)
        killer = subprocess.Popen(["sh", "-c", f"sleep 1; kill -9 {worker.pid}"])
        begun = time.monotonic()
        with locked(tmp_path):
            assert time.monotonic() - begun > 0.5
        killer.wait()
    assert "waiting until the workers" in caplog.text


def test_a_folder_that_goes_is_noticed(tmp_path: Path) -> None:
    output = tmp_path / "out"
    with locked(output) as held:
        held.check()
        output.rename(tmp_path / "moved")
        with pytest.raises(OutputError, match="deleted, moved or unmounted"):
            held.check()
        output.mkdir()
        (output / LOCK_FILE).touch()
        with pytest.raises(OutputError, match="deleted, moved or unmounted"):
            held.check()
