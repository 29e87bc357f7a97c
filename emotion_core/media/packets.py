"""One pass over a file's packets, without decoding."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from emotion_core.media.limits import check_frames

NO_TIME: Final = np.iinfo(np.int64).min
"""Stands for a time that a packet lacks."""

JUMP_BACK: Final = Fraction(1, 10)
"""Seconds; FFmpeg's own measure. Decoding times that step back by less are untidy, no restart."""

_NVOP_BYTES: Final = 19
"""A packet of MPEG-4 part 2 that is no longer may say that there is no new picture."""

_FIRST_BYTES: Final = {"vp8": (0x10, 0x10), "libvpx": (0x10, 0x10), "theora": (0x80, 0)}
"""Bits of a packet's first byte, and what they are where it is a frame that is shown.

VP8 hides frames that others are predicted from (RFC 6386, 9.1: show_frame); in Theora, packets may
be headers (Theora specification, 6.1).
"""


@dataclass(frozen=True, repr=False)
class Packets:
    """All packets of the pictures' stream, in the order of the file; a position is a number.

    Attributes
    ----------
    pts, dts : ndarray [shape=(n,), int64]
        `NO_TIME` where there is none.
    key : ndarray [shape=(n,), bool]
        Which of them hold a key frame.
    shown : ndarray [shape=(n,), bool]
        Which of them are to give a frame: they have content, an edit list does not discard them,
        and the codec does not hide them.
    complete : bool
        Some are shown, each of these has a PTS, and the file was read to its end.
    doubtful : bool
        Some may give no frame although nothing is lost.
    """

    pts: NDArray[np.int64]
    dts: NDArray[np.int64]
    key: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    complete: bool
    doubtful: bool

    def __repr__(self) -> str:
        return f"Packets({self.shown.sum()} of {len(self)} shown, complete={self.complete})"

    def __len__(self) -> int:
        return len(self.pts)


class Restart:
    """Tells, packet by packet of one stream, whether its clock has started again."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._seen = False

    def see(self, packet: av.Packet[Any]) -> None:
        """Look at the next packet."""
        if packet.dts is None:
            return
        if self._last is not None and packet.dts < self._last:
            self._seen |= (self._last - packet.dts) * packet.time_base > JUMP_BACK
        self._last = packet.dts

    def wrongly_discarded(self, packet: av.Packet[Any]) -> bool:
        """Whether a packet is discarded that belongs to a second recording.

        In a fragmented MP4 FFmpeg takes times that come again for a repetition.
        """
        return self._seen and packet.is_discard


def kept(packet: av.Packet[Any]) -> av.Packet[Any]:
    """A copy of a packet that is not marked as discarded."""
    copy: av.Packet[Any] = av.Packet(bytes(packet))
    copy.time_base, copy.stream = packet.time_base, packet.stream
    copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
    copy.is_keyframe = packet.is_keyframe
    return copy


def scan_packets(path: Path, container: InputContainer, stream: VideoStream) -> Packets:
    """The packets of a stream; those after a fault of the container are missing.

    Raises
    ------
    MediaError
        There are too many.
    """
    codec = stream.codec_context.name
    is_mpeg4, bits = codec == "mpeg4", _FIRST_BYTES.get(codec)
    pts: list[int | None] = []
    dts: list[int | None] = []
    key: list[bool] = []
    shown: list[bool] = []
    whole, doubtful, count = True, False, 0
    clock = Restart()
    try:
        for packet in container.demux(stream):
            clock.see(packet)
            is_shown = packet.size > 0
            if packet.is_discard:
                is_shown &= clock.wrongly_discarded(packet)
            if is_shown and bits is not None:
                is_shown = _first_byte(packet) & bits[0] == bits[1]
            if is_shown:
                count += 1
                check_frames(path, count)
                doubtful |= is_mpeg4 and packet.size <= _NVOP_BYTES
            pts.append(packet.pts)
            dts.append(packet.dts)
            key.append(packet.is_keyframe)
            shown.append(is_shown)
    except (av.error.FFmpegError, OSError, IndexError):
        whole = False
    times, is_shown_at = _times(pts), np.array(shown, np.bool_)
    complete = whole and count > 0 and bool((times[is_shown_at] != NO_TIME).all())
    return Packets(times, _times(dts), np.array(key, np.bool_), is_shown_at, complete, doubtful)


def _first_byte(packet: av.Packet[Any]) -> int:
    return memoryview(packet)[0]


def _times(values: list[int | None]) -> NDArray[np.int64]:
    return np.array([NO_TIME if value is None else value for value in values], np.int64)
