"""The layers for JAX use operations that every backend has, so TensorFlow can check them, too."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from training.networks.compiled_convolutions import MatrixConvolution, ShiftedDepthwise


@pytest.mark.parametrize("side", [1, 2, 7, 8])
@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("own", "original", "arguments"),
    [
        (ShiftedDepthwise, layers.DepthwiseConv2D, ()),
        (MatrixConvolution, layers.Conv2D, (4,)),
    ],
)
def test_they_compute_what_those_of_keras_do(
    own: type, original: type, arguments: tuple[int, ...], size: int, strides: int, side: int
) -> None:
    settings = {"strides": strides, "padding": "same", "use_bias": False}
    pictures = np.random.default_rng(side).normal(size=(2, side, side + 3, 5)).astype(np.float32)
    keras.utils.set_random_seed(1)
    one, other = own(*arguments, size, **settings), original(*arguments, size, **settings)
    one.build(pictures.shape)
    other.build(pictures.shape)
    other.set_weights(one.get_weights())
    expected = np.asarray(other(pictures))
    np.testing.assert_allclose(np.asarray(one(pictures)), expected, atol=1e-5)
    assert np.abs(expected).max() > 0.1
