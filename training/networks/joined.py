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
    err on different faces correct each other. What several compute alike, from the picture on, is
    computed once.

    Parameters
    ----------
    models : sequence of keras.Model
        Of `training.networks.architectures.build`, with the same input.

    Returns
    -------
    keras.Model
        Inputs and outputs as those of each; the layers of the n-th, but for those that an earlier
        one has, too, have names that begin with ``branch<n>_``. Of a single network: that network.
    """
    if len(models) == 1:
        return models[0]
    picture = keras.Input(models[0].input.shape[1:], name="picture", dtype="float32")
    copies = _Copies()
    features = [copies.below_heads(model, picture, f"branch{n}") for n, model in enumerate(models)]
    outputs = with_heads(layers.Concatenate(name="features")(features), dropout=0.0)
    network = keras.Model(picture, outputs, name="_".join(model.name for model in models))
    for head in (FER_HEAD, FERPLUS_HEAD):
        kernels, biases = zip(*(m.get_layer(head).get_weights() for m in models), strict=True)
        weights = [np.concatenate(kernels) / len(models), np.mean(biases, axis=0)]
        network.get_layer(head).set_weights(weights)
    return network


class _Copies:
    """Layers of several networks under new names; the same one on the same input is taken once."""

    def __init__(self) -> None:
        self._taken: list[tuple[keras.Layer, Any, Any]] = []

    def below_heads(self, model: keras.Model, picture: Any, name: str) -> Any:
        """What the heads of a network see of a picture."""
        body = keras.Model(model.input, model.get_layer(FER_HEAD).input)
        found = {id(body.input): picture}
        for layer in body.layers:
            if not isinstance(layer, layers.InputLayer):
                inputs = keras.tree.map_structure(lambda tensor: found[id(tensor)], layer.input)
                found[id(layer.output)] = self._applied(layer, inputs, name)
        return found[id(body.output)]

    def _applied(self, layer: keras.Layer, inputs: Any, name: str) -> Any:
        for taken, its_inputs, its_output in self._taken:
            if _same_tensors(inputs, its_inputs) and _compute_the_same(layer, taken):
                return its_output
        copy = type(layer).from_config(layer.get_config() | {"name": f"{name}_{layer.name}"})
        output = copy(inputs)
        copy.set_weights(layer.get_weights())
        self._taken.append((layer, inputs, output))
        return output


def _same_tensors(one: Any, other: Any) -> bool:
    one, other = keras.tree.flatten(one), keras.tree.flatten(other)
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def _compute_the_same(layer: keras.Layer, other: keras.Layer) -> bool:
    settings, others = (
        {k: v for k, v in each.get_config().items() if k not in ("name", "trainable")}
        for each in (layer, other)
    )
    weights = zip(layer.get_weights(), other.get_weights(), strict=True)
    return (
        type(layer) is type(other)
        and settings == others
        and all(np.array_equal(one, another) for one, another in weights)
    )
