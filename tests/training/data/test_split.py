from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.data.dataset import Dataset
from training.data.duplicates import pixel_hashes
from training.data.split import split_training, without_fold


def test_hashes_are_equal_for_equal_pixels_only(dataset: Dataset) -> None:
    images = dataset.images[:50].copy()
    images[7] = images[3]
    hashes = pixel_hashes(images)
    assert hashes[7] == hashes[3]
    assert len(np.unique(hashes)) == 49
    assert hashes.dtype == np.uint64


def test_the_parts_are_disjoint_training_rows(dataset: Dataset) -> None:
    split = split_training(dataset, 0.3)
    assert not set(split.fit) & set(split.held_back)
    assert (dataset.usage[split.fit] == 0).all()
    assert (dataset.usage[split.held_back] == 0).all()
    assert len(split.fit) + len(split.held_back) == 420
    assert 0.2 < len(split.held_back) / 420 < 0.4


def test_copies_of_a_picture_stay_on_one_side(dataset: Dataset) -> None:
    images = dataset.images.copy()
    images[210:420] = images[:210]
    split = split_training(replace(dataset, images=images), 0.3)
    assert set(split.held_back % 210) & set(split.fit % 210) == set()
    assert len(split.held_back) % 2 == 0


def test_copies_of_test_pictures_are_dropped_whatever_the_test_split(dataset: Dataset) -> None:
    images, usage = dataset.images.copy(), dataset.usage.copy()
    usage[500:] = 2
    images[10], images[20] = images[450], images[550]
    split = split_training(replace(dataset, images=images, usage=usage))
    assert not {10, 20} & ({*split.fit} | {*split.held_back})
    assert split.dropped["pixels also in a test split"] == 2


def test_near_copies_of_test_pictures_are_dropped_and_even_pictures_are_not(
    dataset: Dataset,
) -> None:
    images = dataset.images.copy()
    images[30] = images[450] // 2 + 90
    images[31], images[451] = 0, 1
    split = split_training(replace(dataset, images=images))
    kept = {*split.fit} | {*split.held_back}
    assert 30 not in kept
    assert 31 in kept
    assert split.dropped["nearly the same picture in a test split"] == 1


def test_a_near_copy_of_a_fitted_picture_is_not_held_back(dataset: Dataset) -> None:
    copies = dataset.images.copy()
    copies[210:420] = np.clip(copies[:210].astype(int) + 3, 0, 255)
    halves = split_training(replace(dataset, images=copies), 0.5)
    assert not set(halves.held_back % 210) & set(halves.fit % 210)
    assert halves.dropped["held back, but nearly a picture that is fitted"] > 50


def test_rows_that_nobody_could_name_are_dropped(dataset: Dataset) -> None:
    votes = dataset.votes.copy()
    votes[5] = [0, 0, 0, 0, 0, 0, 0, 0, 3, 7]
    split = split_training(replace(dataset, votes=votes))
    assert 5 not in split.fit
    assert split.dropped["no FER+ vote for an emotion"] == 1


def test_without_votes_no_row_is_dropped_for_its_votes(dataset: Dataset) -> None:
    split = split_training(replace(dataset, votes=np.zeros_like(dataset.votes)))
    assert set(split.dropped.values()) == {0}


def test_labels_and_votes_of_test_rows_decide_nothing(dataset: Dataset) -> None:
    test = dataset.usage != 0
    emotion, votes = dataset.emotion.copy(), dataset.votes.copy()
    emotion[test], votes[test] = 0, 0
    before = split_training(dataset)
    after = split_training(replace(dataset, emotion=emotion, votes=votes))
    np.testing.assert_array_equal(before.fit, after.fit)
    np.testing.assert_array_equal(before.held_back, after.held_back)


def test_each_row_is_left_out_once_and_its_copies_with_it(dataset: Dataset) -> None:
    images = dataset.images.copy()
    images[210:420] = images[:210]
    copied = replace(dataset, images=images)
    split = split_training(copied, 0.1)
    parts = [without_fold(copied, split, 3, fold) for fold in (1, 2, 3)]
    left_out = np.concatenate([part.held_back for part in parts])
    assert sorted(left_out) == sorted(split.fit)
    for part in parts:
        assert sorted([*part.fit, *part.held_back]) == sorted(split.fit)
        assert not {*(part.fit % 210)} & {*(part.held_back % 210)}
        assert 0.2 < len(part.held_back) / len(split.fit) < 0.5


def test_a_row_that_nearly_equals_a_fitted_one_is_not_left_out(dataset: Dataset) -> None:
    split = split_training(dataset, 0.1)
    first = without_fold(dataset, split, 2, 1)
    images = dataset.images.copy()
    images[first.fit[0]] = images[first.held_back[0]] // 2 + 90
    changed = replace(dataset, images=images)
    split = split_training(changed, 0.1)
    parts = [without_fold(changed, split, 2, fold) for fold in (1, 2)]
    assert sum(part.dropped["in the fold, but nearly a picture that is fitted"] for part in parts)
    both = {first.fit[0], first.held_back[0]}
    for part in parts:
        assert len(both & {*part.held_back}) != 1 or not both & {*part.fit}
