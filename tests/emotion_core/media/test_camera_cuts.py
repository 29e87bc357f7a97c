from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.media.camera_cuts import CutFinder
from emotion_core.media.sampling import compared_around
from tests.emotion_core.media.test_sampling import index_of

MILLISECOND = Fraction(1, 1000)


def wall(seed: int, width: int = 1280) -> np.ndarray:
    """A picture without likeness to one of another seed."""
    cells = np.random.default_rng(seed).uniform(20, 235, (6, width // 40)).astype(np.float32)
    return cv2.resize(cells, (width, 360), interpolation=cv2.INTER_CUBIC).clip(0, 255)


WALLS = {seed: wall(seed)[:, :640].astype(np.uint8) for seed in range(4)}


def cuts_of(pictures: Sequence[np.ndarray], times_ms: Sequence[int] | None = None) -> list[int]:
    finder = CutFinder()
    times = times_ms or range(0, 40 * len(pictures), 40)
    for number, (picture, time_ms) in enumerate(zip(pictures, times, strict=True)):
        finder.see(number, time_ms * 1000, picture)
    return finder.finish()


def lit(picture: np.ndarray, factor: float) -> np.ndarray:
    return (picture * factor).clip(0, 255).astype(np.uint8)


def test_shots_are_told_apart() -> None:
    shots = [WALLS[i // 10] for i in range(40)]
    assert cuts_of(shots) == [10, 20, 30]


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_flash_is_not_a_cut(frames: int) -> None:
    pictures = [WALLS[0]] * 10 + [lit(WALLS[0], 8)] * frames + [WALLS[0]] * 10
    assert cuts_of(pictures) == []


def test_a_flash_at_a_cut_leaves_one_cut() -> None:
    pictures = [WALLS[0]] * 10 + [np.full((360, 640), 255, np.uint8)] + [WALLS[1]] * 10
    assert len(cuts_of(pictures)) in (1, 2)


def test_fades_and_light_are_not_cuts() -> None:
    fade = [lit(WALLS[0], factor) for factor in np.linspace(1, 0, 12)]
    assert cuts_of([*fade, *fade[::-1]]) == []
    assert cuts_of([lit(WALLS[0], 0.4)] * 5 + [WALLS[0]] * 5) == []


@pytest.mark.parametrize("speed", [10, 40, 90])
def test_pans_are_not_cuts(speed: int) -> None:
    broad = wall(5, 2560).astype(np.uint8)
    lefts = range(0, 1900, speed)
    assert cuts_of([broad[:, left : left + 640] for left in lefts]) == []


def test_noise_and_black_are_not_cuts() -> None:
    random = np.random.default_rng(0)
    noisy = [WALLS[0] + random.normal(0, 12, (360, 640)) for _ in range(8)]
    assert cuts_of([picture.clip(0, 255).astype(np.uint8) for picture in noisy]) == []
    assert cuts_of([np.zeros((360, 640), np.uint8)] * 5) == []


def test_black_between_two_shots_is_told_from_both() -> None:
    black = np.zeros((360, 640), np.uint8)
    assert cuts_of([WALLS[0]] * 8 + [black] * 8 + [WALLS[1]] * 8) == [8, 16]


def test_pictures_that_are_turned_upright_or_tiny() -> None:
    assert cuts_of([WALLS[0][:2, :2]] * 3) == []
    assert cuts_of([WALLS[0].T] * 4 + [WALLS[1].T] * 4) == [4]


STEPS = st.lists(st.sampled_from([-300, 0, 8, 33, 40, 90, 400]), min_size=20, max_size=40)
SHOTS = st.lists(st.tuples(st.sampled_from([0, 1, 2, 9]), st.integers(1, 6)), min_size=8)


@given(STEPS, SHOTS, st.data())
def test_a_part_with_what_is_around_gives_the_cuts_of_the_whole(
    steps: list[int], shots: list[tuple[int, int]], data: st.DataObject
) -> None:
    walls = WALLS | {9: np.full((360, 640), 255, np.uint8)}
    pictures = [walls[wall] for wall, length in shots for _ in range(length)]
    times = np.cumsum([0, *steps]).tolist()
    count = min(len(pictures), len(times))
    pictures, times = pictures[:count], times[:count]
    whole = cuts_of(pictures, times)
    first = data.draw(st.integers(0, count - 1))
    stop = data.draw(st.integers(first + 1, count))
    every = np.ones(count, np.bool_)
    low, high = compared_around(first, stop, every, np.flatnonzero(every), index_of(times))
    part = [low + cut for cut in cuts_of(pictures[low:high], times[low:high])]
    assert [cut for cut in part if first <= cut < stop] == [
        cut for cut in whole if first <= cut < stop
    ]
