"""One pass over a file with decoding: what the decoder gave, and what it reported as broken."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from emotion_core.media.container import Fault, decode, open_video
from emotion_core.media.limits import check_frames

_Place = tuple[int, int]
"""Stretch of the file and PTS, which grow with time."""


@dataclass
class Reading:
    """What decoding gave: in each list but the last a value per frame, as the decoder gave them.

    Attributes
    ----------
    pts, dts : list of int or None
    packet : list of int
        Number of the packet that the frame was decoded from.
    key, is_b, damaged : list of bool
        Key frames; B-frames; frames from an error up to the next whole key frame.
    errors : int
        Packets that the decoder reported as broken, and 1 where the file ended in an error.
    spans : list of tuple of int
        Number of the first packet of each damage, and of the one after its last.
    """

    pts: list[int | None] = field(default_factory=list)
    dts: list[int | None] = field(default_factory=list)
    packet: list[int] = field(default_factory=list)
    key: list[bool] = field(default_factory=list)
    is_b: list[bool] = field(default_factory=list)
    damaged: list[bool] = field(default_factory=list)
    errors: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)

    def in_damage(self, packets: int) -> NDArray[np.bool_]:
        """Which packets lie in damage, shape (packets,)."""
        inside = np.zeros(packets, np.bool_)
        for first, stop in self.spans:
            inside[first:stop] = True
        return inside


def read_all(path: Path, stretch_of: NDArray[np.int64]) -> Reading:
    """Decode a video from its start to its end, going on past errors.

    Parameters
    ----------
    path : Path
    stretch_of : ndarray [shape=(m,), int64]
        Of the file, that each packet belongs to.

    Raises
    ------
    MediaError
        It has too many frames.
    """
    reader = _Reader(stretch_of)
    with open_video(path) as (container, stream):
        for item in decode(container, stream):
            reader.take(item)
            check_frames(path, len(reader.found.pts))
    return reader.finish()


class _Reader:
    """Keeps book of what a decoder gives."""

    def __init__(self, stretch_of: NDArray[np.int64]) -> None:
        self._stretch_of = stretch_of
        self._latest: _Place = (0, 0)
        self._damaged_from: _Place | None = None
        self._damaged_packet = 0
        self.found = Reading()

    def take(self, item: av.VideoFrame | Fault) -> None:
        """The next frame or fault."""
        number = item.packet if isinstance(item, Fault) else self._number(item)
        place = self._place(item.pts, number)
        if isinstance(item, Fault) or item.is_corrupt:
            self._begin_damage(place, number)
        if isinstance(item, Fault):
            self.found.errors += 1
            return
        from_error = self._damaged_from
        inside = from_error is not None and (item.pts is None or place >= from_error)
        if inside and item.key_frame and not item.is_corrupt:
            self._end_damage(number)
            inside = False
        self._latest = place
        found = self.found
        found.pts.append(item.pts)
        found.dts.append(item.dts)
        found.packet.append(0 if number is None else number)
        found.key.append(item.key_frame)
        found.is_b.append(item.pict_type == PictureType.B)
        found.damaged.append(inside)

    def finish(self) -> Reading:
        """All that was found, once the file has ended."""
        if self._damaged_from is not None:
            self._end_damage(len(self._stretch_of))
        return self.found

    def _begin_damage(self, place: _Place, number: int | None) -> None:
        number = len(self._stretch_of) if number is None else number
        if self._damaged_from is None:
            self._damaged_from, self._damaged_packet = place, number
        self._damaged_from = min(place, self._damaged_from)
        self._damaged_packet = min(number, self._damaged_packet)

    def _end_damage(self, number: int | None) -> None:
        stop = len(self._stretch_of) if number is None else number
        self.found.spans.append((self._damaged_packet, stop))
        self._damaged_from = None

    def _number(self, frame: av.VideoFrame) -> int | None:
        return frame.opaque if isinstance(frame.opaque, int) else None

    def _place(self, pts: int | None, number: int | None) -> _Place:
        if pts is None:
            return self._latest
        if number is None or not len(self._stretch_of):
            return self._latest[0], pts
        # Of packets behind a fault of the container, which decoding got over, nothing is known.
        return int(self._stretch_of[min(number, len(self._stretch_of) - 1)]), pts
