"""The sound of a file whose clock jumps, kept beside its pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from emotion_core.media.container import open_video
from emotion_core.media.jumps import SOUND_GAP_US, ReadOrder, Stretch, read_order
from emotion_core.media.packets import JUMP_BACK, NO_TIME, kept

_PACKETS_AROUND: Final = 100
"""Packets of pictures before and after one of sound that tell which stretch it belongs to."""


@dataclass(frozen=True)
class SoundClock:
    """What is added to the times of each packet of the first sound.

    Attributes
    ----------
    shifts_s : tuple of Fraction, s
        Of each stretch of the file.
    stretch_of : tuple of int
        Of each packet of sound, in the order of the file.
    """

    shifts_s: tuple[Fraction, ...]
    stretch_of: tuple[int, ...]

    def mend(self, packets: Iterable[av.Packet[Any]]) -> Iterator[av.Packet[Any]]:
        """All packets, with times that go on."""
        stretch = 0
        for number, read in enumerate(packets):
            if number < len(self.stretch_of):
                stretch = self.stretch_of[number]
            # See `Restart`: after a jump nothing is discarded by the file's own wish.
            packet = kept(read) if stretch and read.is_discard else read
            shift = round(self.shifts_s[stretch] / packet.time_base) if packet.time_base else 0
            if packet.pts is not None:
                packet.pts += shift
            if packet.dts is not None:
                packet.dts += shift
            yield packet


def sound_clock(path: Path, stretches: Sequence[Stretch], time_base: Fraction) -> SoundClock | None:
    """How the first sound of a file goes on; None where its clock does not jump.

    Parameters
    ----------
    path : Path
    stretches : sequence of Stretch
    time_base : Fraction, s
        Of the pictures.

    Raises
    ------
    MediaError
        The file cannot be read any more.
    """
    if len(stretches) < 2:
        return None
    with open_video(path) as (container, stream):
        if not container.streams.audio:
            return None
        order = read_order(container, stream, container.streams.audio[:1])
    shifts = tuple(stretch.shift * time_base for stretch in stretches)
    return SoundClock(shifts, tuple(sound_stretches(order, stretches).tolist()))


def sound_stretches(order: ReadOrder, stretches: Sequence[Stretch]) -> NDArray[np.int64]:
    """The stretch that each packet of sound belongs to, shape (m,).

    Sound and pictures lie beside each other, but do not change at the same packet. Sound changes
    where its own clock jumps, to the stretch whose pictures near it are nearest in time.
    """
    starts = np.array([stretch.first_packet for stretch in stretches])
    of_picture = np.searchsorted(starts, np.arange(len(order.picture_us)), side="right") - 1
    found = np.zeros(len(order.sound_us), np.int64)
    current, last_us = 0, None
    for number, time_us in enumerate(order.sound_us.tolist()):
        if time_us != NO_TIME:
            step_us = 0 if last_us is None else time_us - last_us
            if not -JUMP_BACK * 1_000_000 <= step_us <= SOUND_GAP_US:
                current = max(current, _nearest(order, of_picture, number))
            last_us = time_us
        found[number] = current
    return found


def _nearest(order: ReadOrder, of_picture: NDArray[np.int64], number: int) -> int:
    """The stretch of the picture that is nearest to a packet of sound, in time and in the file."""
    seen = int(order.seen[number])
    low = max(seen - _PACKETS_AROUND, 0)
    near = low + np.flatnonzero(order.picture_us[low : seen + _PACKETS_AROUND] != NO_TIME)
    if len(near) < 2:
        return 0
    steps = np.abs(np.diff(order.picture_us[near]))
    apart = np.abs(order.picture_us[near] - order.sound_us[number])
    apart = apart + np.abs(near - seen) * int(np.median(steps))
    return int(of_picture[near[apart.argmin()]])
