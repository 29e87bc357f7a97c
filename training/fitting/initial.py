"""Where a fit starts from: the weights of a bundle, or those that know faces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from training.errors import WeightsError
from training.files import read_json
from training.fitting.claim import identity
from training.networks.saved import load_saved

if TYPE_CHECKING:
    import keras

FACES_FOR_STATISTICS: Final = 512
"""By which initial weights with folded batch normalisation get statistics."""


def origin(weights: Path | None) -> dict[str, Any] | None:
    """What is known of initial weights; of those of a bundle, also how they were fitted.

    Raises
    ------
    WeightsError
        If the file is missing.
    """
    if weights is None:
        return None
    if not weights.is_file():
        raise WeightsError(weights, "is missing: docs/training.md says how to make it")
    known: dict[str, Any] = identity(weights)
    card = weights.parent / "card.json"
    if weights.suffix == ".keras" and card.is_file():
        known["training"] = read_json(card).get("training", {})
    return known


def start_from(model: keras.Model, weights: Path, images: NDArray[np.uint8]) -> None:
    """Give a network its initial weights.

    Parameters
    ----------
    model : keras.Model
    weights : Path
        ``model.keras`` of a bundle with the same network, or for ``mobilenet`` and ``inception``
        the ``….weights.h5`` of ``emotion-training initial-weights``.
    images : ndarray [shape=(n, side, side), uint8, grey]
        Pictures that are fitted; some of them give statistics for batch normalisation.

    Raises
    ------
    WeightsError
        If the weights belong to another network.
    """
    if weights.suffix == ".keras":
        _go_on_from(model, weights)
        return
    if model.name == "inception":
        from training.networks import inception

        inception.start_from(model, weights)
        return
    if model.name != "mobilenet":
        raise WeightsError(weights, f"cannot start {model.name}: it has no weights of that kind")
    from training.networks import mobilenet

    rng = np.random.default_rng(0)
    some = rng.choice(len(images), min(FACES_FOR_STATISTICS, len(images)), replace=False)
    mobilenet.start_from(model, weights, images[some])


def freeze_from(model: keras.Model, weights: Path) -> None:
    """Give the layers of a network that are not fitted those weights that another one has there.

    The network can then be joined with the other so that both begin with the same layers.

    Parameters
    ----------
    model : keras.Model
        Some of whose layers are not trainable.
    weights : Path
        ``model.keras`` of a bundle with the same network.

    Raises
    ------
    WeightsError
        If the weights belong to another network, or all layers are fitted.
    """
    source = load_saved(weights)
    frozen = [layer for layer in model.layers if layer.weights and not layer.trainable]
    if not frozen:
        message = f"gives nothing: no block of {model.name} is frozen"
        raise WeightsError(weights, f"{message}, see --frozen-blocks")
    try:
        for layer in frozen:
            layer.set_weights(source.get_layer(layer.name).get_weights())
    except ValueError as error:
        raise WeightsError(weights, f"is not the same network as {model.name}: {error}") from error


def _go_on_from(model: keras.Model, weights: Path) -> None:
    source = load_saved(weights)
    try:
        model.set_weights(source.get_weights())
    except ValueError as error:
        raise WeightsError(weights, f"is not the same network as {model.name}: {error}") from error
