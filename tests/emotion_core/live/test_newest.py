"""Analysis gets the newest frame; what it never took is counted."""

from __future__ import annotations

import numpy as np
import pytest

from emotion_core.live.newest import Arrival, Newest
from emotion_core.media.planes import Planes

PLANE = np.zeros((2, 2), np.uint8)
PICTURE = Planes(PLANE, PLANE, PLANE, full_range=False)


def arrival(number: int) -> Arrival:
    return Arrival(number, number * 40_000, 0, 0.0, PICTURE)


def test_older_frames_are_dropped_counted_and_marked() -> None:
    newest = Newest()
    newest.put(arrival(0))
    first = newest.take(0)
    for number in (1, 2, 3):
        newest.put(arrival(number))
    second = newest.take(0)
    assert first is not None
    assert second is not None
    assert (first.number, first.gap) == (0, False)
    assert (second.number, second.gap) == (3, True)
    assert newest.dropped == 2
    assert newest.take(0) is None


def test_the_last_frame_is_given_out_before_the_end() -> None:
    newest = Newest()
    newest.put(arrival(0))
    newest.close()
    assert not newest.ended
    assert newest.take(0) is not None
    assert newest.ended


def test_what_the_reader_met_is_raised_after_the_last_frame() -> None:
    newest = Newest()
    newest.put(arrival(0))
    newest.close(ValueError("broken"))
    assert newest.take(0) is not None
    with pytest.raises(ValueError, match="broken"):
        newest.take(0)
