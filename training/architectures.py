"""The network: a compact residual CNN with one head for FER labels and one for FER+ votes.

Only Keras operations that every backend has are used, so the same code is fitted by TensorFlow
on a CPU and by JAX on a GPU (``KERAS_BACKEND``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emotion_core.labels import EMOTIONS
from training.targets import FERPLUS

if TYPE_CHECKING:
    import keras

FER_HEAD = "fer"
FERPLUS_HEAD = "ferplus"


def residual_cnn(
    channels: tuple[int, ...] = (24, 48, 96, 192),
    dropout: float = 0.3,
    side: int = 48,
    precision: str = "float32",
) -> keras.Model:
    """Build the network with random weights.

    Each stage is a residual block of two 3x3 convolutions followed by a halving of the side; the
    last stage has one more 3x3 convolution (He et al. 2016, arXiv:1512.03385).

    Parameters
    ----------
    channels : tuple of int
        Channels of each stage. The default has 1.0 million parameters.
    dropout : float, 0-1
        Share of the pooled features that is dropped while fitting.
    side : int
        Side of the input, px.
    precision : str
        Keras dtype policy of the convolutions; the standardisation and the heads are always
        float32.

    Returns
    -------
    keras.Model
        Input ``(n, side, side, 1)`` float32, grey 0-255. Outputs ``{"fer": (n, 7), "ferplus":
        (n, 8)}`` float32 logits, in the orders of ``EMOTIONS`` and ``FERPLUS``.
    """
    import keras
    from keras import layers

    picture = keras.Input((side, side, 1), name="picture", dtype="float32")
    # Zero mean and unit variance of each picture, so that brightness and contrast of the source
    # do not matter. epsilon is a variance in grey levels: an even picture becomes zeros.
    x = layers.LayerNormalization(
        axis=[1, 2, 3], center=False, scale=False, epsilon=1.0, dtype="float32", name="standardise"
    )(picture)
    for stage, width in enumerate(channels):
        if stage:
            x = layers.MaxPooling2D(dtype=precision, name=f"halve{stage}")(x)
        x = _residual_block(x, width, f"stage{stage}", precision)
    x = _convolution(x, channels[-1], 3, "last", precision)
    x = layers.Activation("swish", dtype=precision, name="last_swish")(x)
    x = layers.GlobalAveragePooling2D(dtype="float32", name="pool")(x)
    x = layers.Dropout(dropout, dtype="float32", name="dropout")(x)
    heads = {FER_HEAD: len(EMOTIONS), FERPLUS_HEAD: len(FERPLUS)}
    outputs = {
        name: layers.Dense(size, dtype="float32", name=name)(x) for name, size in heads.items()
    }
    return keras.Model(picture, outputs, name="residual_cnn")


def _convolution(x: Any, width: int, size: int, name: str, precision: str) -> Any:
    from keras import layers

    x = layers.Conv2D(
        width,
        size,
        padding="same",
        use_bias=False,  # batch normalisation adds its own
        kernel_initializer="he_normal",
        dtype=precision,
        name=f"{name}_conv",
    )(x)
    return layers.BatchNormalization(momentum=0.99, dtype=precision, name=f"{name}_norm")(x)


def _residual_block(x: Any, width: int, name: str, precision: str) -> Any:
    from keras import layers

    shortcut = _convolution(x, width, 1, f"{name}_shortcut", precision)
    x = _convolution(x, width, 3, f"{name}_a", precision)
    x = layers.Activation("swish", dtype=precision, name=f"{name}_a_swish")(x)
    x = _convolution(x, width, 3, f"{name}_b", precision)
    x = layers.Add(dtype=precision, name=f"{name}_add")([x, shortcut])
    return layers.Activation("swish", dtype=precision, name=f"{name}_swish")(x)
