from __future__ import annotations

import numpy as np
import pytest

from tests.training.conftest import make_dataset
from training.config import FitConfig
from training.data.targets import class_weights, oversampled
from training.fitting.batches import Batches

DATASET = make_dataset(400)
ROWS = np.arange(5, 300)
PLAIN = FitConfig(batch_size=32, augment=False)


def test_without_an_epoch_every_row_comes_once_as_it_is() -> None:
    batches = Batches(DATASET, ROWS, FitConfig(batch_size=32, mixup=1.0, balance="oversample"))
    images = np.concatenate([batches[i][0] for i in range(len(batches))])
    np.testing.assert_array_equal(images[..., 0], DATASET.images[ROWS])


def test_order_and_pictures_follow_from_seed_and_epoch() -> None:
    config = FitConfig(batch_size=32, mixup=0.4)
    first, again, other = (Batches(DATASET, ROWS, config, epoch)[2] for epoch in (3, 3, 4))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1]["ferplus"], again[1]["ferplus"])
    assert (first[0] != other[0]).any()


def test_mixed_rows_are_between_their_two() -> None:
    images, targets, weights = Batches(DATASET, ROWS, FitConfig(batch_size=64, mixup=1.0), 0)[0]
    assert 0 <= images.min() <= images.max() <= 255
    for head in ("fer", "ferplus"):
        np.testing.assert_allclose(targets[head].sum(axis=1), 1, rtol=1e-5)
        assert (weights[head] == 1).all()
    assert ((targets["fer"] > 0).sum(axis=1) == 2).any()


@pytest.mark.parametrize("balance", ["weights", "oversample"])
def test_balanced_classes_count_alike(balance: str) -> None:
    config = FitConfig(batch_size=1, augment=False, balance=balance)
    rows = ROWS[(DATASET.emotion[ROWS] > 1) | (ROWS % 5 == 0)]  # two classes are rare
    batches = Batches(DATASET, rows, config, 0)
    totals = np.zeros(7)
    for i in range(len(batches)):
        _, targets, weights = batches[i]
        totals += targets["fer"][0] * weights["fer"][0]
    np.testing.assert_allclose(totals, totals.mean(), rtol=1e-4)


def test_weights_have_a_mean_of_one_and_repeats_come_from_the_rows() -> None:
    emotion = DATASET.emotion[ROWS]
    assert class_weights(emotion).mean() == pytest.approx(1)
    assert set(oversampled(ROWS, emotion)) == set(ROWS)


def test_a_majority_is_one_emotion() -> None:
    _, targets, _ = Batches(DATASET, ROWS, FitConfig(vote_target="majority"))[0]
    assert set(np.unique(targets["ferplus"])) == {0, 1}
    _, spread, _ = Batches(DATASET, ROWS, PLAIN)[0]
    assert spread["ferplus"].max() < 1 or len(np.unique(spread["ferplus"])) > 2
