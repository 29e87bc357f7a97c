"""How a live session keeps up: counts, rates, and the time from arrival to publication."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Final

import numpy as np

RECENT_S: Final = 3.0
STEP_MS: Final = 0.5
STEPS: Final = 40_000
"""Latencies are counted in steps, so that memory stays the same for days."""


class Statistics:
    """Counted along, frame after frame."""

    def __init__(self) -> None:
        self.analysed = 0
        self.with_face = 0
        self.tracks = 0
        self._recent: deque[tuple[float, float]] = deque()
        self._counts = np.zeros(STEPS, np.int64)

    def count(self, arrived_s: float, tracks: list[int]) -> None:
        """A frame has been published, which arrived at a time of the monotonic clock."""
        now = time.monotonic()
        self.analysed += 1
        self.with_face += bool(tracks)
        self.tracks = max([self.tracks, *(track + 1 for track in tracks)])
        self._counts[min(max(int((now - arrived_s) * 1e3 / STEP_MS), 0), STEPS - 1)] += 1
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
            "latency_p50_ms": self._latency_ms(0.50),
            "latency_p95_ms": self._latency_ms(0.95),
        }

    def _latency_ms(self, share: float) -> float | None:
        """What this share of the latencies does not exceed, rounded up to a step."""
        if not self.analysed:
            return None
        reached = np.searchsorted(np.cumsum(self._counts), share * self.analysed)
        return float(reached + 1) * STEP_MS
