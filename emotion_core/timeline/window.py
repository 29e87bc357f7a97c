"""Faces with their tracks around a block of frames: read as needed, forgotten after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.faces import Faces
from emotion_core.faces.track import FaceTracker


@dataclass(frozen=True)
class TrackedFaces:
    """Faces, and the number of the track of each: shape (n,), int32."""

    faces: Faces
    track: NDArray[np.int32]

    def take(self, rows: NDArray[np.bool_]) -> TrackedFaces:
        """Some of them, in their order."""
        return TrackedFaces(self.faces.take(rows), self.track[rows])

    @classmethod
    def concatenate(cls, parts: Sequence[TrackedFaces]) -> TrackedFaces:
        """All of them, in the order of `parts`; at least one part."""
        faces = Faces.concatenate(part.faces for part in parts)
        return cls(faces, np.concatenate([part.track for part in parts]))


class TrackWindow:
    """Follows faces through a video, and holds no more of them than are asked for.

    Parameters
    ----------
    parts : iterable of Faces
        By rising frame number; all faces of a frame lie in one part.
    time_us : ndarray [shape=(frames of the video,), int64, µs]
    cuts : sequence of int
        Rising numbers of the frames that a camera cut comes before: no track goes on over one.
    """

    def __init__(
        self, parts: Iterable[Faces], time_us: NDArray[np.int64], cuts: Sequence[int] = ()
    ) -> None:
        self._parts = iter(parts)
        self._time_us = time_us
        # Where a recording's clock starts again, nothing that follows counts as earlier.
        self._clock_us = np.maximum.accumulate(time_us)
        self._tracker = FaceTracker()
        self._cuts = np.asarray(cuts, np.int64)
        self._shot = 0
        self._held = TrackedFaces(Faces.none(), np.empty(0, np.int32))
        self._newest_us = -1

    def around(self, first: int, last: int, reach_us: int) -> TrackedFaces:
        """The faces of frames `first` to `last` and of all that are not farther in time.

        Neither frame number may fall from call to call.
        """
        low, high = self._clock_us[first] - reach_us, self._clock_us[last] + reach_us
        read = [self._held]
        for part in self._parts if self._newest_us <= high else ():
            read.append(self._follow(part))
            if self._newest_us > high:
                break
        held = TrackedFaces.concatenate(read)
        self._held = held.take(self._clock_us[held.faces.frame] >= low)
        return self._held.take(self._clock_us[self._held.faces.frame] <= high)

    def _follow(self, part: Faces) -> TrackedFaces:
        if not len(part):
            return TrackedFaces(part, np.empty(0, np.int32))
        self._newest_us = int(self._clock_us[part.frame[-1]])
        tracks = np.empty(len(part), np.int32)
        frames, starts = np.unique(part.frame, return_index=True)
        for frame, start, stop in zip(frames, starts, [*starts[1:], len(part)], strict=True):
            rows = slice(start, stop)
            tracks[rows] = self._follow_frame(
                int(frame), part.boxes[rows], part.scores[rows], part.appearance[rows]
            )
        return TrackedFaces(part, tracks)

    def _follow_frame(
        self,
        frame: int,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        appearance: NDArray[np.int8],
    ) -> NDArray[np.int32]:
        shot = int(np.searchsorted(self._cuts, frame, side="right"))
        if shot != self._shot:
            self._tracker.end_all()
            self._shot = shot
        return self._tracker.update(int(self._time_us[frame]), boxes, scores, appearance)
