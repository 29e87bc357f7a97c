"""Between reading and analysis: the newest frame, and how many were never taken."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from emotion_core.media.planes import Planes


@dataclass(frozen=True, repr=False)
class Arrival:
    """A frame that has arrived.

    Attributes
    ----------
    number : int
        Of the frame, in order of arrival, from 0.
    time_us : int
        Stream time since the session's first frame.
    wall_us : int
        When it arrived, in µs since 1970 (UTC).
    arrived_s : float
        The same on the monotonic clock.
    planes : Planes
        Upright. Do not write into them.
    damaged : bool
    gap : bool
        Frames are missing before it.
    """

    number: int
    time_us: int
    wall_us: int
    arrived_s: float
    planes: Planes
    damaged: bool = False
    gap: bool = False

    def __repr__(self) -> str:
        return f"Arrival({self.number}, {self.time_us} µs)"


class Newest:
    """Holds one frame: a new one takes the place of one that nobody took."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: Arrival | None = None
        self._closed = False
        self._error: BaseException | None = None
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Frames that were replaced before they were taken."""
        return self._dropped

    def put(self, arrival: Arrival) -> None:
        """Hold a frame; `gap` is set where it replaces one."""
        with self._changed:
            if self._held is not None:
                self._dropped += 1
                arrival = replace(arrival, gap=True)
            self._held = arrival
            self._changed.notify()

    def take(self, timeout_s: float) -> Arrival | None:
        """The newest frame, once; None where none has come in time.

        Raises
        ------
        Exception
            What the reader was closed with, once all frames are taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._held is not None or self._closed, timeout_s)
            arrival, self._held = self._held, None
            if arrival is None and self._error is not None:
                raise self._error
            return arrival

    def close(self, error: BaseException | None = None) -> None:
        """No frame will follow; `error` says why, where something went wrong."""
        with self._changed:
            self._closed, self._error = True, error
            self._changed.notify()

    @property
    def ended(self) -> bool:
        """Closed, and all frames taken."""
        with self._changed:
            return self._closed and self._held is None
