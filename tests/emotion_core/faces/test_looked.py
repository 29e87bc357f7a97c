"""Patience: it runs while faces are looked for, and not between two frames that are looked at."""

from __future__ import annotations

import numpy as np
import pytest

from emotion_core.faces.faces import EMBEDDING_LENGTH, Faces
from emotion_core.faces.looked import LookedClock, counted_times
from emotion_core.timeline.window import TrackWindow

SECOND = 1_000_000


def still_face(frames: list[int], seed: int = 0) -> Faces:
    """One face that stays where it is, on some frames."""
    count = len(frames)
    looks = np.random.default_rng(seed).integers(-100, 100, 144).astype(np.int8)
    return Faces(
        frame=np.array(frames, np.int64),
        boxes=np.tile(np.array([100, 100, 50, 60], np.float32), (count, 1)),
        scores=np.full(count, 0.95, np.float32),
        landmarks=np.zeros((count, 5, 2), np.float32),
        quality=np.ones(count, np.float32),
        appearance=np.tile(looks, (count, 1)),
        logits=np.zeros((count, 7), np.float32),
        embedding=np.zeros((count, EMBEDDING_LENGTH), np.int8),
    )


def tracks(times_s: list[float], shown: list[int], looked: list[bool] | None = None) -> list[int]:
    time_us = np.array([round(time * SECOND) for time in times_s], np.int64)
    parts = [still_face([frame]) for frame in shown]
    mask = None if looked is None else np.array(looked)
    window = TrackWindow(parts, time_us, looked=mask)
    found: list[int] = []
    for frame in range(len(times_s)):
        near = window.around(frame, frame, 0)
        found += near.track[near.faces.frame == frame].tolist()
    return found


@pytest.mark.parametrize("step_s", [1.2, 2, 5, 60])
def test_a_face_keeps_its_track_where_few_frames_are_looked_at(step_s: float) -> None:
    assert tracks([n * step_s for n in range(12)], list(range(12))) == [0] * 12


def test_frames_that_are_not_looked_at_do_not_count() -> None:
    looked = [n % 50 == 0 for n in range(501)]
    shown = [n for n in range(501) if looked[n]]
    assert tracks([n / 25 for n in range(501)], shown, looked) == [0] * len(shown)


def test_a_face_that_many_looks_miss_is_another_track() -> None:
    missed = tracks([n * 5.0 for n in range(24)], [0, 1, 2, 3, *range(14, 24)])
    assert missed == [0] * 4 + [1] * 10


def test_an_outage_ends_tracks() -> None:
    times = [n / 25 for n in range(25)] + [20 + n / 25 for n in range(25)]
    assert tracks(times, list(range(50))) == [0] * 25 + [1] * 25
    clock = LookedClock()
    assert [clock.see(round(time * SECOND)) for time in times] == [
        round(time * SECOND) for time in times
    ]


def test_times_of_ordinary_videos_are_those_of_the_clock() -> None:
    rng = np.random.default_rng(0)
    time_us = np.cumsum(rng.integers(10_000, SECOND, 400)).astype(np.int64)
    assert (counted_times(time_us, np.ones(400, np.bool_)) == time_us).all()
