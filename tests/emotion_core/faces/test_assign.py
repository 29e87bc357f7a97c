from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from emotion_core.faces.assign import assign

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))
VALUES = st.one_of(st.floats(-5, 5), st.integers(-2, 2).map(float))


@given(arrays(np.float64, SIZES, elements=VALUES))
def test_the_sum_is_the_largest_there_is(gains: np.ndarray) -> None:
    pairs = assign(gains)
    worth = np.maximum(gains, 0)
    best = worth[linear_sum_assignment(worth, maximize=True)].sum()
    assert np.isclose(sum(gains[pair] for pair in pairs), best)
    assert all(gains[pair] > 0 for pair in pairs)
    for side in (0, 1):
        assert len({pair[side] for pair in pairs}) == len(pairs)
    assert pairs == sorted(pairs)
