"""Several fitted networks as one, whose logits are the mean of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from training.networks.shared import FER_HEAD, FERPLUS_HEAD, with_heads


def joined(models: Sequence[keras.Model]) -> keras.Model:
    """Build one network from several that were fitted apart.

    They see the same picture; the features of all go into each head. The mean of logits is the
    geometric mean of probabilities (Hinton 2002, doi:10.1162/089976602760128018): networks that
    err on different faces correct each other.

    Parameters
    ----------
    models : sequence of keras.Model
        Of `training.networks.architectures.build`, with the same input.

    Returns
    -------
    keras.Model
        Inputs and outputs as those of each; the layers of the n-th have names that begin with
        ``branch<n>_``. Of a single network: that network.
    """
    if len(models) == 1:
        return models[0]
    picture = keras.Input(models[0].input.shape[1:], name="picture", dtype="float32")
    features = [_branch(model, picture, f"branch{n}") for n, model in enumerate(models)]
    outputs = with_heads(layers.Concatenate(name="features")(features), dropout=0.0)
    network = keras.Model(picture, outputs, name="_".join(model.name for model in models))
    for head in (FER_HEAD, FERPLUS_HEAD):
        kernels, biases = zip(*(m.get_layer(head).get_weights() for m in models), strict=True)
        weights = [np.concatenate(kernels) / len(models), np.mean(biases, axis=0)]
        network.get_layer(head).set_weights(weights)
    return network


def _branch(model: keras.Model, picture: Any, name: str) -> Any:
    """What a network's heads see of a picture, by copies of its layers under new names."""

    def renamed(layer: keras.Layer) -> keras.Layer:
        settings = layer.get_config()
        return type(layer).from_config(settings | {"name": f"{name}_{layer.name}"})

    body = keras.Model(model.input, model.get_layer(FER_HEAD).input)
    copy = keras.models.clone_model(body, input_tensors=picture, clone_function=renamed)
    copy.set_weights(body.get_weights())
    return copy.output
