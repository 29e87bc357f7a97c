"""Latencies over a whole session, from counts."""

from __future__ import annotations

import time

from emotion_core.live.statistics import STEP_MS, Statistics


def test_percentiles_are_right_to_a_step() -> None:
    statistics = Statistics()
    for latency_ms in range(10, 110):
        statistics.count(time.monotonic() - latency_ms / 1e3, 0.0042, [])
    total = statistics.total()
    assert 59 <= total["latency_p50_ms"] <= 60 + 4 * STEP_MS
    assert 104 <= total["latency_p95_ms"] <= 105 + 4 * STEP_MS
    assert total["work_p50_ms"] == total["work_p95_ms"] == 4.5
    assert total["frames_analysed"] == 100


def test_before_the_first_frame_there_is_no_latency() -> None:
    assert Statistics().total()["latency_p50_ms"] is None


def test_tracks_are_counted_by_their_numbers() -> None:
    statistics = Statistics()
    for tracks in ([], [0], [0, 1], [1, 4]):
        statistics.count(time.monotonic(), 0.0, tracks)
    assert (statistics.total()["tracks"], statistics.total()["frames_with_face"]) == (5, 3)
