"""How a live session keeps up: counts, rates, and the time from arrival to publication."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Final

import numpy as np

RECENT_S: Final = 3.0
LATENCIES_HELD: Final = 400_000
"""Enough for hours; then the oldest are forgotten."""


class Statistics:
    """Counted along, frame after frame."""

    def __init__(self) -> None:
        self.analysed = 0
        self.with_face = 0
        self.tracks = 0
        self._recent: deque[tuple[float, float]] = deque()
        self._latencies_s: deque[float] = deque(maxlen=LATENCIES_HELD)

    def count(self, arrived_s: float, tracks: list[int]) -> None:
        """A frame has been published, which arrived at a time of the monotonic clock."""
        now = time.monotonic()
        self.analysed += 1
        self.with_face += bool(tracks)
        self.tracks = max([self.tracks, *(track + 1 for track in tracks)])
        self._latencies_s.append(now - arrived_s)
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
        p50, p95 = (
            np.percentile(self._latencies_s, [50, 95]) if self._latencies_s else (np.nan, np.nan)
        )
        return {
            "frames_analysed": self.analysed,
            "frames_with_face": self.with_face,
            "tracks": self.tracks,
            "latency_p50_ms": None if np.isnan(p50) else round(1e3 * float(p50), 1),
            "latency_p95_ms": None if np.isnan(p95) else round(1e3 * float(p95), 1),
        }
