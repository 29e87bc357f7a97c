"""A compact residual CNN, fitted from random weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from training.networks.shared import convolutions, normalisation, standardised, with_heads


def residual_cnn(
    channels: tuple[int, ...] = (24, 48, 96, 192),
    dropout: float = 0.3,
    side: int = 48,
    precision: str = "float32",
    *,
    fitting: bool = False,
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
    fitting : bool
        Use kernels that are faster for fitting but cannot be saved.

    Returns
    -------
    keras.Model
        Input ``(n, side, side, 1)`` float32, grey 0-255. Outputs ``{"fer": (n, 7), "ferplus":
        (n, 8)}`` float32 logits, in the orders of ``EMOTIONS`` and ``FERPLUS``.
    """
    layer, _ = convolutions(fitting=fitting)

    def convolution(x: Any, width: int, size: int, name: str) -> Any:
        x = layer(
            width,
            size,
            padding="same",
            use_bias=False,  # batch normalisation adds its own
            kernel_initializer="he_normal",
            dtype=precision,
            name=f"{name}_conv",
        )(x)
        return normalisation(f"{name}_norm", precision, fitting=fitting)(x)

    def block(x: Any, width: int, name: str) -> Any:
        shortcut = convolution(x, width, 1, f"{name}_shortcut")
        x = convolution(x, width, 3, f"{name}_a")
        x = layers.Activation("swish", dtype=precision, name=f"{name}_a_swish")(x)
        x = convolution(x, width, 3, f"{name}_b")
        x = layers.Add(dtype=precision, name=f"{name}_add")([x, shortcut])
        return layers.Activation("swish", dtype=precision, name=f"{name}_swish")(x)

    picture, x = standardised(side)
    for stage, width in enumerate(channels):
        if stage:
            x = layers.MaxPooling2D(dtype=precision, name=f"halve{stage}")(x)
        x = block(x, width, f"stage{stage}")
    x = convolution(x, channels[-1], 3, "last")
    x = layers.Activation("swish", dtype=precision, name="last_swish")(x)
    x = layers.GlobalAveragePooling2D(dtype="float32", name="pool")(x)
    return keras.Model(picture, with_heads(x, dropout), name="residual_cnn")
