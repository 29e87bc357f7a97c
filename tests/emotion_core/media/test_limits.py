"""What is too large is refused by its numbers, before memory is spent on it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from emotion_core.errors import MediaError
from emotion_core.faces import detector
from emotion_core.faces.find import FaceFinder
from emotion_core.media import limits, local
from emotion_core.media.index import UNDECODABLE, index_video
from emotion_core.media.still import Still
from scripts.odd_media.still_builders import png_bomb
from scripts.odd_media.video_builders import encoded, with_many_streams
from tests import clips

TICKS_A_DAY = 86_400 * 25


def test_frames_with_too_many_pixels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.y4m"
    path.write_bytes(b"YUV4MPEG2 W12000 H12000 F25:1 Ip A0:0 C420\nFRAME\n")
    with pytest.raises(MediaError, match="12000 x 12000 is over 80,000,000 pixels"):
        index_video(path)


def test_a_frame_that_grows_beyond_the_limit_is_lost_alone(tmp_path: Path) -> None:
    path, bomb = tmp_path / "grows.mov", tmp_path / "bomb.png"
    encoded("png", pix_fmt="rgb24", frames=3)(path)
    png_bomb(bomb)
    put_in_last_packet(path, bomb.read_bytes())
    index = index_video(path, in_order=True)
    assert index.status.tolist() == [0, 0, UNDECODABLE]
    assert (index.info.width, index.info.height) == (clips.WIDTH, clips.HEIGHT)


def put_in_last_packet(path: Path, content: bytes) -> None:
    """Write another picture in place of the last one of a clip."""
    import av

    whole = path.rename(path.with_name("whole.mov"))
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(video=0) if packet.size]
        for packet in packets:
            copy = av.Packet(content if packet is packets[-1] else bytes(packet))
            copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.duration, copy.is_keyframe, copy.stream = packet.duration, True, stream
            target.mux(copy)


def test_too_many_frames_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FRAMES_MAX", 10)
    for name, build in {"a.mp4": clips.make_h264, "a.avi": clips.make_mjpeg_avi}.items():
        with pytest.raises(MediaError, match="more than 10 frames"):
            index_video(build(tmp_path / name))


def test_times_that_lie_far_apart_are_refused(tmp_path: Path) -> None:
    path, time_base = tmp_path / "a.mp4", Fraction(1, 25)
    limits.check_span(path, np.array([0, 13 * TICKS_A_DAY]), time_base)
    with pytest.raises(MediaError, match="15 days apart, over 14: its clock is broken"):
        limits.check_span(path, np.array([15 * TICKS_A_DAY, 0]), time_base)
    with pytest.raises(MediaError, match="clock is broken"):
        limits.check_span(path, np.array([-(2**63), 2**63 - 1]), time_base)


@pytest.mark.parametrize("streams", [limits.STREAMS_MAX + 1, limits.STREAMS_MAX + 20])
def test_too_many_streams_are_refused(tmp_path: Path, streams: int) -> None:
    path = tmp_path / "a.mkv"
    with_many_streams(path, limits.STREAMS_MAX)
    local.open_media(path).close()
    with_many_streams(path, streams)
    with pytest.raises(MediaError, match="100 streams"):
        local.open_media(path)


def test_too_many_places_that_look_like_faces_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "CANDIDATES_MAX", 1_000)
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3)).astype(np.uint8)
    with pytest.raises(MediaError, match="raise --min-face or --detection-threshold"):
        FaceFinder(min_face=20, threshold=0.0).find(Still(noise, "PNG", damaged=False))
