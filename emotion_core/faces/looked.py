"""The time that a tracker counts: patience does not run where no frame was looked at."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.track import BRIDGED_US

SPARSE_US: Final = 1_100_000
"""Where frames are looked at that are further apart, patience would be over at each."""

STEP_US: Final = BRIDGED_US
"""What a usual step counts for there: a face that is seen at its end was never out of sight."""

OUTAGE: Final = 4
"""A step of more than so many usual ones is an outage, and counts in full."""

USUAL_STEPS: Final = 9
"""So many steps before one, of which the median is the usual one."""


class LookedClock:
    """Counts the time over which faces are looked for, frame by frame."""

    def __init__(self) -> None:
        self._steps: deque[int] = deque(maxlen=USUAL_STEPS)
        self._last_us: int | None = None
        self._counted_us = 0

    def see(self, time_us: int) -> int:
        """The counted time of the next frame that is looked at, µs."""
        if self._last_us is None:
            self._last_us = self._counted_us = time_us
            return time_us
        step = time_us - self._last_us
        is_usual = not self._steps or step <= OUTAGE * median(self._steps)
        self._counted_us += STEP_US if is_usual and step > SPARSE_US else step
        self._last_us = time_us
        if step > 0:
            self._steps.append(step)
        return self._counted_us


def counted_times(time_us: NDArray[np.int64], looked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The counted times of frames; one that is not looked at has that of the last before it.

    Parameters
    ----------
    time_us : ndarray [shape=(n,), int64, µs]
    looked : ndarray [shape=(n,), bool]
    """
    if (np.diff(time_us[looked]) <= SPARSE_US).all():
        return time_us
    clock = LookedClock()
    counted = np.array([clock.see(time) for time in time_us[looked].tolist()], np.int64)
    return np.asarray(counted[np.maximum(np.cumsum(looked) - 1, 0)])
