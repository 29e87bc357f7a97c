"""A file played as a camera: frames analysed, latency, memory, processor time.

``python -m benchmarks.live --minutes 3`` prints JSON. The page is open in a client that takes every
picture, and the timeline is kept. Latency is from the arrival of a frame to its publication by the
actor, the client's to the picture in its hands. `work` is the processor time of the same stretch:
what latency would be if no other program wanted the core.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import av
import numpy as np
import psutil

from benchmarks.clips import CLIP
from benchmarks.machine import describe
from benchmarks.processes import ANNOTATE
from tests.clips import loop_clip

FRAME_RATE: Final = 30
KEY_FRAMES: Final = 60
POLL_S: Final = 5.0
SETTLED_S: Final = 60.0
"""After so long, memory should grow no more."""

MEGABYTE: Final = 1e6


class Viewer:
    """Takes every picture of the page, as a browser does."""

    def __init__(self, url: str) -> None:
        self.latencies_ms: list[float] = []
        self._parts = urlsplit(url)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._parts.hostname or "", self._parts.port)
        after = -1
        try:
            while True:
                connection.request("GET", f"{self._parts.path}0/picture?after={after}")
                answer = connection.getresponse()
                answer.read()
                if answer.status == http.client.OK:
                    arrived_us = int(answer.headers["X-Arrived-Us"])
                    self.latencies_ms.append(time.time_ns() / 1e6 - arrived_us / 1e3)
                    after = int(answer.headers["X-Frame"])
        except (OSError, http.client.HTTPException):
            return


def measure(minutes: float, height: int, folder: Path) -> dict[str, Any]:
    """Play the sample clip for some minutes and watch the processes that analyse it."""
    clip = _make_clip(minutes, height, folder)
    output = folder / "out"
    command = [ANNOTATE, "--webcam", clip, "--output", output, "--port", "0"]
    samples: list[tuple[float, float, float]] = []
    processor = {"actor": 0.0, "driver": 0.0}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        url = next(line.split()[1] for line in run.stderr if line.startswith("Watch:"))
        viewer, begun = Viewer(url), time.monotonic()
        driver = psutil.Process(run.pid)
        actor = next(p for p in driver.children(recursive=True) if "LiveActor" in p.name())
        before = {"actor": _seconds(actor), "driver": _seconds(driver)}
        while run.poll() is None and actor.is_running():
            try:
                now = time.monotonic() - begun
                samples.append((now, _megabytes(actor), _megabytes(driver)))
                processor = {"actor": _seconds(actor), "driver": _seconds(driver)}
            except psutil.NoSuchProcess:
                break
            time.sleep(POLL_S)
        run.wait()
    (totals,) = json.loads((output / "run.json").read_text(encoding="utf-8"))["live"]
    per_frame = {
        f"{name}_cpu_ms_per_frame": round(
            1e3 * (processor[name] - before[name]) / max(totals["frames_analysed"], 1), 2
        )
        for name in processor
    }
    return {
        "machine": describe(),
        "minutes": minutes,
        "height": height,
        "frames_arrived": totals["frames_arrived"],
        "frames_analysed": totals["frames_analysed"],
        "frames_dropped": totals["frames_dropped"],
        "share_analysed": round(totals["frames_analysed"] / max(totals["frames_arrived"], 1), 4),
        "latency_p50_ms": totals["latency_p50_ms"],
        "latency_p95_ms": totals["latency_p95_ms"],
        "work_p50_ms": totals["work_p50_ms"],
        "work_p95_ms": totals["work_p95_ms"],
        "pictures_taken": len(viewer.latencies_ms),
        "client_latency_p50_ms": _percentile(viewer.latencies_ms, 50),
        "client_latency_p95_ms": _percentile(viewer.latencies_ms, 95),
        **per_frame,
        **_growth(samples),
    }


def _make_clip(minutes: float, height: int, folder: Path) -> Path:
    """The sample clip at 30 frames a second, end to end."""
    one, width = folder / "one.mp4", height * 16 // 9
    frames = 0
    with av.open(str(CLIP)) as source, av.open(str(one), "w") as target:
        stream = target.add_stream("libx264", rate=FRAME_RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "20", "g": str(KEY_FRAMES), "bf": "0"}
        for frame in source.decode(video=0):
            larger = frame.reformat(width, height)
            larger.pts, larger.time_base = frames, Fraction(1, FRAME_RATE)
            larger.pict_type = 0
            target.mux(stream.encode(larger))
            frames += 1
        target.mux(stream.encode(None))
    loops = max(1, round(minutes * 60 * FRAME_RATE / frames))
    return loop_clip(one, folder / "played.mp4", loops)


def _growth(samples: list[tuple[float, float, float]]) -> dict[str, Any]:
    """Memory once settled and at the end, as medians of a tenth of the time each."""
    table = np.array([row for row in samples if row[0] >= SETTLED_S] or samples)
    part = max(1, len(table) // 10)
    first, last = np.median(table[:part, 1:], axis=0), np.median(table[-part:, 1:], axis=0)
    return {
        "actor_mb": [round(float(first[0]), 1), round(float(last[0]), 1)],
        "driver_mb": [round(float(first[1]), 1), round(float(last[1]), 1)],
    }


def _percentile(values: list[float], percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 1) if values else None


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_full_info().uss) / MEGABYTE


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--height", type=int, default=720)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="emotion-annotate-") as folder:
        result = measure(options.minutes, options.height, Path(folder))
    json.dump(result, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
