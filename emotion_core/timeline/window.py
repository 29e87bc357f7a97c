"""Faces with their tracks around a block of frames: read as needed, forgotten after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.faces import Faces
from emotion_core.faces.looked import counted_times
from emotion_core.faces.track import LOOK_US, FaceTracker


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
    looked : ndarray [shape=(frames of the video,), bool], optional
        Frames on which faces were looked for. Default: all.
    """

    def __init__(
        self,
        parts: Iterable[Faces],
        time_us: NDArray[np.int64],
        cuts: Sequence[int] = (),
        looked: NDArray[np.bool_] | None = None,
    ) -> None:
        self._parts = iter(parts)
        all_frames = np.ones(len(time_us), np.bool_)
        # As the tracker counts it.
        self._time_us = counted_times(time_us, all_frames if looked is None else looked)
        # Where a recording's clock starts again, nothing that follows counts as earlier.
        self._clock_us = np.maximum.accumulate(time_us)
        self._counted_us = np.maximum.accumulate(self._time_us)
        # There, too, tracks end: smoothing over time would mix what was before and after.
        first_of_shot = np.diff(time_us, prepend=time_us[:1]) < 0
        first_of_shot[np.asarray(cuts, np.int64)] = True
        self._shots = np.cumsum(first_of_shot)
        self._shot = 0
        self._tracker = FaceTracker()
        # Their tracks are pieces, whose numbers are asked for when they are given out.
        self._held = TrackedFaces(Faces.none(), np.empty(0, np.int32))
        self._newest_us = -1
        self._ended = False

    def around(self, first: int, last: int, reach_us: int) -> TrackedFaces:
        """The faces of frames `first` to `last` and of all that are not farther in time.

        Neither frame number may fall from call to call.
        """
        low, high = self._clock_us[first] - reach_us, self._clock_us[last] + reach_us
        # By then all pieces of these faces have been looked at for long enough.
        latest = int(np.searchsorted(self._clock_us, high, side="right")) - 1
        read = self._read(int(self._counted_us[latest]) + LOOK_US)
        held = TrackedFaces.concatenate([self._held, *read])
        self._held = held.take(self._clock_us[held.faces.frame] >= low)
        near = self._held.take(self._clock_us[self._held.faces.frame] <= high)
        return TrackedFaces(near.faces, self._tracker.numbers(near.track))

    def _read(self, until_us: int) -> Iterator[TrackedFaces]:
        """Go on until a face is later than that, or to the end."""
        while self._newest_us <= until_us and not self._ended:
            part = next(self._parts, None)
            if part is None:
                self._tracker.end_all()
                self._ended = True
            elif len(part):
                yield self._follow(part)

    def _follow(self, part: Faces) -> TrackedFaces:
        self._newest_us = int(self._counted_us[part.frame[-1]])
        pieces = np.empty(len(part), np.int32)
        frames, starts = np.unique(part.frame, return_index=True)
        for frame, start, stop in zip(frames, starts, [*starts[1:], len(part)], strict=True):
            if self._shots[frame] != self._shot:
                self._tracker.end_all()
                self._shot = self._shots[frame]
            rows = slice(start, stop)
            pieces[rows] = self._tracker.update(
                int(self._time_us[frame]),
                part.boxes[rows],
                part.scores[rows],
                part.appearance[rows],
            )
        return TrackedFaces(part, pieces)
