from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.fitting.augment import Augmentation, augment

STILL = Augmentation(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
NONE = replace(STILL, noise_share=0.0, dim_share=0.0, compress_share=0.0)


def ramp(n: int = 4) -> np.ndarray:
    row = np.linspace(20, 200, 48).astype(np.uint8)
    return np.repeat(np.tile(row, (48, 1))[None], n, axis=0)


def test_the_same_state_gives_the_same_pictures_and_the_input_stays() -> None:
    images = ramp()
    kept = images.copy()
    first = augment(images, np.random.default_rng(3))
    np.testing.assert_array_equal(first, augment(images, np.random.default_rng(3)))
    assert (first != augment(images, np.random.default_rng(4))).any()
    np.testing.assert_array_equal(images, kept)


def test_without_any_change_only_the_mirror_remains() -> None:
    images = ramp(40)
    changed = augment(images, np.random.default_rng(0), NONE)
    mirrored = [np.array_equal(picture, images[0][:, ::-1]) for picture in changed]
    same = [np.array_equal(picture, images[0]) for picture in changed]
    assert all(m or s for m, s in zip(mirrored, same, strict=True))
    assert 10 < sum(mirrored) < 30


@pytest.mark.parametrize(
    "change",
    [
        {"rotation_deg": 12.0},
        {"shift": 0.1},
        {"scale": 0.12},
        {"stretch": 0.1},
        {"contrast": 0.25},
        {"brightness": 25.0},
        {"erase_share": 1.0},
        {"soften_share": 1.0},
        {"noise_share": 1.0},
        {"dim_share": 1.0},
        {"compress_share": 1.0},
    ],
)
def test_each_setting_has_an_effect(change: dict[str, float]) -> None:
    images = np.random.default_rng(1).integers(0, 255, (8, 48, 48)).astype(np.uint8)
    plain = augment(images, np.random.default_rng(0), NONE)
    changed = augment(images, np.random.default_rng(0), replace(NONE, **change))
    assert (plain != changed).any()


@settings(max_examples=25, deadline=None)
@given(level=st.integers(0, 255), seed=st.integers(0, 1000))
def test_an_even_picture_stays_even_without_a_border(level: int, seed: int) -> None:
    quiet = Augmentation(noise_share=0.0, dim_share=0.0)
    images = np.full((2, 48, 48), level, np.uint8)
    for picture in augment(images, np.random.default_rng(seed), quiet):
        assert int(picture.max()) - int(picture.min()) <= 1
