"""Streams sent on the loopback, to be read as a live source."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


@contextmanager
def h264_over_rtsp(frames: list[av.VideoFrame], port: int) -> Iterator[None]:
    """A camera that answers RTSP and sends RTP within the same connection (RFC 2326, 10.12)."""
    stopped = threading.Event()

    def handle(connection: socket.socket) -> None:
        # Who has seen enough hangs up at any moment, also while bytes wait in the buffer.
        with suppress(ConnectionError), connection, connection.makefile("rwb") as file:
            while not stopped.is_set():
                lines = list(iter(lambda: file.readline().decode().strip(), ""))
                if not lines:
                    return
                method = lines[0].split()[0]
                fields = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
                answer = _RTSP_ANSWERS.get(method, "")
                body = _SDP if method == "DESCRIBE" else ""
                head = f"RTSP/1.0 200 OK\r\nCSeq: {fields['cseq']}\r\n{answer}"
                file.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
                file.flush()
                if method == "PLAY":
                    _send_rtp(frames, file, stopped)
                    return

    with socket.create_server(("127.0.0.1", port)) as server:
        server.settimeout(0.1)

        def serve() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                connection.settimeout(None)
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()


_SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"
)
_RTSP_ANSWERS = {
    "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
    "DESCRIBE": "Content-Type: application/sdp\r\n",
    "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
    "PLAY": "Session: 1\r\n",
}
RTP_LARGEST = 1400
RTP_CLOCK = 90_000


def _send_rtp(frames: list[av.VideoFrame], file: Any, stopped: threading.Event) -> None:
    """Send frames as H.264 in RTP (RFC 6184), each packet behind ``$``, channel and length."""
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = 640, 360, "yuv420p"
    codec.time_base = Fraction(1, FRAME_RATE)
    codec.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(FRAME_RATE)}
    sequence, number = 0, 0
    while not stopped.is_set():
        frame = frames[number % len(frames)]
        frame.pts, frame.time_base, frame.pict_type = number, codec.time_base, 0
        units = [u for packet in codec.encode(frame) for u in _split_units(bytes(packet))]
        payloads = [payload for unit in units for payload in _payloads(unit)]
        for position, payload in enumerate(payloads):
            mark = 0x80 if position == len(payloads) - 1 else 0
            stamp = number * RTP_CLOCK // FRAME_RATE
            head = struct.pack(">BBHII", 0x80, mark | 96, sequence & 0xFFFF, stamp, 1)
            file.write(b"$\x00" + struct.pack(">H", len(head + payload)) + head + payload)
            file.flush()
            sequence += 1
        number += 1
        stopped.wait(1 / FRAME_RATE)


def _split_units(data: bytes) -> list[bytes]:
    """NAL units of a stream with start codes."""
    return [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1") if unit.strip(b"\0")]


def _payloads(unit: bytes) -> Iterator[bytes]:
    if len(unit) <= RTP_LARGEST:
        yield unit
        return
    # Fragments (FU-A): the unit's type, with a bit at the first and one at the last.
    kind, rest = unit[0], unit[1:]
    for start in range(0, len(rest), RTP_LARGEST):
        part = rest[start : start + RTP_LARGEST]
        bits = (0x80 if start == 0 else 0) | (0x40 if start + RTP_LARGEST >= len(rest) else 0)
        yield bytes([kind & 0xE0 | 28, bits | kind & 0x1F]) + part
