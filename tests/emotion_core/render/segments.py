"""Segments of drawn, numbered pictures, and what a joined file holds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from emotion_core.media.planes import Orientation, Planes, planes_of
from emotion_core.render.encode import encode_segment
from emotion_core.render.settings import EncoderSettings
from tests.clips import draw_frame

WIDTH, HEIGHT = 160, 120


def settings_for(time_base: Fraction, width: int = WIDTH, height: int = HEIGHT) -> EncoderSettings:
    """Settings that encode quickly and well enough to read the number of a picture."""
    return EncoderSettings(width, height, time_base, Fraction(25), preset="ultrafast", crf=20)


@cache
def numbered_planes(number: int, width: int = WIDTH, height: int = HEIGHT) -> Planes:
    """A picture that carries `number`."""
    frame = av.VideoFrame.from_ndarray(draw_frame(number, width, height), format="rgb24")
    planes = planes_of(frame, width, height, Orientation())
    # The planes are views of the frame, which is gone when this function returns.
    return planes.limited()


def encode_numbered(
    folder: Path, pts: Sequence[int], settings: EncoderSettings, cuts: Sequence[int] = ()
) -> list[Path]:
    """Encode one numbered picture for each PTS, in segments that begin at 0 and at each cut."""
    paths = []
    edges = [0, *cuts, len(pts)]
    for first, stop in pairwise(edges):
        paths.append(folder / f"{first:04}.segment")
        with encode_segment(paths[-1], settings) as encoder:
            for number in range(first, stop):
                planes = numbered_planes(number, settings.width, settings.height)
                encoder.write(planes, pts[number])
    return paths


class AudioPacket(NamedTuple):
    """Time in seconds, duration in seconds and payload of one packet."""

    time: Fraction
    duration: Fraction
    data: bytes


def audio_packets(path: Path) -> list[AudioPacket]:
    """All packets of the first audio stream that hold something."""
    with av.open(str(path)) as container:
        return [
            AudioPacket(
                packet.pts * packet.time_base, packet.duration * packet.time_base, bytes(packet)
            )
            for packet in container.demux(container.streams.audio[0])
            if packet.size
        ]


def audio_start(path: Path) -> Fraction:
    """Time of the first sound that a player plays, in seconds on the container's clock."""
    with av.open(str(path)) as container:
        frame = next(container.decode(container.streams.audio[0]))
        return frame.pts * frame.time_base


def boxes(path: Path) -> list[str]:
    """The types of the top-level boxes of an MP4 file, in order."""
    data, types, at = path.read_bytes(), [], 0
    while at < len(data):
        types.append(data[at + 4 : at + 8].decode("ascii"))
        at += int.from_bytes(data[at : at + 4], "big")
    return types


def luma_of(frame: av.VideoFrame) -> np.ndarray:
    """Luma of a decoded frame, as it is stored."""
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[
        : frame.height, : frame.width
    ]
