"""The frames of a video whose packets do not say enough: all of it is decoded once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.media.container import open_video
from emotion_core.media.first_frame import FirstFrame
from emotion_core.media.jumps import (
    DISCONTINUOUS_FORMATS,
    Stretch,
    believed_jumps,
    find_jumps,
    timed_before,
)
from emotion_core.media.limits import check_span
from emotion_core.media.packets import NO_TIME, Packets
from emotion_core.media.reading import Reading, read_all
from emotion_core.media.repair import (
    dts_are_the_clock,
    fill_gaps,
    lost_packets,
    shifts_between,
    spread_backwards,
)

log = logging.getLogger(__name__)

_KNOW_PTS: Final = ("mov,mp4", "matroska", "mpeg", "flv", "nut", "ogg", "mxf", "wtv")
"""Containers with presentation times of their own."""

_SAFE_SPAN: Final = 2**62
"""Ticks that can be added and subtracted in 64 bits."""


@dataclass(frozen=True, repr=False)
class Decoded:
    """All frames of a video, those that were lost among them.

    Attributes
    ----------
    first : FirstFrame
        With the time base that the times count in.
    pts : ndarray [shape=(n,), int64]
        On a clock that runs on.
    file_pts : ndarray [shape=(n,), int64]
        As in the file.
    key, damaged, lost : ndarray [shape=(n,), bool]
        Frames that decoding can start from; that lean on an error; that the decoder lost.
    stretches : tuple of Stretch
        More than one where the clock of the file jumps.
    errors : int
        That were reported while decoding.
    seekable : bool
        As far as decoding tells: nothing is damaged, and each frame has a PTS of its own, later
        than the one before.
    """

    first: FirstFrame
    pts: NDArray[np.int64]
    file_pts: NDArray[np.int64]
    key: NDArray[np.bool_]
    damaged: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    stretches: tuple[Stretch, ...]
    errors: int
    seekable: bool


@dataclass(frozen=True)
class FileClock:
    """What packets say of a file's clock.

    Attributes
    ----------
    jumps : ndarray [shape=(m,), int]
        Numbers of packets at which a stretch begins, but the first.
    stretch_of : ndarray [shape=(n,), int64]
        Of each packet.
    knows_pts : bool
        The container has PTS of its own.
    """

    jumps: NDArray[np.intp]
    stretch_of: NDArray[np.int64]
    knows_pts: bool

    @classmethod
    def of(cls, jumps: NDArray[np.intp], packets: Packets, *, knows_pts: bool) -> FileClock:
        """With these jumps."""
        begins = np.zeros(len(packets), np.int64)
        begins[jumps] = 1
        return cls(jumps, np.cumsum(begins), knows_pts)

    def agreeing_with(self, pts: Sequence[int | None], packets: Packets) -> FileClock:
        """Without steps back, where PTS of the frames as they came from the decoder only rise.

        Matroska has no DTS: those that FFmpeg makes up may step back.
        """
        known = np.array([value for value in pts if value is not None], np.int64)
        if not len(self.jumps) or not (known[1:] > known[:-1]).all():
            return self
        steps_on = packets.dts[self.jumps] > packets.dts[timed_before(self.jumps, packets)]
        return FileClock.of(self.jumps[steps_on], packets, knows_pts=self.knows_pts)


def decode_frames(path: Path, first: FirstFrame, packets: Packets) -> Decoded:
    """Decode a video from its start to its end.

    Raises
    ------
    MediaError
        It has too many frames, or they lie too far apart.
    """
    clock = _clock_of(path, packets, first.time_base)
    read = read_all(path, clock.stretch_of)
    clock = clock.agreeing_with(read.pts, packets)
    counts = len(read.pts), read.errors, len(clock.jumps)
    log.info("%s: decoded (%d frames, %d errors, %d jumps of the clock)", path, *counts)
    damaged = spread_backwards(np.array(read.damaged, np.bool_), np.array(read.is_b, np.bool_))
    if any(value is not None for value in read.pts):
        return _timed(path, first, packets, clock, read, damaged)
    # A raw stream has no clock: its frames are counted, at the rate that it declares.
    return Decoded(
        first=replace(first, time_base=1 / first.frame_rate),
        pts=np.arange(len(damaged), dtype=np.int64),
        file_pts=np.arange(len(damaged), dtype=np.int64),
        key=np.array(read.key, np.bool_),
        damaged=damaged,
        lost=np.zeros(len(damaged), np.bool_),
        stretches=(),
        errors=read.errors,
        seekable=False,
    )


def _clock_of(path: Path, packets: Packets, time_base: Fraction) -> FileClock:
    with open_video(path) as (container, stream):
        name = container.format.name
        is_broadcast = name in DISCONTINUOUS_FORMATS
        jumps = find_jumps(packets, time_base, forward=is_broadcast)
        if is_broadcast and len(jumps):
            jumps = believed_jumps(jumps, packets, container, stream)
    return FileClock.of(jumps, packets, knows_pts=name.startswith(_KNOW_PTS))


def _timed(
    path: Path,
    first: FirstFrame,
    packets: Packets,
    clock: FileClock,
    read: Reading,
    damaged: NDArray[np.bool_],
) -> Decoded:
    """Frames with their times, and those that were lost among them."""
    stretch_of, jumps = clock.stretch_of, clock.jumps
    number = np.minimum(np.array(read.packet, np.intp), max(len(packets) - 1, 0))
    stretch = stretch_of[number] if len(packets) else np.zeros(len(number), np.int64)
    by_dts = dts_are_the_clock(read.pts, read.dts, stretch, knows_pts=clock.knows_pts)
    known = _less_delay(read.dts, packets) if by_dts else read.pts
    times = packets.dts if by_dts else packets.pts
    shown = packets.shown & (times != NO_TIME)
    stamps = _stamps(known, stretch, times, stretch_of, shown)
    shifts = _shifts(path, stamps, len(jumps) + 1, first)
    pts = fill_gaps(_shifted(known, shifts[stretch]))
    is_whole = packets.complete and not read.errors and not damaged.any() and None not in known
    seekable = is_whole and not by_dts and not len(jumps) and bool((np.diff(pts) > 0).all())
    frames = Decoded(
        first=first,
        pts=pts,
        file_pts=pts - shifts[stretch],
        key=packets.key[number] if seekable else np.array(read.key, np.bool_),
        damaged=damaged,
        lost=np.zeros(len(pts), np.bool_),
        stretches=tuple(map(Stretch, [0, *jumps.tolist()], shifts.tolist())),
        errors=read.errors,
        seekable=seekable,
    )
    times = times + shifts[stretch_of]
    gave = np.isin(np.arange(len(packets)), number)
    lost = lost_packets(shown, gave, read.in_damage(len(packets)), times, pts)
    return _with_lost(frames, times[lost], times[lost] - shifts[stretch_of[lost]])


def _less_delay(dts: Sequence[int | None], packets: Packets) -> list[int | None]:
    """DTS of frames, less what the decoder held the first one back by.

    A frame has the DTS of the packet that made the decoder give it. So the first is shown when its
    own packet is decoded, as players of such files do, and sound stays beside the pictures.
    """
    begin = packets.dts[packets.shown & (packets.dts != NO_TIME)]
    first = next((time for time in dts if time is not None), 0)
    delay = max(0, first - int(begin[0])) if len(begin) else 0
    return [None if time is None else time - delay for time in dts]


def _stamps(
    clock: Sequence[int | None],
    stretch: NDArray[np.int64],
    times: NDArray[np.int64],
    stretch_of: NDArray[np.int64],
    shown: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Times of frames with their stretches; of packets where a stretch has lost all its frames."""
    known = np.array([value is not None for value in clock])
    own = np.array([value for value in clock if value is not None], np.int64)
    others = shown & ~np.isin(stretch_of, stretch[known])
    return (
        np.concatenate([own, times[others]]),
        np.concatenate([stretch[known], stretch_of[others]]),
    )


