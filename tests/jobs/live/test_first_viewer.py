"""A file that is played as a camera waits for the first who opens its page."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from emotion_core.results.read import read_timeline
from jobs.exit_codes import ExitCode
from tests.jobs.live.commands import address_of_page, annotate, begin, wait_for

UNWATCHED_S = 3
"""Longer than a file of a second plays."""

FRAMES = 25


@pytest.fixture
def clip(sample_media: Path) -> Path:
    return sample_media / "clips" / "smile.mp4"


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
    return content


def record_of(output: Path) -> Any:
    return json.loads((output / "run.json").read_text())


@pytest.mark.parametrize("workers", [("--workers", "0"), ()], ids=["one process", "ray"])
def test_it_plays_whole_from_when_it_is_watched(
    workers: tuple[str, ...], clip: Path, tmp_path: Path
) -> None:
    log, out = tmp_path / "log", tmp_path / "out"
    run = begin(log, "--webcam", clip, "--port", 0, "--end", 1, *workers, "-o", out)
    wait_for(lambda: bool(address_of_page(log)), run, log)
    # Who only loads the text, as a preview of a link does, watches nothing.
    assert b"<html" in get(address_of_page(log))
    time.sleep(UNWATCHED_S)
    assert run.poll() is None, log.read_text()
    opened_us = time.time_ns() // 1000
    get(f"{address_of_page(log)}0/picture")
    assert run.wait(60) == ExitCode.DONE, log.read_text()
    (totals,) = record_of(out)["live"]
    assert totals["frames_arrived"] == FRAMES
    rows = read_timeline(out).sort_by("frame")
    assert rows["time_us"][0].as_py() == 0
    assert rows["wall_time"].cast("int64")[0].as_py() >= opened_us


def test_it_is_stopped_before_anybody_watched(clip: Path, tmp_path: Path) -> None:
    log, out = tmp_path / "log", tmp_path / "out"
    run = begin(log, "--webcam", clip, "--port", 0, "--workers", 0, "-o", out)
    wait_for(lambda: bool(address_of_page(log)), run, log)
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == ExitCode.DONE, log.read_text()
    assert "0 frames" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert not list((out / "timelines").rglob("*.parquet"))
    assert record_of(out)["complete"]


def test_without_a_page_it_plays_at_once(clip: Path, tmp_path: Path) -> None:
    result = annotate(
        "--webcam", clip, "--headless", "--end", 1, "--workers", 0, "-o", tmp_path / "out"
    )
    assert result.returncode == ExitCode.DONE, result.stderr
    assert "when the page is opened" not in result.stderr
    assert record_of(tmp_path / "out")["live"][0]["frames_arrived"] == FRAMES
