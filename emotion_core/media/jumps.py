"""Clocks that start again or jump within a file, and how their time goes on.

A file falls into stretches, in each of which its clock runs on. What joins recordings or
broadcasts without writing their times anew makes them. Decision 26 says where a jump is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from emotion_core.media.packets import JUMP_BACK, NO_TIME, Packets

JUMP_FORWARD: Final = 10
"""Seconds; FFmpeg's own measure (dts_delta_threshold)."""

JUMP_FORWARD_STEPS: Final = 10
"""But so many usual steps at least: pictures may be that far apart."""

DISCONTINUOUS_FORMATS: Final = ("mpegts", "mpeg")
"""Formats whose clock is one of a broadcast: it may jump forward, too."""

_INTERLEAVED: Final = 10
"""Packets of pictures by which sound may lie beside those that it belongs to."""

SOUND_GAP_US: Final = 1_000_000
"""Packets of sound that lie further apart than this do not follow each other."""


@dataclass(frozen=True)
class Stretch:
    """A part of a file in which its clock runs on.

    Attributes
    ----------
    first_packet : int
        Number of its first packet of pictures.
    shift : int
        What is added to its times so that time goes on, in the pictures' time base; 0 in the first.
    """

    first_packet: int
    shift: int


def find_jumps(packets: Packets, time_base: Fraction, *, forward: bool) -> NDArray[np.intp]:
    """Numbers of the packets at which a stretch begins, but the first.

    Parameters
    ----------
    packets : Packets
    time_base : Fraction, s
    forward : bool
        Whether the clock may jump forward, too.
    """
    known = np.flatnonzero(packets.dts != NO_TIME)
    times = packets.dts[known]
    if not len(known):
        # Presentation times of key frames rise, too.
        known = np.flatnonzero((packets.pts != NO_TIME) & packets.key & packets.shown)
        times = packets.pts[known]
    steps = np.diff(times)
    jumped = steps < -float(JUMP_BACK / time_base)
    if forward and (steps > 0).any():
        usual = float(np.median(steps[steps > 0]))
        jumped |= steps > max(float(JUMP_FORWARD / time_base), JUMP_FORWARD_STEPS * usual)
    return known[1:][jumped]


def timed_before(jumps: NDArray[np.intp], packets: Packets) -> NDArray[np.intp]:
    """Number of the packet with a DTS before each of `find_jumps`; its own where none has one."""
    known = np.flatnonzero(packets.dts != NO_TIME)
    if not len(known):
        return jumps
    return known[np.maximum(np.searchsorted(known, jumps) - 1, 0)]


def believed_jumps(
    jumps: NDArray[np.intp], packets: Packets, container: InputContainer, stream: VideoStream
) -> NDArray[np.intp]:
    """Those jumps over which no sound goes on: where it does, the pictures do pause.

    Parameters
    ----------
    jumps : ndarray [shape=(m,), int]
        Of `find_jumps`.
    packets : Packets
    container : InputContainer
        Read to its end.
    stream : VideoStream
    """
    sounds = list(container.streams.audio)
    if not sounds or not len(jumps):
        return jumps
    order = read_order(container, stream, sounds)
    unit = stream.time_base or Fraction(1)
    believed = []
    for jump, before in zip(jumps.tolist(), timed_before(jumps, packets).tolist(), strict=True):
        if packets.dts[jump] < packets.dts[before]:
            believed.append(jump)
            continue
        low, high = (in_us(int(packets.dts[place]), unit) for place in (before, jump))
        inside = (order.sound_us > low + SOUND_GAP_US) & (order.sound_us < high - SOUND_GAP_US)
        between = (order.seen >= before - _INTERLEAVED) & (order.seen <= jump + _INTERLEAVED)
        heard = order.sound_us[inside & between]
        # What only begins to fill the gap belongs to the pictures before it.
        if not len(heard) or heard.max() < (low + high) // 2:
            believed.append(jump)
    return np.array(believed, np.intp)


@dataclass(frozen=True, repr=False)
class ReadOrder:
    """How packets of sound lie between those of pictures.

    Attributes
    ----------
    picture_us : ndarray [shape=(n,), int64, µs]
        Decoding times of the packets of pictures; `NO_TIME` where there is none.
    sound_us : ndarray [shape=(m,), int64, µs]
    seen : ndarray [shape=(m,), int64]
        Packets of pictures that lie before one of sound.
    """

    picture_us: NDArray[np.int64]
    sound_us: NDArray[np.int64]
    seen: NDArray[np.int64]


def read_order(
    container: InputContainer, stream: VideoStream, sounds: Sequence[AudioStream]
) -> ReadOrder:
    """Read a file from where it stands to its end."""
    wanted: list[Stream] = [stream, *sounds]
    picture_us: list[int] = []
    sound_us: list[int] = []
    seen: list[int] = []
    try:
        for packet in container.demux(*wanted):
            time = packet.dts if packet.dts is not None else packet.pts
            time_us = NO_TIME if time is None else in_us(time, packet.time_base)
            if packet.stream.index == stream.index:
                picture_us.append(time_us)
            else:
                sound_us.append(time_us)
                seen.append(len(picture_us))
    except (av.error.FFmpegError, OSError, IndexError):
        pass
    return ReadOrder(*(np.array(values, np.int64) for values in (picture_us, sound_us, seen)))


def in_us(time: int, time_base: Fraction) -> int:
    """A time in whole microseconds."""
    return int(time * time_base * 1_000_000)
