from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.media.index import DAMAGED, OK, UNDECODABLE, VideoIndex, VideoInfo
from emotion_core.media.planes import Orientation
from emotion_core.media.sampling import (
    LONGEST_SPAN,
    chosen_frames,
    sampled_frames,
    searched_around,
    searched_frames,
)
from emotion_core.options import AnalysisOptions

MILLISECOND = Fraction(1, 1000)


def index_of(times_ms: list[int], status: list[int] | None = None) -> VideoIndex:
    info = VideoInfo(
        path=Path("clip.mp4"), stored_width=64, stored_height=48, orientation=Orientation(),
        sample_aspect=Fraction(1), time_base=MILLISECOND, pts0=times_ms[0],
        frame_rate=Fraction(25), colour=(2, 2, 2), in_order=status is not None,
    )  # fmt: skip
    count = len(times_ms)
    codes = np.array(status or [OK] * count, np.uint8)
    pts = np.array(times_ms, np.int64)
    return VideoIndex(info, pts, np.zeros(count, np.bool_), codes, pts)


def searched(index: VideoIndex, **options: object) -> list[int]:
    chosen = searched_frames(index, AnalysisOptions(**options))  # type: ignore[arg-type]
    return np.flatnonzero(chosen).tolist()


def test_one_frame_of_each_interval_and_the_last_are_searched() -> None:
    index = index_of([40 * i for i in range(11)])
    assert searched(index, detection_interval=0.16) == [0, 4, 8, 10]
    assert searched(index, detection_interval=0.0) == list(range(11))


def test_sparse_samples_are_all_searched() -> None:
    index = index_of([40 * i for i in range(60)])
    assert searched(index, sample_fps=2.0) == [0, 13, 25, 38, 50]
    assert searched(index, stride=7) == list(range(0, 60, 7))


def test_a_fast_video_holds_few_frames() -> None:
    index = index_of(list(range(0, 400, 2)))
    assert searched(index) == sorted({*range(0, 200, LONGEST_SPAN), 80, 160, 199})


def test_pauses_clocks_that_step_back_and_damage_are_enclosed() -> None:
    times = [0, 40, 80, 2000, 2040, 2080, 2120, 40, 80, 120, 200, 240]
    assert {2, 3, 6, 7} <= set(searched(index_of(times)))
    status = [OK, OK, DAMAGED, OK, UNDECODABLE, OK, OK]
    assert searched(index_of([20 * i for i in range(7)], status)) == [0, 2, 6]


@given(
    gaps=st.lists(st.integers(-50, 400), min_size=1, max_size=60),
    interval_ms=st.integers(0, 500),
    data=st.data(),
)
def test_searched_frames_enclose_all_others_closely(
    gaps: list[int], interval_ms: int, data: st.DataObject
) -> None:
    times = np.cumsum([0, *gaps]).tolist()
    codes = st.sampled_from([OK, OK, OK, DAMAGED, UNDECODABLE])
    status = data.draw(st.lists(codes, min_size=len(times), max_size=len(times)))
    index = index_of(times, status)
    options = AnalysisOptions(detection_interval=interval_ms / 1000)
    chosen = searched_frames(index, options)
    usable = [i for i in range(len(times)) if status[i] != UNDECODABLE]
    assert set(np.flatnonzero(chosen)) <= set(usable)
    for position, frame in enumerate(usable):
        if chosen[frame]:
            continue
        assert status[frame] == OK
        before = max(i for i in usable[:position] if chosen[i])
        after = min(i for i in usable[position:] if chosen[i])
        assert 0 < times[after] - times[before] < 2 * interval_ms
        assert times[before] < times[frame] < times[after]
        assert usable.index(after) - usable.index(before) <= LONGEST_SPAN


@given(
    st.lists(st.integers(1, 400), min_size=2, max_size=60),
    st.sampled_from([{}, {"stride": 3}, {"sample_fps": 4.0}]),
    st.data(),
)
def test_a_segment_is_enclosed_by_searched_frames(
    gaps: list[int], options: dict[str, float], data: st.DataObject
) -> None:
    index = index_of(np.cumsum([0, *gaps]).tolist())
    settings = AnalysisOptions(**options)  # type: ignore[arg-type]
    sampled, known = sampled_frames(index, settings), searched_frames(index, settings)
    first = data.draw(st.integers(0, len(index) - 1))
    stop = data.draw(st.integers(first + 1, len(index)))
    low, high = searched_around(first, stop, sampled, np.flatnonzero(known))
    assert low <= first < stop <= high
    taken = np.flatnonzero(sampled[low:high]) + low
    wanted = taken[(taken >= first) & (taken < stop)]
    if len(wanted):
        assert known[taken[taken <= wanted[0]]].any()
        assert known[taken[taken >= wanted[-1]]].any()
        assert known[taken[0]]
        assert known[taken[-1]]


@pytest.mark.parametrize("options", [{}, {"sample_fps": 10.0}])
def test_the_search_does_not_depend_on_the_range(options: dict[str, float]) -> None:
    index = index_of([40 * i for i in range(50)])
    whole = AnalysisOptions(**options)  # type: ignore[arg-type]
    part = AnalysisOptions(start=0.5, end=1.2, **options)  # type: ignore[arg-type]
    assert (searched_frames(index, whole) == searched_frames(index, part)).all()
    inside = np.flatnonzero(sampled_frames(index, part))
    assert (inside[0], inside[-1]) >= (13, 27)
    assert chosen_frames(index, part)[inside].all()
