from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.networks.test_shared import randomise
from training.errors import WeightsError
from training.networks.mobilenet import GREY_SPREAD, mobilenet, start_from

FACES = np.random.default_rng(0).integers(0, 255, (32, 48, 48)).astype(np.uint8)


def large_mobilenet(side: int) -> Any:
    import keras

    return keras.applications.MobileNet(
        input_shape=(side, side, 3), include_top=False, weights=None
    )


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = large_mobilenet(96)
    randomise(model)
    for layer in model.layers:
        if hasattr(layer, "moving_mean"):
            layer.momentum = 0.0
    noise = np.random.default_rng(2).normal(0, 60, (8, 96, 96, 3)).astype(np.float32)
    model(noise, training=True)  # without statistics of its own the signal would fade
    path = tmp_path_factory.mktemp("weights") / "start.weights.h5"
    model.save_weights(path)
    return path


def features(model: Any) -> np.ndarray:
    import keras

    body = keras.Model(model.input, model.get_layer("pool").output)
    return np.asarray(body.predict_on_batch(FACES[..., None].astype(np.float32)))


def test_the_start_computes_what_the_source_does(weights: Path) -> None:
    model = mobilenet(enlargement=2)
    start_from(model, weights, FACES)
    grey = model.get_layer("enlarge")
    import keras

    enlarged = keras.Model(model.input, grey.output).predict_on_batch(
        FACES[..., None].astype(np.float32)
    )
    source = large_mobilenet(96)
    source.load_weights(weights)
    wanted = source.predict_on_batch(np.repeat(enlarged * GREY_SPREAD, 3, axis=-1))
    wanted = np.asarray(wanted).mean(axis=(1, 2))
    np.testing.assert_allclose(features(model), wanted, rtol=1e-3, atol=1e-4)
    assert np.ptp(wanted, axis=0).max() > 1e-3, "the features must tell the pictures apart"


def test_the_start_has_the_statistics_of_the_faces(weights: Path) -> None:
    import keras

    model = mobilenet()
    start_from(model, weights, FACES)
    norm = model.get_layer("conv_pw_5_bn")
    seen = keras.Model(model.input, norm.input).predict_on_batch(
        FACES[..., None].astype(np.float32)
    )
    _, _, mean, variance = norm.get_weights()
    np.testing.assert_allclose(mean, np.asarray(seen).mean(axis=(0, 1, 2)), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(variance, np.asarray(seen).var(axis=(0, 1, 2)), rtol=1e-2, atol=1e-4)


def test_frozen_blocks_keep_all_their_variables() -> None:
    import keras

    model = mobilenet(frozen_blocks=1, fitting=True)
    before = {variable.path: np.array(variable) for variable in model.variables}
    model.compile(
        keras.optimizers.SGD(0.1),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    targets = {"fer": np.eye(7, dtype=np.float32)[[0] * 32],
               "ferplus": np.eye(8, dtype=np.float32)[[0] * 32]}  # fmt: skip
    model.train_on_batch(FACES[..., None].astype(np.float32), targets)
    changed = {
        variable.path.split("/")[0]
        for variable in model.variables
        if not np.array_equal(before[variable.path], np.array(variable))
    }
    frozen = {"conv1", "conv1_bn", "conv_dw_1", "conv_dw_1_bn", "conv_pw_1", "conv_pw_1_bn"}
    assert not changed & frozen
    assert {"conv_dw_2", "conv_dw_2_bn", "conv_pw_13_bn", "fer", "ferplus"} <= changed


@pytest.mark.parametrize("content", [None, b"no weights"])
def test_other_files_are_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.weights.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"other\.weights\.h5.*MobileNet"):
        start_from(mobilenet(), path, FACES)
