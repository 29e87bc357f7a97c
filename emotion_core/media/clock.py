"""Exact time: PTS to microseconds, ranges and sampling grids, in integers and fractions only."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

MICROSECONDS: Final = 1_000_000

JUMPS_KEPT: Final = 100
"""So many of the jumps of a clock stand in a timeline's metadata, from the first."""

_INT64_SAFE: Final = 2**62


def times_us(pts: NDArray[np.int64], pts0: int, time_base: Fraction) -> NDArray[np.int64]:
    """Microseconds since the first frame: (pts - pts0) · time_base · 10⁶, half to even.

    Parameters
    ----------
    pts : ndarray [shape=(n,), int64, `time_base`]
    pts0 : int
        PTS of the first frame.
    time_base : Fraction, s
    """
    whole, remainder, denominator = _divide(pts, pts0, time_base * MICROSECONDS)
    doubled = 2 * remainder
    up = (doubled > denominator) | ((doubled == denominator) & (whole % 2 == 1))
    return np.asarray(whole + up, np.int64)


def frames_in_range(
    pts: NDArray[np.int64],
    pts0: int,
    time_base: Fraction,
    start: Fraction | None,
    end: Fraction | None,
) -> NDArray[np.bool_]:
    """Which frames have start <= time < end, in seconds since the first frame."""
    inside = np.ones(len(pts), np.bool_)
    if start is not None:
        inside &= pts - pts0 >= math.ceil(start / time_base)
    if end is not None:
        inside &= pts - pts0 < math.ceil(end / time_base)
    return inside


def frames_on_grid(
    pts: NDArray[np.int64], pts0: int, time_base: Fraction, rate: Fraction
) -> NDArray[np.bool_]:
    """Which frames are the first at or after some n / rate seconds (n = 0, 1, …)."""
    cells, _, _ = _divide(pts, pts0, time_base * rate)
    chosen = np.ones(len(pts), np.bool_)
    # cell(t) = floor(t · rate); a point of the grid lies in (t[i - 1], t[i]] where it grows.
    chosen[1:] = cells[1:] > np.maximum.accumulate(cells)[:-1]
    return chosen


def _divide(
    pts: NDArray[np.int64], pts0: int, factor: Fraction
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Quotient, remainder and divisor of (pts - pts0) · factor."""
    ticks = pts - pts0
    largest = int(np.abs(ticks).max(initial=0)) * factor.numerator
    wide = ticks.astype(object) if largest >= _INT64_SAFE else ticks
    product = wide * factor.numerator
    return product // factor.denominator, product % factor.denominator, factor.denominator
