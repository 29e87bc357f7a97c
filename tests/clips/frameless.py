"""Builders of files with packets that give no frame although nothing is lost."""

import re
from fractions import Fraction
from pathlib import Path
from typing import Unpack

import av

from .codecs import MPEG
from .encode import (
    FRAMES,
    RATE,
    Drawing,
    VideoSpec,
    add_video_stream,
    h264_options,
    stored_picture,
    write_clip,
)

TIME_BITS = 5
"""Of the time within a second, at 25 frames a second (vop_time_increment)."""


def make_h264_avi(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 with B-frames in AVI, which knows decoding times only."""
    spec = VideoSpec(options=h264_options(), **drawing)
    return write_clip(path, [spec], container_format="avi")


def _not_coded(time: int) -> bytes:
    """A VOP of MPEG-4 part 2 that says that nothing is coded (ISO/IEC 14496-2, 6.2.5)."""
    # P-VOP, no new second, marker, time, marker; then: not coded, and what fills the byte.
    bits = "01" + "0" + "1" + format(time % RATE, f"0{TIME_BITS}b") + "1" + "0" + "0"
    bits += "1" * (-len(bits) % 8)
    return b"\0\0\1\xb6" + int(bits, 2).to_bytes(len(bits) // 8, "big")


def make_not_coded(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """MPEG-4 part 2 in MP4: after every three frames a packet says that nothing has changed."""
    whole = path.with_suffix(".whole.mp4")
    frames = drawing.get("frames", FRAMES)
    times = not_coded_times(frames)
    write_clip(whole, [VideoSpec(codec="mpeg4", options={"g": "60"}, pts=times, **drawing)])
    with av.open(str(whole)) as source, av.open(str(path), "w", format="mp4") as target:
        template = source.streams.video[0]
        stream = target.add_stream_from_template(template)
        step = round(1 / (RATE * template.time_base))
        for number, packet in enumerate(p for p in source.demux(template) if p.size):
            packet.duration, packet.stream = step, stream
            target.mux(packet)
            if number % 3 == 2:
                empty = av.Packet(_not_coded(times[number] + 1))
                empty.time_base, empty.stream = template.time_base, stream
                empty.pts = empty.dts = (times[number] + 1) * step
                empty.duration = step
                target.mux(empty)
    whole.unlink()
    return path


def not_coded_times(frames: int) -> list[int]:
    """When the frames of `make_not_coded` are shown, in steps."""
    return [number + number // 3 for number in range(frames)]


def make_packed_avi(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """MPEG-4 part 2 with packed B-frames in AVI, as DivX 5 and Xvid wrote it.

    A P-frame and the B-frame that is shown before it share a packet; one that is not coded
    follows.
    """
    whole = path.with_suffix(".whole.avi")
    options = MPEG | {"bf": "1", "b_strategy": "0"}
    write_clip(whole, [VideoSpec(codec="mpeg4", options=options, **drawing)])
    with av.open(str(whole)) as source, av.open(str(path), "w", format="avi") as target:
        template = source.streams.video[0]
        stream = target.add_stream_from_template(template)
        pictures = [bytes(packet) for packet in source.demux(template) if packet.size]
        for number, data in enumerate(_packed(pictures)):
            packet = av.Packet(data)
            packet.time_base, packet.stream = template.time_base, stream
            packet.pts = packet.dts = number
            packet.is_keyframe = b"\0\0\1\xb0" in data or not number
            target.mux(packet)
    whole.unlink()
    return path


def _packed(pictures: list[bytes]) -> list[bytes]:
    packed: list[bytes] = []
    for data in map(_called_packed, pictures):
        if _is_b(data):
            packed[-1] += data
            packed.append(_not_coded(len(packed)))
        else:
            packed.append(data)
    return packed


def _called_packed(data: bytes) -> bytes:
    """With the mark of packed B-frames in place of the encoder's own."""
    return re.sub(rb"Lavc[0-9.]+", b"DivX503b1393p", data, count=1)


def _is_b(data: bytes) -> bool:
    place = data.index(b"\0\0\1\xb6")
    return data[place + 4] >> 6 == 2


def make_hidden_frames(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """VP8 in WebM in which every fourth packet is a picture to come, decoded and not shown yet.

    Encoders call it an alternate reference frame. Its time is just before that of the next frame.
    """
    options = {"cpu-used": "8", "deadline": "realtime", "g": "60", "b": "200k"}
    spec = VideoSpec(codec="libvpx", options=options, time_base=Fraction(1, 1000), **drawing)
    with av.open(str(path), "w", format="webm", options={"fflags": "+bitexact"}) as target:
        stream = add_video_stream(target, spec)
        for number in range(spec.frames):
            time, shown = number * 1000 // RATE, [True]
            if number % 3 == 2:
                shown = [False, True]
            for is_shown in shown:
                picture = stored_picture(spec, spec.first_number + number)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
                    format="yuv420p"
                )
                frame.pts, frame.time_base = time - 2 * (not is_shown), spec.time_base
                (packet,) = stream.encode(frame)
                target.mux(packet if is_shown else _hidden(packet, stream))
    return path


def _hidden(packet: av.Packet, stream: av.VideoStream) -> av.Packet:
    data = bytearray(bytes(packet))
    # show_frame of the frame's tag (RFC 6386, 9.1).
    data[0] &= ~0x10
    copy = av.Packet(bytes(data))
    copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
    copy.stream = stream
    return copy
