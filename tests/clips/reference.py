"""The yardstick: what bare PyAV decodes, in order, without any of this project's code."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from .draw import Picture, read_frame_code


class DecodedFrame(NamedTuple):
    """Timestamp of one decoded frame."""

    pts: int | None
    time_base: Fraction


def plain_frames(path: Path) -> Iterator[av.VideoFrame]:
    """Yield every frame of the first video stream, going on past decode errors."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        # One thread: an error is raised at the packet that causes it.
        stream.codec_context.thread_count = 1
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            yield from frames


def plain_decode(path: Path) -> list[DecodedFrame]:
    """Return timestamps of every frame that the first video stream yields, in order."""
    return [DecodedFrame(frame.pts, frame.time_base) for frame in plain_frames(path)]


def count_decode_errors(path: Path) -> int:
    """Return how many packets of the first video stream raise when they are decoded."""
    errors = 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for packet in container.demux(stream):
            try:
                packet.decode()
            except av.error.FFmpegError:
                errors += 1
    return errors


def stored_luma(frame: av.VideoFrame) -> Picture:
    """Return luma of the picture as it is stored, before any rotation."""
    if frame.format.name in ("yuv420p", "yuvj420p"):
        plane = frame.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        # A copy: planes of a decoded frame are reused.
        return rows[: frame.height, : frame.width].copy()
    return frame.to_ndarray(format="gray")


def upright_luma(frame: av.VideoFrame) -> Picture:
    """Return luma of the picture as a player shows it."""
    return apply_display_matrix(stored_luma(frame), frame)


def apply_display_matrix(picture: Picture, frame: av.VideoFrame) -> Picture:
    """Turn and mirror a stored picture as the frame's display matrix says."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return picture
    a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5] >> 16
    # x' = a·x + c·y and y' = b·x + d·y: with a = 0 columns become rows.
    turned = picture.swapaxes(0, 1) if a == 0 else picture
    flip_x, flip_y = ((c < 0), (b < 0)) if a == 0 else ((a < 0), (d < 0))
    return np.ascontiguousarray(turned[:: -1 if flip_y else 1, :: -1 if flip_x else 1])


def plain_codes(path: Path) -> list[int]:
    """Return the painted number of every decoded frame, in order."""
    return [read_frame_code(upright_luma(frame)) for frame in plain_frames(path)]
