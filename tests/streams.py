"""Streams sent on the loopback, to be read as a live source."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import cv2

FRAME_RATE = 15
BOUNDARY = "frame"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_pictures(clip: Path, count: int) -> list[av.VideoFrame]:
    """The first frames of a clip, small, in every other of which time passes."""
    with av.open(str(clip)) as container:
        frames = [frame for frame, _ in zip(container.decode(video=0), range(count), strict=False)]
    return [frame.reformat(640, 360, "yuv420p") for frame in frames]


@contextmanager
def mjpeg_over_http(frames: list[av.VideoFrame], port: int) -> Iterator[None]:
    """A camera that serves JPEGs one after the other, over and over, while the block runs."""
    jpegs = [
        cv2.imencode(".jpg", frame.to_ndarray(format="bgr24"))[1].tobytes() for frame in frames
    ]
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
            self.end_headers()
            number = 0
            while not stopped.is_set():
                jpeg = jpegs[number % len(jpegs)]
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
                try:
                    self.wfile.write(f"{head}\r\n\r\n".encode() + jpeg + b"\r\n")
                except OSError:
                    return
                number += 1
                stopped.wait(1 / FRAME_RATE)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        allow_reuse_address = True
        block_on_close = False

    with Server(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            server.shutdown()
            thread.join()


@contextmanager
def mpegts_over_udp(frames: list[av.VideoFrame], port: int) -> Iterator[None]:
    """H.264 in MPEG-TS, sent to a port over and over, while the block runs."""
    stopped = threading.Event()

    def send() -> None:
        url = f"udp://127.0.0.1:{port}?pkt_size=1316"
        with av.open(url, "w", format="mpegts") as target:
            stream = target.add_stream("libx264", rate=FRAME_RATE)
            stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
            stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(FRAME_RATE)}
            begun, number = time.monotonic(), 0
            while not stopped.is_set():
                frame = frames[number % len(frames)]
                frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, FRAME_RATE), 0
                target.mux(stream.encode(frame))
                number += 1
                stopped.wait(max(begun + number / FRAME_RATE - time.monotonic(), 0))

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
