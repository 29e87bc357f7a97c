from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.media.clock import frames_in_range, frames_on_grid, times_us

TIME_BASES = [Fraction(1, 90_000), Fraction(1, 1000), Fraction(1001, 30_000), Fraction(1, 10**7)]
time_bases = st.sampled_from(TIME_BASES)
ticks = st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=30, unique=True).map(sorted)


@given(ticks, time_bases)
def test_times_are_the_exact_formula_rounded_half_to_even(pts: list[int], base: Fraction) -> None:
    expected = [round((value - pts[0]) * base * 10**6) for value in pts]
    assert times_us(np.array(pts), pts[0], base).tolist() == expected


def test_half_goes_to_even() -> None:
    base = Fraction(1, 2_000_000)
    assert times_us(np.array([0, 1, 3, 5]), 0, base).tolist() == [0, 0, 2, 2]


@given(ticks, time_bases, st.fractions(Fraction(1, 10), 240, max_denominator=1001))
def test_grid_takes_the_first_frame_at_or_after_each_point(
    pts: list[int], base: Fraction, rate: Fraction
) -> None:
    times = [(value - pts[0]) * base for value in pts]
    chosen = frames_on_grid(np.array(pts), pts[0], base, rate)
    previous = None
    for time, taken in zip(times, chosen, strict=True):
        point = Fraction(int(time * rate)) / rate
        assert taken == (previous is None or point > previous)
        previous = time


@given(ticks, time_bases, st.decimals(0, 1000, places=3), st.decimals(0, 1000, places=3))
def test_range_includes_its_start_and_excludes_its_end(
    pts: list[int], base: Fraction, start: object, end: object
) -> None:
    low, high = Fraction(str(start)), Fraction(str(end))
    inside = frames_in_range(np.array(pts), pts[0], base, low, high)
    assert inside.tolist() == [low <= (value - pts[0]) * base < high for value in pts]


@pytest.mark.parametrize(("rate", "expected"), [(10, [0, 3, 5, 8]), (25, list(range(10)))])
def test_grid_on_25_frames_a_second(rate: int, expected: list[int]) -> None:
    chosen = frames_on_grid(np.arange(10), 0, Fraction(1, 25), Fraction(rate))
    assert np.flatnonzero(chosen).tolist() == expected


def test_products_beyond_64_bits_are_exact() -> None:
    base = Fraction(1001, 30_000)
    pts = np.array([0, 2**46, 2**47 + 1])
    expected = [round(int(value) * base * 10**6) for value in pts]
    assert times_us(pts, 0, base).tolist() == expected
    assert frames_on_grid(pts, 0, base, Fraction(6721, 810)).all()
