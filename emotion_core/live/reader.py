"""Reads a source in a thread of its own, and comes back to it when it is lost."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

from emotion_core.errors import SourceError
from emotion_core.live.address import Address, SourceKind
from emotion_core.live.clock import StreamClock
from emotion_core.live.connection import Connection, Taken, connect
from emotion_core.live.newest import Arrival, Newest
from emotion_core.media.index import index_video
from emotion_core.media.planes import Orientation, Planes, planes_of

BACKOFF_S: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Pauses before the attempts to open a lost source again; the last is repeated."""

BEHIND_MAX_S: Final = 0.5
"""A file that cannot be decoded at its own speed goes on more slowly from here."""


@dataclass(frozen=True)
class Format:
    """What all frames of a source share.

    Attributes
    ----------
    width, height : int, px
        Of the upright picture.
    pixel_aspect : Fraction
        Width of an upright pixel over its height.
    matrix : int
        Of the colours (ITU-T H.273).
    """

    width: int
    height: int
    pixel_aspect: Fraction
    matrix: int


@dataclass
class Outage:
    """A time in which a source was lost.

    Attributes
    ----------
    lost_us, back_us : int
        In µs since 1970 (UTC); 0 while it is not back.
    reason : str
    """

    lost_us: int
    reason: str
    back_us: int = 0


@dataclass
class Reader:
    """The thread that reads a source.

    Attributes
    ----------
    address : Address
    end_us : int or None
        Frames from this stream time on are not wanted.
    newest : Newest
        Where frames go.
    outages : list of Outage
        Finished ones, and the present one.
    """

    address: Address
    end_us: int | None = None
    newest: Newest = field(default_factory=Newest)
    outages: list[Outage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._opened: Future[tuple[Format, Planes]] = Future()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._clock = StreamClock()
        self._count = 0
        self._begun_s: float | None = None
        self._size = (0, 0)
        self._orientation = Orientation()

    @property
    def arrived(self) -> int:
        """Frames that have arrived."""
        return self._count

    @property
    def stopped(self) -> bool:
        """No frame will follow, but for one that is on its way."""
        return self._stopped.is_set()

    def open(self) -> tuple[Format, Planes]:
        """Open the source and wait for its first picture; it counts only after `begin`.

        Raises
        ------
        SourceError, MediaError
            It cannot be opened or sends nothing.
        """
        self._thread.start()
        return self._opened.result()

    def begin(self) -> None:
        """From here on, frames are counted and handed on."""
        self._wanted.set()

    def stop(self) -> None:
        """Read no more; returns at once."""
        self._stopped.set()
        self._wanted.set()

    def _run(self) -> None:
        try:
            self._follow()
        except BaseException as error:
            if self._opened.done():
                self.newest.close(error)
            else:
                self._opened.set_exception(error)
        self.newest.close()

    def _follow(self) -> None:
        attempts = 0
        if self.address.kind is SourceKind.FILE:
            self._orientation = index_video(Path(self.address.target)).info.orientation
        while not self._stopped.is_set():
            before, reason = self._count, "it ended"
            try:
                with connect(self.address) as connection:
                    self._read(connection)
                    reason = connection.ending
            except SourceError as error:
                if not self._opened.done():
                    raise
                reason = error.message
            if self._stopped.is_set() or self.address.kind is SourceKind.FILE:
                return
            if not self._opened.done():
                raise SourceError(None, f"{self.address}: sends no frame that can be decoded")
            attempts = 0 if self._count > before else attempts + 1
            self._lose(reason)
            self._stopped.wait(BACKOFF_S[min(attempts, len(BACKOFF_S) - 1)])

    def _lose(self, reason: str) -> None:
        if not self.outages or self.outages[-1].back_us:
            self.outages.append(Outage(time.time_ns() // 1000, reason))

    def _read(self, connection: Connection) -> None:
        self._clock.connected()
        pace = _Pace() if self.address.kind is SourceKind.FILE else None
        for taken in connection.frames():
            if not self._is_wanted(connection, taken):
                continue
            arrived_s = time.monotonic()
            if pace is not None and taken.stamp_us is not None:
                arrived_s = pace.due_s(taken.stamp_us)
                self._stopped.wait(max(arrived_s - time.monotonic(), 0))
            if self._stopped.is_set() or not self._arrive(taken, arrived_s):
                self._stopped.set()
                return

    def _is_wanted(self, connection: Connection, taken: Taken) -> bool:
        """Whether frames are counted already; the first shows what all are like."""
        if not self._opened.done():
            self._size = (taken.frame.width, taken.frame.height)
            planes = planes_of(taken.frame, *self._size, self._orientation)
            self._opened.set_result((self._format(connection, taken, planes), planes))
        if self.address.kind is SourceKind.FILE:
            self._wanted.wait()
        return self._wanted.is_set()

    def _arrive(self, taken: Taken, arrived_s: float) -> bool:
        """Hand a frame on; False once no more are wanted."""
        if self._begun_s is None:
            self._begun_s = arrived_s
        arrived_us = round((arrived_s - self._begun_s) * 1e6)
        time_us = self._clock.time_us(taken.stamp_us, arrived_us)
        if self.end_us is not None and time_us >= self.end_us:
            return False
        wall_us = (time.time_ns() - round((time.monotonic() - arrived_s) * 1e9)) // 1000
        planes = planes_of(taken.frame, *self._size, self._orientation)
        gap = taken.gap
        if self.outages and not self.outages[-1].back_us:
            self.outages[-1].back_us, gap = wall_us, True
        self.newest.put(
            Arrival(self._count, time_us, wall_us, arrived_s, planes, taken.damaged, gap)
        )
        self._count += 1
        return True

    def _format(self, connection: Connection, taken: Taken, planes: Planes) -> Format:
        aspect = connection.pixel_aspect
        upright = 1 / aspect if self._orientation.transpose else aspect
        return Format(planes.width, planes.height, upright, int(taken.frame.colorspace))


class _Pace:
    """When the frames of a file are due, at its own speed."""

    def __init__(self) -> None:
        self._origin_s: float | None = None

    def due_s(self, stamp_us: int) -> float:
        """On the monotonic clock."""
        now = time.monotonic()
        if self._origin_s is None or now - self._origin_s - stamp_us / 1e6 > BEHIND_MAX_S:
            self._origin_s = now - stamp_us / 1e6
        return self._origin_s + stamp_us / 1e6
