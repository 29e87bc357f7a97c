"""H.264 whose pictures are pairs of fields (PAFF), as camcorders write it.

No encoder at hand writes field pictures, so this one does: each sample as it is (I_PCM). Names of
syntax elements are those of ITU-T H.264, 7.3.
"""

from fractions import Fraction
from pathlib import Path
from typing import Unpack

import av
import numpy as np

from .draw import Picture, draw_frame
from .encode import RATE, TIMESCALE, Drawing

FIELD_FRAMES = 8
FIELD_WIDTH, FIELD_HEIGHT = 160, 128
"""Multiples of 16 and 32."""

_MACROBLOCK = 16
_I_PCM = 25


class _Bits:
    """A string of bits that grows."""

    def __init__(self) -> None:
        self._bits: list[int] = []

    def u(self, length: int, value: int) -> "_Bits":
        self._bits += [value >> place & 1 for place in reversed(range(length))]
        return self

    def ue(self, *values: int) -> "_Bits":
        for value in values:
            length = (value + 1).bit_length()
            self.u(length - 1, 0).u(length, value + 1)
        return self

    def aligned(self) -> bytes:
        return np.packbits(np.array(self._bits, np.uint8)).tobytes()


def make_field_pictures(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 in which each field is a packet of its own; MP4, MKV or TS by suffix.

    All pictures have the same size.
    """
    raw = path.with_suffix(".fields.h264")
    first, count = drawing.get("first_number", 0), drawing.get("frames", FIELD_FRAMES)
    fields = [_parameter_sets()]
    for number in range(count):
        picture = draw_frame(first + number, FIELD_WIDTH, FIELD_HEIGHT)
        fields += _field_pair(number, picture)
    raw.write_bytes(b"".join(fields))
    with av.open(str(raw), format="h264") as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        # A packet, by its times, lasts as long as a field.
        step = TIMESCALE // RATE // 2
        packets = [packet for packet in source.demux(video=0) if packet.size]
        for number, packet in enumerate(packets):
            packet.time_base = Fraction(1, TIMESCALE)
            packet.pts = packet.dts = number * step
            packet.duration, packet.stream = step, stream
            target.mux(packet)
    raw.unlink()
    return path


def _nal(importance: int, kind: int, content: bytes) -> bytes:
    escaped, zeros = bytearray(), 0
    for byte in content:
        if zeros >= 2 and byte <= 3:
            escaped.append(3)
            zeros = 0
        escaped.append(byte)
        zeros = 0 if byte else zeros + 1
    return b"\0\0\0\1" + bytes([importance << 5 | kind]) + bytes(escaped)


def _parameter_sets() -> bytes:
    sequence = _Bits().u(8, 77).u(8, 0).u(8, 40)  # Main profile, level 4.
    # Identity, bits of frame_num and of the order count, reference frames.
    sequence.ue(0, 4, 0, 4, 1).u(1, 0)
    # Size; not frames only; no adaptive frames; no cropping.
    sequence.ue(FIELD_WIDTH // 16 - 1, FIELD_HEIGHT // 32 - 1).u(1, 0).u(1, 0).u(1, 1).u(1, 0)
    # VUI: only timing, in fields.
    sequence.u(1, 1).u(4, 0).u(1, 1).u(32, 1).u(32, 2 * RATE).u(1, 1).u(4, 0).u(1, 1)
    picture = _Bits().ue(0, 0).u(1, 0).u(1, 1).ue(0, 0, 0).u(1, 0).u(2, 0).ue(0, 0, 0)
    picture.u(1, 1).u(1, 0).u(1, 0).u(1, 1)
    return _nal(0, 9, b"\x10") + _nal(3, 7, sequence.aligned()) + _nal(3, 8, picture.aligned())


def _field_pair(number: int, rgb: Picture) -> list[bytes]:
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
    planes = frame.to_ndarray()
    chroma = planes[FIELD_HEIGHT:].reshape(2, FIELD_HEIGHT // 2, FIELD_WIDTH // 2)
    fields = []
    for bottom in (0, 1):
        is_idr = number == 0 and not bottom
        importance = 3 if number == 0 else 0
        header = _slice_header(number, bottom, is_idr, importance)
        data = _pcm_slice(header, planes[:FIELD_HEIGHT][bottom::2], *chroma[:, bottom::2])
        delimiter = _nal(0, 9, b"\x10") if number or bottom else b""
        fields.append(delimiter + _nal(importance, 5 if is_idr else 1, data))
    return fields


def _slice_header(number: int, bottom: int, is_idr: bool, importance: int) -> _Bits:
    # First macroblock, I, parameter set; frame_num; a field; which.
    header = _Bits().ue(0, 7, 0).u(8, int(number > 0)).u(1, 1).u(1, bottom)
    if is_idr:
        header.ue(0)
    header.u(8, (2 * number + bottom) & 255)
    if importance:
        header.u(2 if is_idr else 1, 0)
    # QP as it is; no deblocking.
    return header.ue(0, 1)


def _pcm_slice(bits: _Bits, y: Picture, u: Picture, v: Picture) -> bytes:
    data = b""
    for row in range(y.shape[0] // _MACROBLOCK):
        for column in range(y.shape[1] // _MACROBLOCK):
            data += bits.ue(_I_PCM).aligned()
            for plane, side in ((y, 16), (u, 8), (v, 8)):
                part = plane[row * side : (row + 1) * side, column * side : (column + 1) * side]
                data += part.tobytes()
            bits = _Bits()
    return data + b"\x80"
