"""What all networks share: a standardised picture in, one head for each set of labels out.

Only Keras operations that every backend has are used, so the same code is fitted by TensorFlow
on a CPU and by JAX on a GPU (``KERAS_BACKEND``).
"""

from __future__ import annotations

from typing import Any, Final

import keras
from keras import layers

from emotion_core.labels import EMOTIONS
from training.data.targets import FERPLUS

FER_HEAD: Final = "fer"
FERPLUS_HEAD: Final = "ferplus"

_HEAD_SIZES: Final = {FER_HEAD: len(EMOTIONS), FERPLUS_HEAD: len(FERPLUS)}


def standardised(side: int) -> tuple[Any, Any]:
    """The input, grey 0-255 of shape (n, side, side, 1), and the same at mean 0 and variance 1.

    So brightness and contrast of the source do not matter.
    """
    picture = keras.Input((side, side, 1), name="picture", dtype="float32")
    # epsilon is a variance in grey levels: an even picture becomes zeros.
    x = layers.LayerNormalization(
        axis=[1, 2, 3], center=False, scale=False, epsilon=1.0, dtype="float32", name="standardise"
    )(picture)
    return picture, x


def normalisation(name: str, precision: str, *, fitting: bool) -> Any:
    """Batch normalisation; while fitting with TensorFlow, by its fused kernel.

    Networks with either have the same variables in the same order; only one built with
    ``fitting=False`` can be saved.
    """
    settings = {"momentum": 0.99, "dtype": precision, "name": name}
    if fitting and keras.backend.backend() == "tensorflow":
        from training.networks.fused_norm import FusedBatchNormalization

        return FusedBatchNormalization(**settings)
    return layers.BatchNormalization(**settings)


def convolutions(*, fitting: bool) -> tuple[Any, Any]:
    """Layers of a convolution and of a depthwise one, without bias and padded to the same size.

    While fitting with JAX, they are of a form that it compiles well for a GPU.
    """
    if fitting and keras.backend.backend() == "jax":
        from training.networks.compiled_convolutions import MatrixConvolution, ShiftedDepthwise

        return MatrixConvolution, ShiftedDepthwise
    return layers.Conv2D, layers.DepthwiseConv2D


def with_heads(features: Any, dropout: float) -> dict[str, Any]:
    """Logits of both heads, float32, from features of shape (n, k)."""
    x = layers.Dropout(dropout, dtype="float32", name="dropout")(features)
    return {
        name: layers.Dense(size, dtype="float32", name=name)(x)
        for name, size in _HEAD_SIZES.items()
    }
