from __future__ import annotations

import numpy as np
import pytest

from training.config import FitConfig
from training.networks.architectures import build

FILTERS = {"baseline": [12], "tuned": [64, 224, 160]}


@pytest.mark.parametrize("name", FILTERS)
def test_the_networks_are_those_of_the_notebook(name: str) -> None:
    network = build(FitConfig(name, dropout=0.4))
    sizes = [layer.filters for layer in network.layers if layer.name.endswith("_conv")]
    assert network.name == name
    assert sizes == FILTERS[name]
    assert network.get_layer(f"halve{len(sizes)}").output.shape[1] == 48 >> len(sizes)
    assert network.get_layer("dense").units == 128
    assert network.get_layer("dropout").rate == 0.4


def test_the_tuned_network_takes_other_numbers() -> None:
    network = build(FitConfig("tuned", filters=(32, 96), dense=64))
    sizes = [layer.filters for layer in network.layers if layer.name.endswith("_conv")]
    assert sizes == [32, 96]
    assert network.get_layer("dense").units == 64


@pytest.mark.parametrize("name", FILTERS)
def test_only_the_convolutions_and_the_dense_layer_take_a_mixed_precision(name: str) -> None:
    network = build(FitConfig(name), precision="mixed_bfloat16")
    for layer in ("standardise", "dropout", "fer", "ferplus"):
        assert network.get_layer(layer).compute_dtype == "float32"
    for layer in ("stage1_conv", "dense"):
        assert network.get_layer(layer).compute_dtype == "bfloat16"


def test_a_notebook_network_learns_stripes(dataset) -> None:
    from training.fitting.batches import Batches
    from training.fitting.fit import compiled_model

    config = FitConfig("baseline", epochs=6, batch_size=16, learning_rate=3e-3, dropout=0.0)
    rows = np.flatnonzero(dataset.usage == 0)
    model = compiled_model(config, len(rows) // config.batch_size)
    batches = Batches(dataset, rows, config)
    history = model.fit(batches, epochs=config.epochs, shuffle=False, verbose=0).history
    assert history["fer_accuracy"][-1] > 0.7
