"""Streams that are cut off are reached again, and the gap is recorded."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from emotion_core.errors import SourceError
from emotion_core.layout import timeline_of
from emotion_core.live.parts import merge_parts
from emotion_core.results.read import read_timeline
from tests import streams
from tests.emotion_core.live.sessions import SOURCE, Running, request_for

CUT_S = 5.0
SENDERS = {
    "http": streams.mjpeg_over_http,
    "udp": streams.mpegts_over_udp,
    "rtsp": streams.h264_over_rtsp,
}


@pytest.mark.parametrize("scheme", SENDERS)
def test_a_stream_is_analysed_and_reached_again(
    scheme: str, sample_media: Path, tmp_path: Path
) -> None:
    clip = sample_media / "clips" / "coming_and_going.mp4"
    frames = streams.read_pictures(clip, 90)[60:]
    port = streams.free_port(socket.SOCK_DGRAM if scheme == "udp" else socket.SOCK_STREAM)
    with SENDERS[scheme](frames, port):
        running = Running(request_for(f"{scheme}://127.0.0.1:{port}/video", tmp_path))
        running.wait(lambda: len(running.pictures) > 10)
    time.sleep(CUT_S)
    before = len(running.pictures)
    with SENDERS[scheme](frames, port):
        running.wait(lambda: len(running.pictures) > before + 10)
        totals = running.finish()
    (outage,) = totals["outages"]
    lasted_s = (outage["back_us"] - outage["lost_us"]) / 1e6
    # UDP has no end: it is lost only after it was silent for a while.
    assert CUT_S - 4 < lasted_s < CUT_S + 10
    assert outage["reason"]
    assert merge_parts(timeline_of(tmp_path, SOURCE), {})
    rows = read_timeline(tmp_path).to_pandas().drop_duplicates("frame")
    assert rows.track.notna().any()
    jumps = np.diff(rows.time_us)
    longest = int(jumps.argmax())
    assert jumps[longest] > (CUT_S - 1) * 1e6
    assert rows.gap.iloc[longest + 1]
    assert (jumps > 0).all()


def test_a_stream_that_nobody_sends(tmp_path: Path) -> None:
    port = streams.free_port()
    with pytest.raises(SourceError, match=rf"http://127.0.0.1:{port}/x: nothing listens there"):
        Running(request_for(f"http://127.0.0.1:{port}/x", tmp_path))


def test_a_port_that_another_program_listens_on(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(SourceError, match="another program receives on this port"):
            Running(request_for(f"udp://127.0.0.1:{port}", tmp_path))


@pytest.mark.parametrize("body", [b"hello", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n"])
def test_pages_and_playlists_are_no_streams(body: bytes, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        request = request_for(f"http://127.0.0.1:{port}/x", tmp_path)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
        answer = head.encode() + body

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(SourceError, match="no video that can be read"):
            Running(request)
