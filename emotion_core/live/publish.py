"""What a live session tells those who watch it: the newest picture, and what was found."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

SAMPLE_US: Final = 100_000
"""Stream time between two samples for the chart."""

SAMPLES_HELD: Final = 300
WATCHED_S: Final = 2.0
"""So long after it was last asked for, the picture is still made."""


@dataclass(frozen=True)
class Sample:
    """The faces of a frame, for the chart.

    Attributes
    ----------
    number : int
        Of the frame.
    time_us : int
    faces : tuple of (int, tuple of float)
        Track, and its seven probabilities in the order of `EMOTIONS`.
    """

    number: int
    time_us: int
    faces: tuple[tuple[int, tuple[float, ...]], ...]


@dataclass(frozen=True, repr=False)
class News:
    """What has happened since somebody asked last.

    Attributes
    ----------
    number : int
        Of the newest frame; -1 before the first.
    wall_us : int
        When it arrived, in µs since 1970 (UTC).
    picture : bytes or None
        It as JPEG; None where it has not been made.
    samples : tuple of Sample
        Newer ones than were known.
    state : dict
        JSON values: counts, rates, latency.
    ended : bool
    """

    number: int = -1
    wall_us: int = 0
    picture: bytes | None = None
    samples: tuple[Sample, ...] = ()
    state: dict[str, Any] = field(default_factory=dict)
    ended: bool = False


class Publisher:
    """Where a session leaves its news, and others wait for them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = -1
        self._wall_us = 0
        self._picture: bytes | None = None
        self._samples: deque[Sample] = deque(maxlen=SAMPLES_HELD)
        self._state: dict[str, Any] = {}
        self._ended = False
        self._asked_s = float("-inf")

    @property
    def is_watched(self) -> bool:
        """Whether somebody wants pictures."""
        return time.monotonic() - self._asked_s <= WATCHED_S

    def publish(
        self, picture: bytes | None, sample: Sample, wall_us: int, state: dict[str, Any]
    ) -> None:
        """Tell of the next frame, which arrived at a time in µs since 1970 (UTC)."""
        with self._changed:
            self._number, self._wall_us = sample.number, wall_us
            self._picture, self._state = picture, state
            last = self._samples[-1] if self._samples else None
            if last is None or sample.time_us - last.time_us >= SAMPLE_US:
                self._samples.append(sample)
            self._changed.notify_all()

    def tell(self, state: dict[str, Any], *, ended: bool = False) -> None:
        """Tell of a new state without a frame."""
        with self._changed:
            self._state, self._ended = state, ended
            self._changed.notify_all()

    def news(self, after: int, *, picture: bool, timeout_s: float) -> News:
        """Wait for a newer frame than `after`, or until time is up or the session has ended."""
        if picture:
            self._asked_s = time.monotonic()
        with self._changed:
            self._changed.wait_for(lambda: self._number > after or self._ended, timeout_s)
            return News(
                number=self._number,
                wall_us=self._wall_us,
                picture=self._picture if picture and self._number > after else None,
                samples=tuple(s for s in self._samples if s.number > after),
                state=self._state,
                ended=self._ended,
            )