def _shifts(
    path: Path,
    stamps: tuple[NDArray[np.int64], NDArray[np.int64]],
    stretches: int,
    first: FirstFrame,
) -> NDArray[np.int64]:
    """What is added to the times of each stretch; they are held to the longest span."""
    times, stretch = stamps
    if int(times.max()) - int(times.min()) >= _SAFE_SPAN:
        check_span(path, times, first.time_base)
    usual = max(1, round(1 / (first.frame_rate * first.time_base)))
    shifts = shifts_between(times, stretch, stretches, usual)
    check_span(path, times + shifts[stretch], first.time_base)
    return shifts


def _shifted(clock: Sequence[int | None], shift: NDArray[np.int64]) -> list[int | None]:
    return [
        None if time is None else time + added
        for time, added in zip(clock, shift.tolist(), strict=True)
    ]


def _with_lost(frames: Decoded, pts: NDArray[np.int64], file_pts: NDArray[np.int64]) -> Decoded:
    """Frames with those that were lost, each before the first that is later."""
    at = np.searchsorted(np.maximum.accumulate(frames.pts), pts, side="right")
    return replace(
        frames,
        pts=np.insert(frames.pts, at, pts),
        file_pts=np.insert(frames.file_pts, at, file_pts),
        key=np.insert(frames.key, at, False),
        damaged=np.insert(frames.damaged, at, False),
        lost=np.insert(frames.lost, at, True),
    )
