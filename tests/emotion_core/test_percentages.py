"""Percentages of one whole sum up to it."""

from hypothesis import given
from hypothesis import strategies as st

from emotion_core.percentages import whole_percentages


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=7).filter(any))
def test_they_sum_up_and_lie_near(counts: list[int]) -> None:
    shares = [count / sum(counts) for count in counts]
    found = whole_percentages(shares)
    assert sum(found) == 100
    assert all(abs(100 * share - part) < 1 for share, part in zip(shares, found, strict=True))
    assert all(part == 0 for count, part in zip(counts, found, strict=True) if not count)


def test_halves() -> None:
    assert whole_percentages([0.505, 0.495]) == [51, 49]
    assert whole_percentages([0.5, 0.25]) == [50, 25]
