from __future__ import annotations

from emotion_core.media.repair import fill_gaps


def test_missing_pts_are_put_between_their_neighbours() -> None:
    assert fill_gaps([0, None, 80, 120]).tolist() == [0, 40, 80, 120]
    assert fill_gaps([None, 100, 140, None]).tolist() == [60, 100, 140, 180]
    assert fill_gaps([7, 8, 9]).tolist() == [7, 8, 9]
    assert fill_gaps([None, 5]).tolist() == [4, 5]
