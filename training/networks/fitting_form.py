"""A saved network with the kernels that one is fitted with, which are faster there."""

from __future__ import annotations

from typing import Any, Final

import keras
from keras import layers

from training.networks.shared import convolutions, normalisation

_IN_PRECISION: Final = (
    layers.Conv2D,
    layers.DepthwiseConv2D,
    layers.BatchNormalization,
    layers.ReLU,
    layers.Activation,
    layers.Add,
    layers.MaxPooling2D,
)


def fitting_form(network: keras.Model, precision: str) -> keras.Model:
    """The same network and weights, as `training.networks.architectures.build` fits it.

    Parameters
    ----------
    network : keras.Model
        Of a bundle.
    precision : str
        Keras dtype policy of the convolutions and what is between them.
    """
    convolution, depthwise = convolutions(fitting=True)

    def layer(saved: keras.Layer) -> keras.Layer:
        if not isinstance(saved, _IN_PRECISION):
            return type(saved).from_config(saved.get_config())
        if isinstance(saved, layers.BatchNormalization):
            return normalisation(saved.name, precision, fitting=True)
        settings: dict[str, Any] = saved.get_config() | {"dtype": precision}
        plain = not settings.get("use_bias", False)
        kind = type(saved)
        if kind is layers.Conv2D and plain:
            kind = convolution
        elif kind is layers.DepthwiseConv2D and plain:
            kind = depthwise
        return kind.from_config(settings)

    copy = keras.models.clone_model(network, clone_function=layer)
    copy.set_weights(network.get_weights())
    return copy
