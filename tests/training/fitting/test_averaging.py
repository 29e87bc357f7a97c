from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from training.data.split import split_training
from training.fitting.averaging import EVERY, WeightAverage, estimate_statistics, first_pictures
from training.fitting.batches import Batches
from training.fitting.fit import best_epoch, fit
from training.fitting.run_folder import load_best, load_checkpoint
from training.networks.architectures import build
from training.networks.residual import residual_cnn


def network(*, fitting: bool = False) -> keras.Model:
    keras.utils.set_random_seed(3)
    return residual_cnn((4, 8), fitting=fitting)


def pictures(n: int = 4) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.uniform(0, 255, (16, 48, 48, 1)).astype(np.float32) for _ in range(n)]


def test_the_average_follows_the_weights_and_forgets_the_first() -> None:
    model = network()
    average = WeightAverage(model, 0.999)
    layer = model.get_layer("fer")
    index = next(i for i, v in enumerate(model.variables) if v is layer.bias)
    values = np.arange(1, 401, dtype=np.float32)
    for step, value in enumerate(np.repeat(values, EVERY)):
        layer.bias.assign(np.full(7, value))
        average.after_step(step)
    assert average.updates == 400
    expected = 0.0
    for i, value in enumerate(values, 1):
        decay = min(0.999**EVERY, i / (i + 10))
        expected = decay * expected + (1 - decay) * value
    np.testing.assert_allclose(average.state[index], expected, rtol=1e-4)
    assert 200 < expected < 400


def test_the_average_is_applied_for_a_while_only() -> None:
    model = network()
    own = [np.array(value) for value in model.variables]
    average = WeightAverage(model, 0.9)
    average.state = [value + (value.dtype == np.float32) for value in average.state]
    with average.applied(pictures()):
        during = [np.array(value) for value in model.variables]
    for before, inside, after in zip(own, during, model.variables, strict=True):
        np.testing.assert_array_equal(before, np.array(after))
        if before.dtype == np.float32:
            assert not np.array_equal(before, inside)
    for kept, inside in zip(average.state, during, strict=True):
        np.testing.assert_array_equal(kept, inside)


@pytest.mark.parametrize("fitting", [False, True])
def test_the_statistics_are_the_mean_over_the_batches(fitting: bool) -> None:
    model = network(fitting=fitting)
    norm = next(x for x in model.layers if isinstance(x, keras.layers.BatchNormalization))
    batches = pictures()
    inputs = keras.Model(model.input, norm.input)
    means = [np.asarray(inputs(batch)).mean(axis=(0, 1, 2)) for batch in batches]
    estimate_statistics(model, batches)
    np.testing.assert_allclose(np.array(norm.moving_mean), np.mean(means, axis=0), atol=1e-4)
    assert norm.momentum == 0.99


def test_what_is_exported_is_the_average_of_the_best_epoch(finished: SimpleNamespace) -> None:
    last, fitted = build(finished.config), build(finished.config)
    checkpoint = load_checkpoint(finished.run, last)
    assert checkpoint.epoch == 6
    assert checkpoint.average is not None
    assert checkpoint.updates > 0
    assert load_best(finished.run, fitted) == best_epoch(finished.history)
    if best_epoch(finished.history) == 6:
        for variable, value in zip(fitted.variables, checkpoint.average, strict=True):
            np.testing.assert_array_equal(np.array(variable), value)
    assert not np.allclose(last.get_layer("fer").kernel, fitted.get_layer("fer").kernel)


def test_the_statistics_are_those_of_unmixed_pictures(
    finished: SimpleNamespace, tmp_path: Path
) -> None:
    config = replace(finished.config, epochs=1, limit=64, mixup=5.0)
    fit(finished.data, tmp_path / "run", config, tensorboard=False)
    model = build(config)
    load_best(tmp_path / "run", model)
    norm = model.get_layer("stage0_a_norm")
    kept = np.array(norm.moving_variance)
    rows = split_training(finished.dataset, config.held_back_share).fit[:64]
    for mixup, same in ((0.0, True), (5.0, False)):
        batches = Batches(finished.dataset, rows, replace(config, mixup=mixup), epoch=0)
        estimate_statistics(model, first_pictures(batches))
        assert np.allclose(norm.moving_variance, kept, rtol=1e-3) is same
