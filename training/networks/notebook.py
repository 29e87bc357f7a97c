"""Two plain CNNs of a university notebook on FER2013, to compare the others with."""

from __future__ import annotations

from typing import Any, Final

import keras
from keras import layers

from training.networks.shared import standardised, with_heads

BASELINE_FILTERS: Final = (12,)
BASELINE_DENSE: Final = 128


def baseline(dropout: float = 0.3, side: int = 48, precision: str = "float32") -> keras.Model:
    """Build the notebook's first network: one 3x3 convolution of 12 filters, one dense layer.

    It has 0.9 million parameters, nearly all in the dense layer.

    Parameters
    ----------
    dropout : float, 0-1
        Share of the dense layer's units that is dropped while fitting.
    side : int
        Side of the input, px.
    precision : str
        Keras dtype policy of all but the standardisation and the heads, which are float32.

    Returns
    -------
    keras.Model
        Input ``(n, side, side, 1)`` float32, grey 0-255. Outputs ``{"fer": (n, 7), "ferplus":
        (n, 8)}`` float32 logits, in the orders of ``EMOTIONS`` and ``FERPLUS``.
    """
    return _plain_cnn("baseline", BASELINE_FILTERS, BASELINE_DENSE, dropout, side, precision)


def tuned(
    filters: tuple[int, ...] = (64, 224, 160),
    dense: int = 128,
    dropout: float = 0.3,
    side: int = 48,
    precision: str = "float32",
) -> keras.Model:
    """Build the notebook's tuned network: some 3x3 convolutions, one dense layer.

    The other arguments and the result are those of `baseline`.

    Parameters
    ----------
    filters : tuple of int
        Of each convolution, after which the side is halved. The default is what the notebook's
        search found; it has 1.2 million parameters.
    dense : int
        Units of the dense layer.
    """
    return _plain_cnn("tuned", filters, dense, dropout, side, precision)


def _plain_cnn(
    name: str, filters: tuple[int, ...], dense: int, dropout: float, side: int, precision: str
) -> keras.Model:
    def relu(layer: Any, x: Any) -> Any:
        return layers.Activation("relu", dtype=precision, name=f"{layer.name}_relu")(layer(x))

    picture, x = standardised(side)
    for stage, count in enumerate(filters, 1):
        convolution = layers.Conv2D(
            count, 3, padding="same", dtype=precision, name=f"stage{stage}_conv"
        )
        x = relu(convolution, x)
        x = layers.MaxPooling2D(dtype=precision, name=f"halve{stage}")(x)
    x = layers.Flatten(dtype=precision, name="flatten")(x)
    x = relu(layers.Dense(dense, dtype=precision, name="dense"), x)
    return keras.Model(picture, with_heads(x, dropout), name=name)
