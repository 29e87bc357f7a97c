"""Clips whose frames differ in size, turn or shape of pixels, and containers that lock or mix."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av

from .encode import RATE, VideoSpec, h264_options, write_clip

VP8 = {"deadline": "realtime", "g": "8"}


def make_two_sizes_webm(
    path: Path, sizes: tuple[tuple[int, int], ...] = ((160, 120), (320, 240)), frames: int = 8
) -> Path:
    """VP8 of one stream after another, as a browser records it; `frames` of each size."""
    with av.open(str(path), "w") as target:
        stream = None
        for part, (width, height) in enumerate(sizes):
            whole = path.with_name(f"part{part}.webm")
            spec = VideoSpec(
                "libvpx", width, height, frames, first_number=part * frames, options=VP8
            )
            write_clip(whole, [spec])
            with av.open(str(whole)) as source:
                template = source.streams.video[0]
                stream = stream or target.add_stream_from_template(template)
                shown = (packet for packet in source.demux(template) if packet.size)
                for number, packet in enumerate(shown):
                    copy: av.Packet = av.Packet(bytes(packet))
                    copy.time_base = Fraction(1, 1000)
                    copy.pts = copy.dts = (part * frames + number) * 1000 // RATE
                    copy.is_keyframe, copy.stream = packet.is_keyframe, stream
                    target.mux(copy)
            whole.unlink()
    return path


def make_joined_ts(path: Path, *specs: VideoSpec) -> Path:
    """MPEG-TS of one stream after another, each with parameter sets of its own; one clock."""
    with open(path, "wb") as joined:
        for spec in specs:
            part = path.with_name("part.ts")
            write_clip(part, [spec], container_options={"mpegts_flags": "resend_headers"})
            joined.write(part.read_bytes())
            part.unlink()
    return path


def ts_part(number: int, frames: int = 8, **spec: object) -> VideoSpec:
    """One part of `make_joined_ts`: its frames follow those of the parts before."""
    return VideoSpec(
        frames=frames,
        pts=range(number * frames, (number + 1) * frames),
        first_number=number * frames,
        options=h264_options(bf="0", g="8"),
        **spec,  # type: ignore[arg-type]
    )


def make_picture_track_first(path: Path, frames: int) -> Path:
    """A single larger picture in the first stream, the video in the second."""
    picture = VideoSpec("mjpeg", 320, 240, 1, pix_fmt="yuvj420p", full_range=True)
    return write_clip(path, [picture, VideoSpec(frames=frames, options=h264_options())])


def make_encrypted(path: Path, frames: int) -> Path:
    """MP4 under Common Encryption, without its key."""
    return write_clip(
        path,
        [VideoSpec(frames=frames, options=h264_options())],
        container_options={
            "encryption_scheme": "cenc-aes-ctr",
            "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
            "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
        },
    )


def make_dolby_vision(path: Path, frames: int) -> Path:
    """MP4 with a configuration record of Dolby Vision, profile 5, beside pictures without PQ."""
    write_clip(path, [VideoSpec(frames=frames, options=h264_options())])
    data = path.read_bytes()
    # The index is last: what is longer there moves no pictures.
    record = bytes([1, 0, 5 << 1, 0b101, 0]) + bytes(19)
    box = (len(record) + 8).to_bytes(4, "big") + b"dvcC" + record
    at = data.index(b"avcC") - 4
    at += int.from_bytes(data[at : at + 4], "big")
    grown = bytearray(data[:at] + box + data[at:])
    place = data.index(b"moov")
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"):
        place = data.index(name, place)
        size = int.from_bytes(data[place - 4 : place], "big") + len(box)
        grown[place - 4 : place] = size.to_bytes(4, "big")
    path.write_bytes(grown)
    return path
