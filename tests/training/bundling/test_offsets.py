from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from emotion_core.bundle import load_bundle
from training.bundling.export import export_again
from training.bundling.fitted import load_fitted
from training.bundling.offsets import fit_offsets, offset_heads
from training.data.split import split_training
from training.networks.keras_form import load_keras_form


def heads(model: keras.Model) -> dict[str, list[np.ndarray]]:
    return {name: model.get_layer(name).get_weights() for name in ("fer", "ferplus")}


def test_offsets_undo_a_preference() -> None:
    rng = np.random.default_rng(0)
    true_logits = rng.normal(0, 2, (4000, 3))
    noise = rng.gumbel(size=true_logits.shape)
    truth = (true_logits + noise).argmax(axis=1)
    preferring = ((true_logits + np.array([0.5, 0.0, -0.5])) / 2).astype(np.float32)
    offsets = fit_offsets(preferring, truth)
    # Half as large, since the logits are; the ridge draws them towards zero.
    assert offsets == pytest.approx([-0.25, 0.0, 0.25], abs=0.1)
    right = ((preferring + offsets).argmax(axis=1) == truth).mean()
    assert right > (preferring.argmax(axis=1) == truth).mean() + 0.01


def test_without_rows_nothing_is_added() -> None:
    found = fit_offsets(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    assert found.tolist() == [0, 0, 0, 0]


def test_offsets_are_added_to_the_heads(finished: SimpleNamespace) -> None:
    network = load_fitted(finished.run, finished.data).model
    for name, (kernel, bias) in heads(network).items():
        # Weak answers that prefer the first class.
        network.get_layer(name).set_weights([kernel / 10, bias + 3 * (np.arange(len(bias)) == 0)])
    before = heads(network)
    rows = split_training(finished.dataset, finished.config.held_back_share).held_back
    found = offset_heads(network, finished.dataset, rows)
    for name, (kernel, bias) in heads(network).items():
        assert found[name][0] == min(found[name]) < -0.1
        np.testing.assert_allclose(bias - before[name][1], found[name], atol=1e-4)
        np.testing.assert_array_equal(kernel, before[name][0])


def test_a_bundle_has_the_offsets_of_its_card_once(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    bundle = load_bundle(bundle_folder)
    fitted = heads(load_fitted(finished.run, finished.data).model)
    shipped = heads(load_keras_form(bundle))
    again = export_again([bundle_folder], finished.data, tmp_path / "again")
    repeated = heads(load_keras_form(again))
    for name, offsets in bundle.card["training"]["offsets"].items():
        np.testing.assert_allclose(shipped[name][1] - fitted[name][1], offsets, atol=1e-4)
        np.testing.assert_array_equal(shipped[name][0], fitted[name][0])
        np.testing.assert_array_equal(shipped[name][1], repeated[name][1])
    assert again.card["training"]["offsets"] == bundle.card["training"]["offsets"]
