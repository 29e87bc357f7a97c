"""What signals do to a run: to the whole of it, and to a worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from jobs.exit_codes import ExitCode
from tests import clips

ANNOTATE = str(Path(sys.executable).parent / "annotate")
CLIP = (
    Path(__file__).resolve().parents[2] / "sample_media" / "clips" / "phone" / "variable_rate.mp4"
)
FAST = ("--workers", "0", "--preset", "ultrafast")


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)],
)
def test_interruption_keeps_finished_files_and_leaves_no_process(
    tmp_path: Path, number: signal.Signals, code: ExitCode
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    clips.loop_clip(clips.make_h264(folder / "a.mp4"), folder / "long.mp4", 100)
    inputs = ("-i", folder / "a.mp4", "-i", folder / "long.mp4")
    options = ("-o", str(tmp_path / "out"), "--workers", "1", "--preset", "ultrafast")
    command = [ANNOTATE, *map(str, inputs), *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        finished = tmp_path / "out" / "annotated" / "in" / "a.mp4"
        part = tmp_path / "out" / ".work"
        deadline = time.monotonic() + 200
        while time.monotonic() < deadline:
            # Of the long one: the other has no such frame.
            if finished.exists() and any(part.rglob("*-0000001*-faces.npy")):
                break
            time.sleep(0.1)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        os.killpg(process.pid, number)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == code, errors
    assert "Stopping ..." in errors
    assert "1 of 2 files are done. The same command goes on from there." in errors
    assert "Traceback" not in errors
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["complete"] is False
    assert record["counts"]["files_done"] == 1
    left = {path.name for path in (tmp_path / "out").iterdir()} - {".lock-workers"}
    assert left == {".work", "annotated", "failures.jsonl", "models", "run.json", "timelines"}
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive


CONNECTING = """
import signal, sys
from jobs.ray_session import held_signals
# Whoever starts this in the background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    with held_signals():
        for _ in range(int(sys.argv[1])):
            signal.raise_signal(signal.SIGINT)
        print("connected")
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(
    ("times", "steps"),
    [(0, ["connected"]), (1, ["connected", "interrupted"]), (2, ["interrupted"])],
)
def test_an_interruption_waits_while_ray_connects_and_a_second_one_does_not(
    times: int, steps: list[str]
) -> None:
    command = [sys.executable, "-c", CONNECTING, str(times)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == steps


# A stopped process is as good as one that hangs in a decoder: both are ended after half a minute.
@pytest.mark.parametrize(
    ("number", "patience"),
    [(signal.SIGKILL, 1.0), pytest.param(signal.SIGSTOP, 0.1, marks=pytest.mark.slow)],
)
def test_a_worker_that_dies_or_hangs_costs_a_retry(
    tmp_path: Path, number: signal.Signals, patience: float
) -> None:
    clip = clips.loop_clip(CLIP, tmp_path / "long.mp4", 2)
    output = tmp_path / "out"
    options = ("--no-video", "--segment-frames", "20", "--sample-fps", "10")
    options += ("--patience", str(patience))
    command = [ANNOTATE, "-i", str(clip), "-o", str(output), "--workers", "1", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not any((output / ".work").rglob("*-faces.npy")) and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "Worker" in " ".join(child.cmdline()) and "ray::" in " ".join(child.cmdline())
    ]
    assert workers
    for worker in workers:
        worker.send_signal(number)
    _, errors = process.communicate(timeout=200)
    assert process.returncode == ExitCode.DONE, errors
    serial = tmp_path / "serial"
    alone = [ANNOTATE, "-i", str(clip), "-o", str(serial), *FAST, *options]
    subprocess.run(alone, timeout=200, check=True)
    (first,), (second,) = (list(folder.rglob("long.mp4.parquet")) for folder in (output, serial))
    assert pq.read_table(first).equals(pq.read_table(second))
    assert not psutil.pid_exists(workers[0].pid)
