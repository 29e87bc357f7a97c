from __future__ import annotations

import numpy as np
import pytest

from training.data.duplicates import (
    conflicting_groups,
    count_shared,
    count_within,
    find_duplicates,
    near_pairs,
    resembling,
)

FACES = np.random.default_rng(0).integers(0, 256, (700, 48, 48)).astype(np.uint8)
"""More than one chunk."""


def brighter(picture: np.ndarray) -> np.ndarray:
    return (picture // 2 + 90).astype(np.uint8)


def test_copies_brighter_ones_and_chains_are_one_group_and_even_pictures_none() -> None:
    images = FACES.copy()
    images[600] = images[3]
    images[601] = brighter(images[3])
    images[602] = brighter(images[601])
    images[610:612] = 0
    images[612, 0, 0], images[612].flat[1:] = 201, 200
    found = find_duplicates(images)
    assert np.flatnonzero(found.even).tolist() == [610, 611, 612]
    assert np.flatnonzero(found.exact == found.exact[3]).tolist() == [3, 600]
    assert np.flatnonzero(found.near == found.near[3]).tolist() == [3, 600, 601, 602]
    assert len(np.unique(found.exact)) == 699
    assert len(np.unique(found.near)) == 697


def test_a_chain_joins_pictures_that_are_not_near_themselves() -> None:
    images = FACES[:40].copy()
    # Rows of pixels are exchanged for those of another picture, a sixteenth in each step.
    for step in range(1, 5):
        images[step] = images[step - 1]
        images[step, 3 * step : 3 * step + 3] = FACES[50, 3 * step : 3 * step + 3]
    assert [0, 4] not in near_pairs(images, 0.92).tolist()
    near = find_duplicates(images).near
    assert np.flatnonzero(near == near[0]).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("correlation", [0.02, 0.5, 0.95])
def test_no_near_pair_is_missed_and_none_is_invented(correlation: float) -> None:
    rng = np.random.default_rng(1)
    images = FACES[:600].astype(float)
    images[300:] = (
        images[:300] + rng.normal(0, 1, (300, 48, 48)) * np.linspace(0, 150, 300)[:, None, None]
    )
    pictures = np.clip(images, 0, 255).astype(np.uint8)
    wanted = np.triu(np.corrcoef(pictures.reshape(600, -1)) >= correlation, 1)
    found = near_pairs(pictures, correlation)
    assert sorted(map(tuple, found.tolist())) == list(map(tuple, np.argwhere(wanted).tolist()))


def test_counts_of_groups_rows_and_labels() -> None:
    group = np.array([5, 5, 5, 1, 1, 0, 2])
    training = np.array([1, 1, 0, 1, 0, 1, 0], bool)
    assert count_within(group, training) == {"groups": 1, "rows": 2}
    assert count_within(group, ~training) == {"groups": 0, "rows": 0}
    assert count_shared(group, training, ~training) == 3
    assert count_shared(group, ~training, training) == 2
    conflicts = conflicting_groups(group, np.array([0, 0, 3, 6, 6, 1, 2]))
    assert [rows.tolist() for rows in conflicts] == [[0, 1, 2]]


def test_pictures_that_resemble_one_of_others() -> None:
    images = FACES[:600].copy()
    images[[5, 590]] = brighter(FACES[650]), brighter(FACES[699])
    images[7] = 0
    others = FACES[600:].copy()
    others[3] = 0
    assert np.flatnonzero(resembling(images, others)).tolist() == [5, 590]
    assert not resembling(images[:0], others).any()
    assert not resembling(images, others[:0]).any()
