"""How a live session keeps up: counts, rates, and the time from arrival to publication."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Final

import numpy as np

RECENT_S: Final = 3.0
STEP_MS: Final = 0.5
STEPS: Final = 40_000


class Durations:
    """Counts of durations, in steps: memory stays the same for days."""

    def __init__(self) -> None:
        self._counts = np.zeros(STEPS, np.int64)

    def add(self, seconds: float) -> None:
        """Count one."""
        self._counts[min(max(int(seconds * 1e3 / STEP_MS), 0), STEPS - 1)] += 1

    def percentile_ms(self, share: float) -> float | None:
        """What this share of them does not exceed, rounded up to a step; None of none."""
        reached = np.cumsum(self._counts)
        if not reached[-1]:
            return None
        return float(np.searchsorted(reached, share * reached[-1]) + 1) * STEP_MS


class Statistics:
    """Counted along, frame after frame."""

    def __init__(self) -> None:
        self.analysed = 0
        self.with_face = 0
        self.tracks = 0
        self._recent: deque[tuple[float, float]] = deque()
        self._latencies = Durations()
        self._work = Durations()

    def count(self, arrived_s: float, work_s: float, tracks: list[int]) -> None:
        """A frame has been published.

        Parameters
        ----------
        arrived_s : float
            When it arrived, on the monotonic clock.
        work_s : float
            Processor time that it took since.
        tracks : list of int
            Of its faces.
        """
        now = time.monotonic()
        self.analysed += 1
        self.with_face += bool(tracks)
        self.tracks = max([self.tracks, *(track + 1 for track in tracks)])
        self._latencies.add(now - arrived_s)
        self._work.add(work_s)
        self._recent.append((now, now - arrived_s))

    def recent(self) -> dict[str, Any]:
        """Frames a second and latency over the last seconds, as JSON values."""
        now = time.monotonic()
        while self._recent and now - self._recent[0][0] > RECENT_S:
            self._recent.popleft()
        latencies = [latency for _, latency in self._recent]
        return {
            "frames_per_second": round(len(latencies) / RECENT_S, 1),
            "latency_ms": round(1e3 * float(np.median(latencies)), 1) if latencies else None,
        }

    def total(self) -> dict[str, Any]:
        """Over the whole session, as JSON values."""
        return {
            "frames_analysed": self.analysed,
            "frames_with_face": self.with_face,
            "tracks": self.tracks,
            "latency_p50_ms": self._latencies.percentile_ms(0.50),
            "latency_p95_ms": self._latencies.percentile_ms(0.95),
            "work_p50_ms": self._work.percentile_ms(0.50),
            "work_p95_ms": self._work.percentile_ms(0.95),
        }
