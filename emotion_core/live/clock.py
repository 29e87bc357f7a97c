"""Times of frames since the first one of a session, also where a source is lost and comes back."""

from __future__ import annotations

from typing import Final

DRIFT_MAX_US: Final = 1_000_000
"""A source's clock that is farther from the times of arrival is set anew: it has jumped, or runs
at another rate."""


class StreamClock:
    """Stream time: the source's stamps, on the clock of this machine.

    Stamps have less jitter than arrivals, but each connection begins at another origin. So the
    first frame of each is set to the time at which it arrived, and later ones follow the stamps.
    """

    def __init__(self) -> None:
        self._origin_us: int | None = None
        self._last_us = -1

    def connected(self) -> None:
        """Stamps that follow have another origin."""
        self._origin_us = None

    def time_us(self, stamp_us: int | None, arrived_us: int) -> int:
        """The time of the next frame: later than the one before.

        Parameters
        ----------
        stamp_us : int or None
            Of the source; None where it has none.
        arrived_us : int
            Since the arrival of the session's first frame.
        """
        time_us = arrived_us
        if stamp_us is not None:
            if self._origin_us is None or self._is_off(stamp_us, arrived_us):
                self._origin_us = stamp_us - arrived_us
            time_us = stamp_us - self._origin_us
        self._last_us = max(time_us, self._last_us + 1)
        return self._last_us

    def _is_off(self, stamp_us: int, arrived_us: int) -> bool:
        assert self._origin_us is not None
        return abs(stamp_us - self._origin_us - arrived_us) > DRIFT_MAX_US
