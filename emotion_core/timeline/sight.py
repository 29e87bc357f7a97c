"""Where each face comes into sight and goes out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from emotion_core.timeline.spans import Rows


class Sight:
    """First and last frames of the stretches in which a track is seen in every analysed frame."""

    def __init__(self) -> None:
        self._first: set[tuple[int, int]] = set()
        self._last: set[tuple[int, int]] = set()
        self._newest: dict[int, tuple[int, int]] = {}
        """Of each track, its newest frame and where that ends in µs."""

    def watched(self, blocks: Iterable[Rows]) -> Iterator[Rows]:
        """The same rows, with their ends, taken down as they pass."""
        for rows in blocks:
            self._watch(rows)
            yield rows

    def begins(self, track: int, frame: int) -> bool:
        """Whether the track is not seen just before the frame."""
        return (track, frame) in self._first

    def ends(self, track: int, frame: int) -> bool:
        """Whether the track is not seen just after the frame, of all that have passed."""
        newest = self._newest.get(track, (-1, 0))[0]
        return (track, frame) in self._last or frame == newest

    def _watch(self, rows: Rows) -> None:
        for track in np.unique(rows.track[rows.track >= 0]).tolist():
            seen = np.flatnonzero(rows.track == track)
            frame, start_us, end_us = rows.frame[seen], rows.start_us[seen], rows.end_us[seen]
            before, before_us = self._newest.get(track, (-1, -1))
            ends_us = np.append(before_us, end_us[:-1])
            frames = np.append(before, frame[:-1])
            anew = ends_us != start_us
            anew[0] |= before < 0
            self._first.update((track, int(number)) for number in frame[anew])
            self._last.update((track, int(number)) for number in frames[anew] if number >= 0)
            self._newest[track] = (int(frame[-1]), int(end_us[-1]))
