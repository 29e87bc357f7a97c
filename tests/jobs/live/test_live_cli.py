"""Live sessions from the command line: what cannot start says why, what ends leaves all it has."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import psutil
import pyarrow.parquet as pq
import pytest

from emotion_core.media.container import Fault, decode, open_video
from emotion_core.results.read import read_timeline
from emotion_core.results.validate import find_faults
from jobs.exit_codes import ExitCode
from tests.clips import loop_clip
from tests.jobs.live.commands import annotate, begin, wait_for
from tests.streams import free_port


@pytest.fixture(scope="module")
def clip(sample_media: Path) -> Path:
    return sample_media / "clips" / "coming_and_going.mp4"


@pytest.fixture(scope="module")
def long_clip(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return loop_clip(clip, tmp_path_factory.mktemp("clips") / "long.mp4", 10)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--webcam", "94"), "/dev/video94: no such camera"),
        (("--webcam", "none.mp4"), "none.mp4: is no file"),
        (("--webcam", "gopher://host/"), "gopher:// is not read"),
        (("--webcam", "{text}", "--workers", "0"), "is no video"),
        (("--webcam", "{clip}", "--stride", "2"), "--stride is for files"),
        (("--webcam", "{clip}", "--fail-fast"), "--fail-fast is for files"),
        (("--webcam", "{clip}", "--patience", "3"), "--patience is for files"),
        (("--webcam", "{clip}", "--record"), "--record needs --output"),
        (("--webcam", "{clip}", "--headless", "--window"), "exclude each other"),
        (("--webcam", "{clip}", "--input", "{clip}"), "exclude each other"),
        (("--webcam", "{clip}", "-o", "{text}/out", "--workers", "0"), "cannot be written"),
        (("--input", "{clip}", "--record"), "--record needs --webcam"),
        ((), "--input"),
    ],
)
def test_what_cannot_start_says_why(
    arguments: tuple[str, ...], complaint: str, clip: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("words")
    result = annotate(*(part.format(clip=clip, text=text) for part in arguments))
    assert result.returncode == ExitCode.NOT_STARTED, result.stderr
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


def test_a_stream_that_nobody_sends() -> None:
    url = f"rtsp://me:secret@127.0.0.1:{free_port()}/x"
    result = annotate("--webcam", url, "--headless", "--workers", "0")
    assert result.returncode == ExitCode.NOT_STARTED
    assert "nothing listens there" in result.stderr
    assert "secret" not in result.stderr


def test_a_port_that_is_taken(clip: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = annotate("--webcam", clip, "--port", port, "--workers", "0")
    assert result.returncode == ExitCode.NOT_STARTED
    assert f"port {port} (address already in use)" in result.stderr


def test_without_the_page_s_packages_it_says_what_to_install(clip: Path) -> None:
    code = (
        "import sys; sys.modules['starlette'] = None\n"
        f"sys.argv = ['annotate', '--webcam', {str(clip)!r}]\n"
        "from jobs.cli import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == ExitCode.NOT_STARTED
    assert "pip install '.[live]'" in run.stderr


def test_windows_need_an_opencv_that_has_them(clip: Path) -> None:
    if "GUI:                           NONE" not in cv2.getBuildInformation():
        pytest.skip("the installed OpenCV can open windows")
    result = annotate("--webcam", clip, "--window", "--workers", "0")
    assert result.returncode == ExitCode.NOT_STARTED
    assert "cannot open a window" in result.stderr


def test_several_sources_at_once(clip: Path, sample_media: Path, tmp_path: Path) -> None:
    other = sample_media / "clips" / "phone" / "turned.mov"
    result = annotate(
        *("--webcam", clip, "--webcam", other, "--webcam", clip), "--headless", "--end", "0.8",
        "--workers", "0", "-o", tmp_path,
    )  # fmt: skip
    assert result.returncode == ExitCode.DONE, result.stderr
    totals = json.loads((tmp_path / "run.json").read_text())["live"]
    assert [(t["width"], t["height"]) for t in totals] == [(640, 360), (360, 640), (640, 360)]
    assert len({t["source"] for t in totals}) == 3
    assert len(list((tmp_path / "timelines").rglob("*.parquet"))) == 3


def test_a_session_leaves_a_timeline_tables_and_a_record(clip: Path, tmp_path: Path) -> None:
    """With an actor of Ray, like a user's."""
    result = annotate(
        "--webcam", clip, "--headless", "--end", "3", "--record", "-o", tmp_path / "out"
    )
    assert result.returncode == ExitCode.DONE, result.stderr
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    (totals,) = record["live"]
    assert record["complete"]
    assert totals["frames_arrived"] == 75
    (timeline,) = (tmp_path / "out" / "timelines").rglob("*.parquet")
    assert [str(fault) for fault in find_faults(timeline)] == []
    summary = pq.read_table(tmp_path / "out" / "summary.parquet")
    assert summary["source"][0].as_py() == totals["source"]
    assert (tmp_path / "out" / "annotated" / f"{totals['source']}.mp4").stat().st_size > 1000
    assert not list(tmp_path.rglob("*.parts"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_completes_the_timeline(
    number: signal.Signals, long_clip: Path, tmp_path: Path
) -> None:
    """Ctrl+C goes to the whole group, Ray's processes included."""
    log, out = tmp_path / "log", tmp_path / "out"
    workers = ("--workers", "0") if number == signal.SIGTERM else ()
    run = begin(log, "--webcam", long_clip, "--headless", *workers, "-o", out)
    wait_for(lambda: len(list(out.rglob("0*.parquet"))) >= 1, run, log)
    second = annotate("--input", long_clip, "-o", out, "--workers", "0")
    assert second.returncode == ExitCode.NOT_STARTED
    assert f"{out}: another run writes here" in second.stderr
    os.killpg(run.pid, number)
    assert run.wait(60) == ExitCode.DONE, log.read_text()
    (timeline,) = (out / "timelines").rglob("*.parquet")
    assert [str(fault) for fault in find_faults(timeline)] == []
    assert json.loads((out / "run.json").read_text())["complete"]


def test_a_killed_session_keeps_all_but_the_last_seconds(long_clip: Path, tmp_path: Path) -> None:
    log, out = tmp_path / "log", tmp_path / "out"
    session = ("--webcam", long_clip, "--headless", "--workers", "0", "-o", out)
    run = begin(log, *session, "--record", "--preset", "ultrafast")
    # Parts of two seconds, and a recording in fragments of 30 frames.
    wait_for(lambda: len(list(out.rglob("0*.parquet"))) >= 4, run, log)
    run.kill()
    run.wait()
    kept = read_timeline(out)
    assert max(kept["time_us"].to_pylist()) > 7_000_000
    (recording,) = out.rglob("*.mp4")
    with open_video(recording) as (container, stream):
        shown = [item for item in decode(container, stream) if not isinstance(item, Fault)]
    assert len(shown) >= 30
    assert not json.loads((out / "run.json").read_text())["complete"]
    after = annotate(*session, "--end", "0.5")
    assert after.returncode == ExitCode.DONE, after.stderr
    assert "Made whole after a session that was killed" in after.stderr
    first, second = sorted((out / "timelines").rglob("*.parquet"))
    assert read_timeline(first).num_rows == kept.num_rows
    assert [str(fault) for path in (first, second) for fault in find_faults(path)] == []


def test_an_actor_that_is_killed_is_told_and_its_rows_stay(long_clip: Path, tmp_path: Path) -> None:
    log, out = tmp_path / "log", tmp_path / "out"
    run = begin(log, "--webcam", long_clip, "--headless", "-o", out)
    wait_for(lambda: len(list(out.rglob("0*.parquet"))) >= 1, run, log)
    below = psutil.Process(run.pid).children(recursive=True)
    (actor,) = [process for process in below if "LiveActor" in " ".join(process.cmdline())]
    # Ray's own choice would let the camera wait for everything else.
    assert actor.nice() == os.nice(0)
    os.kill(actor.pid, signal.SIGKILL)
    assert run.wait(60) == ExitCode.SOME_FAILED, log.read_text()
    assert "its process ended early" in log.read_text()
    assert read_timeline(out).num_rows > 0
