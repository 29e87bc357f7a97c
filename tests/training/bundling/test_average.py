from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from emotion_core.bundle import load_bundle
from emotion_core.errors import BundleError, UsageError
from emotion_core.files import hash_file
from training.bundling.average import average
from training.bundling.write import ExportConfig
from training.cli import main
from training.networks.keras_form import load_keras_form

HEADS = ("fer", "ferplus")


@pytest.fixture(scope="module")
def other(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same network with its weights shrunk by half."""
    return shrunk(bundle_folder, tmp_path_factory.mktemp("other") / "bundle", ("",))


def shrunk(bundle_folder: Path, folder: Path, layers: tuple[str, ...]) -> Path:
    """A bundle with half the weights in the layers whose names begin so."""
    shutil.copytree(bundle_folder, folder)
    network = load_keras_form(load_bundle(folder))
    for layer in network.layers:
        if layer.name.startswith(layers):
            layer.set_weights([value / 2 for value in layer.get_weights()])
    network.save(folder / "model.keras")
    card = json.loads((folder / "card.json").read_text())
    card["files"]["model.keras"] = hash_file(folder / "model.keras")
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def test_weights_are_the_mean_by_shares(
    finished: SimpleNamespace, bundle_folder: Path, other: Path, tmp_path: Path
) -> None:
    mean = tmp_path / "mean"
    arguments = ["average", "--data", str(finished.data), "--output", str(mean), "--version", "7"]
    arguments += ["--note", "Ended by hand."]
    for folder, share in ((bundle_folder, "0.8"), (other, "0.2")):
        arguments += ["--bundle", str(folder), "--share", share]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "temperature" in result.output
    bundle, source = load_bundle(mean), load_bundle(bundle_folder)
    found, first = load_keras_form(bundle), load_keras_form(source)
    for layer in found.layers:
        if isinstance(layer, keras.layers.BatchNormalization) or layer.name in HEADS:
            continue
        values = zip(layer.get_weights(), first.get_layer(layer.name).get_weights(), strict=True)
        for value, one in values:
            np.testing.assert_allclose(value, 0.9 * one, rtol=1e-4, atol=1e-6)
    training = bundle.card["training"]
    for head in HEADS:
        kernel, bias = found.get_layer(head).get_weights()
        one_kernel, one_bias = first.get_layer(head).get_weights()
        np.testing.assert_allclose(kernel, 0.9 * one_kernel, rtol=1e-4, atol=1e-6)
        new, old = (np.array(card["offsets"][head]) for card in (training, source.card["training"]))
        # Each network's offsets are taken back, and those of the mean are added.
        np.testing.assert_allclose(bias - new, 0.9 * one_bias - old, atol=1e-4)
    assert [part["share"] for part in training["mean_of"]] == [0.8, 0.2]
    assert training["mean_of"][0]["sha256"] == source.sha256
    assert training["networks"] == source.card["training"]["networks"]
    assert bundle.card["name"] == source.card["name"]
    assert bundle.card["version"] == "7"
    assert training["note"] == "Ended by hand."


def test_what_all_have_alike_stays_as_it_is(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    source = load_keras_form(load_bundle(bundle_folder))
    later = ("stage1", *HEADS)
    folder = shrunk(bundle_folder, tmp_path / "other", later)
    average([bundle_folder, folder], [0.3, 0.7], finished.data, tmp_path / "mean", ExportConfig())
    network = load_keras_form(load_bundle(tmp_path / "mean"))
    assert all(layer.trainable for layer in network.layers)
    for layer in source.layers:
        for one, value in zip(
            layer.get_weights(), network.get_layer(layer.name).get_weights(), strict=True
        ):
            assert np.array_equal(one, value) != layer.name.startswith(later), layer.name


def test_statistics_are_those_of_the_mean(
    finished: SimpleNamespace, bundle_folder: Path, other: Path, tmp_path: Path
) -> None:
    both = average([bundle_folder, other], [], finished.data, tmp_path / "mean", ExportConfig())
    scores = both.card["metrics"]["held_back"]["shipped output vs FER+ majority"]
    # With the mean of the statistics, as with those of half the weights, it would guess.
    assert scores["accuracy"] > 0.6


def test_what_cannot_be_averaged_is_refused(
    finished: SimpleNamespace, bundle_folder: Path, other: Path, tmp_path: Path
) -> None:
    for shares in ([0.5], [0.5, 0.6]):
        with pytest.raises(UsageError, match="a sum of 1"):
            average(
                [bundle_folder, other], shares, finished.data, tmp_path / "mean", ExportConfig()
            )
    shipped = Path("emotion_core/models/default").absolute()
    with pytest.raises(BundleError, match="other data"):
        average([bundle_folder, shipped], [], finished.data, tmp_path / "mean", ExportConfig())
    assert not (tmp_path / "mean").exists()
    arguments = ["average", "--data", str(finished.data), "--output", str(tmp_path / "mean")]
    once = CliRunner().invoke(main, [*arguments, "--bundle", str(bundle_folder)])
    assert once.exit_code == 2
    assert "at least twice" in once.output
