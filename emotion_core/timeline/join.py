"""Spans of one track to intervals, as they come."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from emotion_core.timeline.spans import NONE, Span


class SpanJoin:
    """Joins spans of the same emotion that are contested at most between their cores.

    Parameters
    ----------
    enter : float
        Probability from which a row is a core.
    bridge_us : int
        How long the track may be out of sight.
    """

    def __init__(self, enter: float, bridge_us: int) -> None:
        self._enter = np.float32(enter)
        self._bridge_us = bridge_us
        self._run: Span | None = None
        """The newest rows in which the same emotion is the likeliest, up to the last span."""
        self._found: Span | None = None
        """An interval that may go on; its first and last run have a core."""
        self._after: Span | None = None
        """Rows since then in which its emotion reaches `leave`."""

    def update(self, span: Span) -> Iterator[Span]:
        """Intervals that the next span of the track ends."""
        if self._run is not None:
            goes_on = 0 <= span.onset_us - self._run.offset_us <= self._bridge_us
            if goes_on and span.emotion == self._run.emotion:
                self._run = self._run.followed_by(span)
                return
            yield from self._end_run()
            if not goes_on:
                yield from self._end_found()
        self._run = span

    def finish(self) -> Iterator[Span]:
        """Intervals that the end of the track ends."""
        yield from self._end_run()
        yield from self._end_found()

    def is_over(self, now_us: int) -> bool:
        """Whether the track is not seen for too long, or the clock has stepped back."""
        run = self._run
        return run is None or not run.onset_us <= now_us <= run.offset_us + self._bridge_us

    def _end_run(self) -> Iterator[Span]:
        run, self._run = self._run, None
        if run is None:
            return
        has_core = run.emotion != NONE and np.float32(run.apex) >= self._enter
        if self._found is not None and self._found.emotion in (run.emotion, run.contested):
            own = run if run.emotion == self._found.emotion else run.of_contested()
            self._after = own if self._after is None else self._after.followed_by(own)
            if has_core:
                self._found, self._after = self._found.followed_by(self._after), None
            return
        yield from self._end_found()
        if has_core:
            self._found = run

    def _end_found(self) -> Iterator[Span]:
        found, self._found, self._after = self._found, None, None
        if found is not None:
            yield found
