from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import openvino
import pytest
from click.testing import CliRunner

from emotion_core.bundle import QUALITY_EXPONENTS, load_bundle
from emotion_core.emotions.classifier import Classifier
from emotion_core.errors import BundleError, OutputError
from emotion_core.files import hash_file
from emotion_core.labels import EMOTIONS
from emotion_core.models import DEFAULT_BUNDLE
from training.bundling import inference_form, write
from training.bundling.export import calibrate_again, export, export_again
from training.cli import main
from training.data.targets import FERPLUS, TO_EMOTIONS
from training.errors import RunError
from training.fitting.fit import fit
from training.networks.keras_form import load_keras_form


@pytest.fixture(scope="module")
def other_run(finished: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("other") / "run"
    fit(finished.data, run, replace(finished.config, epochs=1, seed=2, channels=(8, 12)))
    return run


def test_the_card_says_what_the_bundle_is(finished: SimpleNamespace, bundle_folder: Path) -> None:
    card = dict(load_bundle(bundle_folder).card)
    assert set(card["files"]) == {"model.xml", "model.bin", "model.keras"}
    for name, sha256 in card["files"].items():
        assert hash_file(bundle_folder / name) == sha256
    assert card["labels"] == list(EMOTIONS)
    (fitted,) = card["training"]["networks"]
    assert fitted["initial_weights"] == "none (random)"
    assert fitted["epochs"] == 6
    assert fitted["rows_fitted"] + card["training"]["rows_held_back"] == 420
    assert card["training"]["held_back_share"] == finished.config.held_back_share
    assert card["training"]["data_sha256"] == hash_file(finished.data)
    assert card["licence"].endswith("No pretrained weights were used.")
    assert 0 < card["temperature"] < 20
    assert 0 <= card["abstention_threshold"] <= 1
    for name in QUALITY_EXPONENTS:
        assert 0 <= card["quality"][name] <= 3
    assert card["quality"]["rows"] == 21 * card["abstention"]["rows"]
    parity = card["parity"]
    assert parity["form"] == "int8"
    assert 0 < parity["mean_difference_of_probabilities"] <= 0.05
    assert parity["labels_changed"] <= 0.2 * parity["rows"]
    assert "shipped output vs FER+ majority" in card["metrics"]["held_back"]
    assert card["training"]["data"] == "data.npz (Training rows), FER+ votes"
    assert "data.npz (Training rows), FER+ votes" in card["licence"]
    assert "FER2013" not in card["licence"] + card["limits"], "it was not fitted on that"
    for text in ("licence", "intended_use", "prohibited_use", "limits"):
        assert len(card[text]) > 100
    assert "5(1)(f)" in card["prohibited_use"]
    assert "50(3)" in card["intended_use"]


def test_the_network_has_three_named_outputs_and_any_batch_size(bundle_folder: Path) -> None:
    network = openvino.Core().read_model(bundle_folder / "model.xml")
    assert [output.names for output in network.outputs] == [
        {"logits"},
        {"fer_logits"},
        {"ferplus_logits"},
    ]
    assert network.inputs[0].partial_shape[0].is_dynamic
    assert network.inputs[0].partial_shape[1:].to_shape() == openvino.Shape([48, 48, 1])
    types = {port.element_type for port in (*network.inputs, *network.outputs)}
    assert types == {openvino.Type.f32}


def test_the_shipped_output_is_the_ferplus_head_reordered(
    finished: SimpleNamespace, bundle_folder: Path
) -> None:
    outputs = Classifier(load_bundle(bundle_folder)).predict(finished.dataset.images[:20])
    expected = outputs["ferplus_logits"][:, list(TO_EMOTIONS)]
    np.testing.assert_allclose(outputs["logits"], expected, atol=1e-4)
    assert FERPLUS[TO_EMOTIONS[EMOTIONS.index("happy")]] == "happiness"


def test_the_form_in_half_precision_is_keras_nearly_to_the_digit(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    import keras

    config = write.ExportConfig(form="f16")
    bundle = export([finished.run], finished.data, tmp_path / "bundle", config)
    # Even pictures have no spread to be divided by.
    pictures = np.stack([np.full((48, 48), level, np.uint8) for level in (0, 1, 128, 255)])
    model = keras.saving.load_model(bundle_folder / "model.keras", safe_mode=True)
    expected = model.predict_on_batch(pictures[..., None].astype(np.float32))
    found = Classifier(bundle).predict(pictures)
    np.testing.assert_allclose(found["fer_logits"], expected["fer"], atol=0.02)
    np.testing.assert_allclose(found["ferplus_logits"], expected["ferplus"], atol=0.02)
    assert bundle.card["parity"]["largest_difference_of_probabilities"] < 0.01
    whole, eighth = (f / "model.bin" for f in (tmp_path / "bundle", bundle_folder))
    assert whole.stat().st_size > 1.5 * eighth.stat().st_size


PROCESSORS = pytest.mark.parametrize("processor", ["AVX512_CORE", "AVX2"])
"""Older ones, by what oneDNN calls them."""


@PROCESSORS
def test_the_8_bit_form_answers_alike_on_older_processors(
    bundle_folder: Path, finished: SimpleNamespace, tmp_path: Path, processor: str
) -> None:
    faces = finished.dataset.images[:200]
    # With AMX, sums of a residual network are rounded at another place.
    expected = logits_on("AVX512_CORE_VNNI", bundle_folder, faces, tmp_path)
    found = logits_on(processor, bundle_folder, faces, tmp_path)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@PROCESSORS
def test_the_shipped_model_answers_on_this_processor_as_on_older_ones(
    finished: SimpleNamespace, tmp_path: Path, processor: str
) -> None:
    faces = finished.dataset.images[:200]
    expected = Classifier(load_bundle(DEFAULT_BUNDLE)).predict(faces)["logits"]
    found = logits_on(processor, DEFAULT_BUNDLE, faces, tmp_path)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def logits_on(processor: str, bundle: Path, faces: np.ndarray, folder: Path) -> np.ndarray:
    """What a bundle answers in a process that uses no newer instructions than that processor's."""
    given, answered = folder / "faces.npy", folder / f"{processor}.npy"
    np.save(given, faces)
    code = f"""
import numpy as np
from pathlib import Path
from emotion_core.bundle import load_bundle
from emotion_core.emotions.classifier import Classifier
outputs = Classifier(load_bundle(Path({str(bundle)!r}))).predict(np.load({str(given)!r}))
np.save({str(answered)!r}, outputs["logits"])
"""
    limited = {**os.environ, "ONEDNN_MAX_CPU_ISA": processor}
    subprocess.run([sys.executable, "-c", code], env=limited, check=True, timeout=120)
    return np.load(answered)


def test_the_keras_form_carries_no_optimizer(bundle_folder: Path) -> None:
    import keras

    model = keras.saving.load_model(bundle_folder / "model.keras", safe_mode=True)
    assert not model.compiled
    assert set(model.output) == {"fer", "ferplus"}


def test_an_unfinished_run_is_not_exported(finished: SimpleNamespace, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished.run, run)
    config = json.loads((run / "config.json").read_text())
    config["config"]["epochs"] = 7
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunError, match=r"6 of 7 epochs are finished; .* or pass --unfinished"):
        export([run], finished.data, tmp_path / "bundle")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["run"]
    words = ["export", "--run", run, "--data", finished.data, "--output", tmp_path / "bundle"]
    taken = CliRunner().invoke(main, [*map(str, words), "--unfinished"])
    assert taken.exit_code == 0, taken.output
    (network,) = load_bundle(tmp_path / "bundle").card["training"]["networks"]
    assert (network["epochs"], network["config"]["epochs"]) == (6, 7)


def test_a_form_that_differs_from_keras_is_refused(
    finished: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = write.keras_outputs

    def shifted(model: object, crops: np.ndarray) -> dict[str, np.ndarray]:
        outputs = honest(model, crops)
        outputs["fer_logits"][:, 0] += 2
        return outputs

    monkeypatch.setattr(write, "keras_outputs", shifted)
    with pytest.raises(RunError, match=r"differ from Keras's by .* choose --form f16"):
        export([finished.run], finished.data, tmp_path / "bundle")
    assert not list(tmp_path.iterdir())


def test_several_runs_become_one_network(
    finished: SimpleNamespace, other_run: Path, tmp_path: Path
) -> None:
    config = write.ExportConfig(form="f16")
    crops = finished.dataset.images[:20]
    runs = {"one": [finished.run], "other": [other_run], "both": [finished.run, other_run]}
    bundles = {
        name: export(folders, finished.data, tmp_path / name, config)
        for name, folders in runs.items()
    }
    for head, output in (("fer", "fer_logits"), ("ferplus", "ferplus_logits")):
        one, other, both = (
            Classifier(bundle).predict(crops)[output] - bundle.card["training"]["offsets"][head]
            for bundle in bundles.values()
        )
        np.testing.assert_allclose(both, (one + other) / 2, atol=0.02)
    card = bundles["both"].card
    assert card["name"] == "residual+residual-48"
    assert [network["seed"] for network in card["training"]["networks"]] == [1, 2]
    parameters = [bundle.card["training"]["parameters"] for bundle in bundles.values()]
    assert parameters[2] == parameters[0] + parameters[1] - 15  # one bias for each score


def test_runs_that_held_other_rows_back_are_not_joined(
    finished: SimpleNamespace, other_run: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(other_run, run)
    config = json.loads((run / "config.json").read_text())
    config["config"]["held_back_share"] = 0.2
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunError, match=r"/run: held back other rows than .*nothing is left"):
        export([finished.run, run], finished.data, tmp_path / "bundle")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["run"]


def test_an_older_bundle_is_replaced_whole(bundle_folder: Path) -> None:
    names = sorted(entry.name for entry in bundle_folder.iterdir())
    assert names == ["card.json", "model.bin", "model.keras", "model.xml"]
    assert [entry.name for entry in bundle_folder.parent.iterdir()] == ["bundle"]


def test_a_folder_that_holds_no_bundle_is_left_alone(
    finished: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds no bundle"):
        export([finished.run], finished.data, tmp_path)
    with pytest.raises(OutputError, match="is a file"):
        export([finished.run], finished.data, tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_other_data_than_that_of_the_fit_is_refused(
    finished: SimpleNamespace, tmp_path: Path
) -> None:
    from training.data.dataset import save_dataset

    other = replace(finished.dataset, votes=np.zeros_like(finished.dataset.votes))
    save_dataset(other, tmp_path / "other.npz")
    with pytest.raises(RunError, match="fitted on other data"):
        export([finished.run], tmp_path / "other.npz", tmp_path / "bundle")


def test_enlarging_is_what_the_network_was_fitted_with() -> None:
    import keras

    picture = np.random.default_rng(1).normal(size=(48, 48)).astype(np.float32)
    layer = keras.layers.UpSampling2D(3, interpolation="bilinear")
    wanted = np.asarray(layer(picture[None, ..., None]))[0, ..., 0]
    weights = inference_form._enlarging(48, 144)
    np.testing.assert_allclose(weights @ picture @ weights.T, wanted, atol=1e-4)


def test_dark_pictures_are_standardised_exactly(bundle_folder: Path) -> None:
    network = openvino.Core().read_model(bundle_folder / "model.xml")
    operations = {node.get_type_name() for node in network.get_ops()}
    assert {"FakeQuantize", "ReduceMean"} <= operations
    before_convolution = [
        node
        for node in network.get_ops()
        if node.get_type_name() in ("ReduceMean", "SquaredDifference", "Divide")
        and node.output(0).get_partial_shape().rank.get_length() == 4
    ]
    assert before_convolution
    for node in before_convolution:
        sources = {port.get_node().get_type_name() for port in node.input_values()}
        assert "FakeQuantize" not in sources, node.get_friendly_name()


def test_a_bundle_is_exported_again_in_another_form(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "again"
    arguments = ["export", "--bundle", str(bundle_folder), "--data", str(finished.data)]
    settings = ["--output", str(output), "--form", "f16", "--version", "2"]
    result = CliRunner().invoke(main, [*arguments, *settings])
    assert result.exit_code == 0, result.output
    before, after = load_bundle(bundle_folder), load_bundle(output)
    assert after.card["version"] == "2"
    assert after.card["training"] == before.card["training"]
    assert after.card["parity"]["form"] == "f16"
    assert after.card["parity"]["largest_difference_of_probabilities"] < 0.01
    faces = finished.dataset.images[:40]
    exact, rounded = Classifier(after).logits(faces), Classifier(before).logits(faces)
    assert 0 < np.abs(exact - rounded).max() < 2


def test_a_bundle_that_is_exported_again_keeps_its_version(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    config = write.ExportConfig(form="f16", version="7")
    export_again([bundle_folder], finished.data, tmp_path / "7", config)
    again = export_again(
        [tmp_path / "7"], finished.data, tmp_path / "again", replace(config, version=None)
    )
    assert again.card["version"] == "7"


def test_bundles_are_joined(finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path) -> None:
    """The same network twice answers as it does alone, and its fit is recorded once."""
    arguments = ["--data", str(finished.data), "--output", str(tmp_path / "joined")]
    both = ["--bundle", str(bundle_folder), "--bundle", str(bundle_folder)]
    result = CliRunner().invoke(main, ["export", *both, *arguments, "--form", "f16"])
    assert result.exit_code == 0, result.output
    joined, one = load_bundle(tmp_path / "joined"), load_bundle(bundle_folder)
    training, before = joined.card["training"], one.card["training"]
    assert training["joined_of"] == [{"name": one.name, "sha256": one.sha256}] * 2
    assert training["networks"] == before["networks"]
    assert training["offsets"] == before["offsets"]
    # All is computed once; only the heads have a weight for each feature of either.
    width = finished.config.channels[-1]
    assert training["parameters"] == before["parameters"] + 15 * width
    assert joined.card["name"] == one.card["name"]
    assert joined.card["version"] == "1"
    faces = finished.dataset.images[:40, ..., None].astype(np.float32)
    logits = load_keras_form(one).predict_on_batch(faces)
    for head, found in load_keras_form(joined).predict_on_batch(faces).items():
        np.testing.assert_allclose(found, logits[head], rtol=1e-3, atol=1e-3)


def test_what_cannot_be_exported_again_is_refused(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "other.npz"
    shutil.copy2(finished.data, foreign)
    with foreign.open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BundleError, match=r"was fitted on other data than .*other\.npz"):
        export_again([bundle_folder], foreign, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()
    both = ["--run", str(finished.run), "--bundle", str(bundle_folder)]
    for sources in ([], both):
        rest = ["--data", str(finished.data), "--output", str(tmp_path / "bundle")]
        result = CliRunner().invoke(main, ["export", *sources, *rest])
        assert result.exit_code == 2
        assert "pass either --run or --bundle" in result.output
    arguments = ["export", "--bundle", str(bundle_folder), "--unfinished", *rest]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "--unfinished is of fits" in result.output


def test_a_bundle_is_calibrated_anew_and_its_network_stays(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(bundle_folder, bundle)
    before = json.loads((bundle / "card.json").read_text())
    older = {name: value for name, value in before.items() if name != "quality"}
    older |= {"temperature": 3.0, "metrics": {"PublicTest": {}}}
    (bundle / "card.json").write_text(json.dumps(older))
    arguments = ["calibrate", "--bundle", str(bundle), "--data", str(finished.data)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert f"temperature {before['temperature']:.3f} / quality^" in result.output
    after = json.loads((bundle / "card.json").read_text())
    before["metrics"] = {"held_back": before["metrics"]["held_back"]}
    assert after == before


def test_a_bundle_of_other_data_is_not_calibrated(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "other.npz"
    shutil.copy2(finished.data, foreign)
    with foreign.open("ab") as file:
        file.write(b"\0")
    before = (bundle_folder / "card.json").read_bytes()
    with pytest.raises(BundleError, match=r"was fitted on other data than .*other\.npz"):
        calibrate_again(bundle_folder, foreign)
    assert (bundle_folder / "card.json").read_bytes() == before
