"""Only a process that bears its mark is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import jobs
from jobs.marked_process import kill_marked

ROOT = str(Path(str(jobs.__file__)).parents[1])
MARKED = f"""
import sys; sys.path.insert(0, {ROOT!r})
import os, time
from jobs.marked_process import mark_process
print(os.getpid(), mark_process(), flush=True)
time.sleep(600)
"""
INSIDE = "import sys; sys.path.insert(0, {root!r}); from jobs.marked_process import kill_marked\n"


def test_a_process_is_killed_by_its_own_mark_alone() -> None:
    with (
        subprocess.Popen([sys.executable, "-c", MARKED], stdout=subprocess.PIPE, text=True) as ours,
        subprocess.Popen(["sleep", "600"]) as other,
    ):
        assert ours.stdout is not None
        pid, mark = ours.stdout.readline().split()
        assert int(pid) == ours.pid
        try:
            assert not kill_marked(other.pid, mark)
            assert not kill_marked(ours.pid, "")
            assert not kill_marked(ours.pid, mark[:-1] + "-")
            assert other.poll() is None
            assert ours.poll() is None
            # Stopped, as one that is stuck.
            ours.send_signal(signal.SIGSTOP)
            assert kill_marked(ours.pid, mark)
            assert ours.wait(10) == -signal.SIGKILL
            assert other.poll() is None
        finally:
            other.kill()
            ours.kill()


def test_a_number_in_another_pid_namespace_hits_nobody() -> None:
    unshare = ["unshare", "--pid", "--fork"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        import pytest

        pytest.skip("needs the right to make PID namespaces")
    with subprocess.Popen(
        [*unshare, "--mount-proc", "--kill-child", sys.executable, "-c", MARKED],
        stdout=subprocess.PIPE, text=True,
    ) as worker:  # fmt: skip
        assert worker.stdout is not None
        pid, mark = worker.stdout.readline().split()
        # Its number within is that of another process out here.
        assert int(pid) == 1
        kill = f"print(kill_marked({pid}, {mark!r}))"
        code = INSIDE.format(root=ROOT) + kill
        try:
            for place in ([], [*unshare, "--mount-proc"], unshare):
                command = [*place, sys.executable, "-c", code]
                assert subprocess.check_output(command, text=True, timeout=60) == "False\n"
            assert worker.poll() is None
        finally:
            worker.kill()
