"""MobileNet on small grey faces, started from weights that already know faces."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.networks.saved import load_weights
from training.networks.shared import convolutions, normalisation, standardised, with_heads

GREY_SPREAD: Final = 64.0
"""Standard deviation, in grey levels, of the pictures that the initial weights were fitted on."""

_BLOCKS: Final = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1),) * 5,
    *((1024, 2), (1024, 1)),
)
"""Channels and stride of each depthwise separable convolution."""

_NORM: Final = "_bn"


def mobilenet(
    dropout: float = 0.3,
    side: int = 48,
    precision: str = "float32",
    frozen_blocks: int = 0,
    enlargement: int = 3,
    *,
    fitting: bool = False,
) -> keras.Model:
    """Build the network with random weights (Howard et al. 2017, arXiv:1704.04861).

    Parameters
    ----------
    dropout : float, 0-1
        Share of the pooled features that is dropped while fitting.
    side : int, px
        Side of the input.
    precision : str
        Keras dtype policy of the convolutions.
    frozen_blocks : int
        So many blocks at the start, the first convolution with them, keep their weights.
    enlargement : int
        By how much pictures are enlarged inside the network, which was made for 224 px and halves
        the side five times.
    fitting : bool
        Use kernels that are faster for fitting but cannot be saved.

    Returns
    -------
    keras.Model
        Inputs and outputs as those of `training.networks.residual.residual_cnn`.
    """

    def convolved(x: Any, layer: Any, block: int) -> Any:
        norm = normalisation(f"{layer.name}{_NORM}", precision, fitting=fitting)
        layer.trainable = norm.trainable = block > frozen_blocks
        relu = layers.ReLU(6.0, dtype=precision, name=f"{layer.name}_relu")
        return relu(norm(layer(x)))

    convolution, depthwise = convolutions(fitting=fitting)
    shared = {"padding": "same", "use_bias": False, "dtype": precision}
    picture, x = standardised(side)
    if enlargement > 1:
        x = layers.UpSampling2D(
            enlargement, interpolation="bilinear", dtype="float32", name="enlarge"
        )(x)
    x = convolved(x, convolution(32, 3, strides=2, name="conv1", **shared), 1)
    for block, (width, stride) in enumerate(_BLOCKS, 1):
        name = f"conv_dw_{block}"
        x = convolved(x, depthwise(3, strides=stride, name=name, **shared), block)
        x = convolved(x, convolution(width, 1, name=f"conv_pw_{block}", **shared), block)
    x = layers.GlobalAveragePooling2D(dtype="float32", name="pool")(x)
    return keras.Model(picture, with_heads(x, dropout), name="mobilenet")


def start_from(model: keras.Model, weights: Path, faces: NDArray[np.uint8]) -> None:
    """Take over the weights of a ``keras.applications.MobileNet`` without its top.

    Its batch normalisation may be folded into affine maps (mean 0, variance 1). Such layers would
    change what the network computes as soon as it is fitted, so each gets the statistics that its
    input has on `faces`, and the scale and offset that leave its map as it was.

    Parameters
    ----------
    model : keras.Model
        Of `mobilenet`.
    weights : Path
        ``….weights.h5`` for inputs of 224x224x3 and a width of 1.
    faces : ndarray [shape=(n, side, side), uint8, 0-255]
        Some hundred.

    Raises
    ------
    WeightsError
        If the file is missing or holds other weights.
    """
    source = _source(weights)
    for layer in model.layers:
        if layer.name == "conv1":
            # The three channels of a grey picture are one and the same.
            kernel = source.get_layer("conv1").get_weights()[0]
            layer.set_weights([kernel.sum(axis=2, keepdims=True) * GREY_SPREAD])
        elif layer.name.startswith("conv") and layer.weights:
            layer.set_weights(source.get_layer(layer.name).get_weights())
    _recalibrate(model, faces)


def _source(weights: Path) -> keras.Model:
    source = keras.applications.MobileNet(
        input_shape=(224, 224, 3), alpha=1.0, include_top=False, weights=None
    )
    load_weights(source, weights, "a MobileNet of width 1 without its top", "mobilenet")
    return source


def _recalibrate(model: keras.Model, faces: NDArray[np.uint8], batch: int = 64) -> None:
    norms = [layer for layer in model.layers if layer.name.endswith(_NORM)]
    inputs = keras.Model(model.input, [norm.input for norm in norms])
    sums = [np.zeros((2, norm.input.shape[-1])) for norm in norms]
    counts = [0] * len(norms)
    for start in range(0, len(faces), batch):
        pictures = faces[start : start + batch, ..., None].astype(np.float32)
        for i, value in enumerate(inputs.predict_on_batch(pictures)):
            values = np.asarray(value, np.float64).reshape(-1, value.shape[-1])
            sums[i] += values.sum(axis=0), (values**2).sum(axis=0)
            counts[i] += len(values)
    for norm, (total, squares), count in zip(norms, sums, counts, strict=True):
        mean = total / count
        variance = squares / count - mean**2
        gamma, beta, old_mean, old_variance = norm.get_weights()
        scale = gamma / np.sqrt(old_variance + norm.epsilon)
        offset = beta - scale * old_mean
        spread = np.sqrt(variance + norm.epsilon)
        norm.set_weights([scale * spread, offset + scale * mean, mean, variance])
