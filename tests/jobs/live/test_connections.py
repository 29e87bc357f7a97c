"""Connections that ask nothing stop neither the analysis nor the page, and are said once."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from jobs.live.connections import CONNECTIONS_MAX

FILES_MAX = 256
OPENED = 400


def test_many_idle_connections(sample_media: Path, tmp_path: Path) -> None:
    clip, log = sample_media / "clips" / "coming_and_going.mp4", ""
    command = (
        f"ulimit -n {FILES_MAX}; exec {sys.executable} -c 'from jobs.cli import main; main()' "
        f"--webcam {clip} --port 0 --workers 0 --output {tmp_path / 'out'}"
    )
    with subprocess.Popen(["bash", "-c", command], stderr=subprocess.PIPE, text=True) as session:
        assert session.stderr is not None
        while not (found := re.search(r"Watch: (http://[^:]+:(\d+)/\S+/)", log)):
            line = session.stderr.readline()
            assert line, log
            log += line
        assert "begins to play when the page is opened" in log
        sockets = [socket.create_connection(("127.0.0.1", int(found[2]))) for _ in range(OPENED)]
        with urllib.request.urlopen(f"{found[1]}state", timeout=10) as answer:
            assert answer.status == 200
        # Those of the page, and what the session itself has open.
        assert len(os.listdir(f"/proc/{session.pid}/fd")) < CONNECTIONS_MAX + 60
        log += session.stderr.read()
        for each in sockets:
            each.close()
    assert session.returncode == 0, log
    assert log.count("idle ones are closed") == 1
    assert "Traceback" not in log
    assert "225 frames" in log
    assert list((tmp_path / "out" / "timelines").rglob("*.parquet"))
