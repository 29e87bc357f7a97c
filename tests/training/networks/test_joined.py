from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.networks.joined import joined
from training.networks.mobilenet import mobilenet
from training.networks.residual import residual_cnn


@pytest.fixture(scope="module")
def members() -> list:
    import keras

    keras.utils.set_random_seed(5)
    return [residual_cnn((4, 8)), mobilenet(enlargement=1), residual_cnn((4, 8, 12), dropout=0.9)]


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1)).astype(np.float32)


def test_the_logits_are_the_mean_of_those_of_the_members(
    members: list, pictures: np.ndarray, tmp_path: Path
) -> None:
    import keras

    network = joined(members)
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    each = [member.predict_on_batch(pictures) for member in members]
    for found in (network.predict_on_batch(pictures), loaded.predict_on_batch(pictures)):
        for head in ("fer", "ferplus"):
            mean = np.mean([outputs[head] for outputs in each], axis=0)
            np.testing.assert_allclose(found[head], mean, atol=1e-5)
            assert np.abs(each[0][head] - mean).max() > 1e-3, "members must differ"


def test_members_keep_their_weights_and_names(members: list) -> None:
    network = joined(members)
    before = members[0].get_weights()
    network.get_layer("branch0_stage0_a_conv").set_weights(
        [w * 0 for w in members[0].get_layer("stage0_a_conv").get_weights()]
    )
    for old, new in zip(before, members[0].get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert members[0].get_layer("stage0_a_conv").name == "stage0_a_conv"
    inner = network.count_params() - 15
    assert inner == sum(member.count_params() - 15 for member in members)


def test_what_two_compute_alike_is_computed_once(members: list, pictures: np.ndarray) -> None:
    first, other = members[2], residual_cnn((4, 8, 12))
    early = [layer for layer in first.layers if layer.name.startswith(("stage0", "stage1"))]
    for layer in early:
        other.get_layer(layer.name).set_weights(layer.get_weights())
    network = joined([first, other])
    shared = sum(layer.count_params() for layer in early)
    assert shared > 0
    assert network.count_params() - 15 == 2 * (first.count_params() - 15) - shared
    names = {layer.name for layer in network.layers}
    assert {"branch0_stage1_a_conv", "branch1_stage2_a_conv"} <= names
    assert "branch1_stage1_a_conv" not in names
    each = [member.predict_on_batch(pictures)["fer"] for member in (first, other)]
    found = network.predict_on_batch(pictures)["fer"]
    np.testing.assert_allclose(found, np.mean(each, axis=0), atol=1e-5)


def test_a_single_network_stays_itself(members: list) -> None:
    assert joined(members[:1]) is members[0]
