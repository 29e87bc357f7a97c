"""Stream time goes on over lost connections and clocks that jump."""

from __future__ import annotations

from emotion_core.live.clock import StreamClock


def test_stamps_are_followed_and_not_the_jitter_of_arrivals() -> None:
    clock = StreamClock()
    assert clock.time_us(5_000_000, 0) == 0
    assert clock.time_us(5_033_333, 41_000) == 33_333
    assert clock.time_us(5_066_667, 60_000) == 66_667


def test_a_connection_that_begins_anew_goes_on_at_the_time_of_arrival() -> None:
    clock = StreamClock()
    clock.time_us(9_000_000, 0)
    clock.connected()
    assert clock.time_us(100, 7_000_000) == 7_000_000
    assert clock.time_us(40_100, 7_050_000) == 7_040_000


def test_a_clock_that_jumps_is_set_anew() -> None:
    clock = StreamClock()
    clock.time_us(0, 0)
    assert clock.time_us(3_600_000_000, 40_000) == 40_000
    assert clock.time_us(3_600_040_000, 80_000) == 80_000


def test_without_stamps_arrivals_count_and_times_never_repeat() -> None:
    clock = StreamClock()
    assert [clock.time_us(None, arrived) for arrived in (0, 40, 40, 20, 90)] == [0, 40, 41, 42, 90]
