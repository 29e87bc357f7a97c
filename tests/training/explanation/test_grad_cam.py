from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from emotion_core.bundle import load_bundle
from emotion_core.errors import BundleError
from training.data.dataset import Dataset


@pytest.fixture(scope="module")
def network(bundle_folder: Path) -> object:
    from training.explanation.grad_cam import load_network

    return load_network(load_bundle(bundle_folder))


def test_maps_are_finite_shares_of_their_own_maximum(network: object, dataset: Dataset) -> None:
    from training.explanation.grad_cam import heat_maps

    crops = np.concatenate([dataset.images[:70], np.zeros((1, 48, 48), np.uint8)])
    maps = heat_maps(network, crops, np.arange(71) % 7)
    assert maps.shape == (71, 48, 48)
    assert maps.dtype == np.float32
    assert np.isfinite(maps).all()
    assert maps.min() >= 0
    highest = maps.max(axis=(1, 2))
    assert (np.isclose(highest, 1) | (highest == 0)).all()
    assert (highest[:70] > 0).mean() > 0.5


def test_another_class_gives_another_map(network: object, finished: SimpleNamespace) -> None:
    from training.explanation.grad_cam import heat_maps

    dataset = finished.dataset
    rows = np.flatnonzero(dataset.emotion < 6)[:20]
    own = dataset.emotion[rows].astype(np.int64)
    crops = dataset.images[rows]
    difference = np.abs(heat_maps(network, crops, own) - heat_maps(network, crops, (own + 3) % 6))
    assert (difference.mean(axis=(1, 2)) > 0.02).mean() > 0.9


def test_stripes_on_one_side_are_seen_on_that_side(
    network: object, finished: SimpleNamespace
) -> None:
    from training.explanation.grad_cam import heat_maps

    dataset = finished.dataset
    rows = np.flatnonzero(dataset.emotion < 6)[:60]
    left = np.random.default_rng(0).integers(60, 120, (60, 48, 48)).astype(np.uint8)
    left[:, :, :24] = dataset.images[rows][:, :, :24]
    maps = heat_maps(network, left, dataset.emotion[rows].astype(np.int64))
    assert maps[:, :, :20].mean() > 1.5 * maps[:, :, 28:].mean()


def test_of_pooled_features_it_is_their_weighted_sum(network: object, dataset: Dataset) -> None:
    """With averaged features and one dense layer the gradient is the kernel (Zhou et al. 2016)."""
    import cv2
    import keras

    from training.explanation.grad_cam import heat_maps, last_feature_maps

    (last,) = last_feature_maps(network)
    features = keras.Model(network.input, last)  # type: ignore[attr-defined]
    kernel, _ = network.get_layer("logits").get_weights()  # type: ignore[attr-defined]
    crops, classes = dataset.images[:5], np.arange(5)
    found = heat_maps(network, crops, classes)
    values = features.predict(crops[..., None].astype(np.float32), verbose=0)
    for heat, value, k in zip(found, values, classes, strict=True):
        wanted = cv2.resize(np.maximum(value @ kernel[:, k], 0), (48, 48))
        np.testing.assert_allclose(heat, wanted / max(wanted.max(), 1e-12), atol=1e-4)


def test_every_architecture_has_a_last_feature_map() -> None:
    import keras

    from training.bundling.inference_form import with_shipped_outputs
    from training.explanation.grad_cam import last_feature_maps
    from training.networks.mobilenet import mobilenet
    from training.networks.notebook import baseline

    def shapes(model: keras.Model) -> list[tuple[int, ...]]:
        return [maps.shape[1:] for maps in last_feature_maps(with_shipped_outputs(model))]

    assert shapes(mobilenet()) == [(5, 5, 1024)]
    assert shapes(baseline()) == [(24, 24, 12)]


def test_branches_add_up_to_one_map(dataset: Dataset) -> None:
    """The maps of two networks, brought to the same cells, weigh what they add to the score."""
    import cv2
    import keras

    from training.bundling.inference_form import with_shipped_outputs
    from training.explanation.grad_cam import heat_maps, last_feature_maps
    from training.networks.joined import joined
    from training.networks.residual import residual_cnn

    keras.utils.set_random_seed(3)
    coarse, fine = residual_cnn((4, 8, 8)), residual_cnn((4, 8))
    both = with_shipped_outputs(joined([coarse, fine]))
    assert [m.shape[1:] for m in last_feature_maps(both)] == [(12, 12, 8), (24, 24, 8)]
    crops = dataset.images[:3]
    found = heat_maps(both, crops, np.array([1, 1, 1]))

    def density(model: keras.Model) -> np.ndarray:
        single = with_shipped_outputs(model)
        (last,) = last_feature_maps(single)
        values = keras.Model(single.input, last).predict_on_batch(crops[..., None].astype("f4"))
        kernel, _ = single.get_layer("logits").get_weights()
        return values @ kernel[:, 1]

    for heat, one, other in zip(found, density(coarse), density(fine), strict=True):
        wanted = cv2.resize(np.maximum(cv2.resize(one, (24, 24)) + other, 0), (48, 48))
        np.testing.assert_allclose(heat, wanted / max(wanted.max(), 1e-12), atol=1e-4)


def test_a_bundle_without_the_keras_form_is_refused(bundle_folder: Path, tmp_path: Path) -> None:
    from training.explanation.grad_cam import load_network

    folder = tmp_path / "bundle"
    shutil.copytree(bundle_folder, folder)
    (folder / "model.keras").unlink()
    with pytest.raises(BundleError, match=r"model\.keras: is missing"):
        load_network(load_bundle(folder))
    (folder / "model.keras").write_bytes(b"foreign")
    card = json.loads((folder / "card.json").read_text())
    del card["files"]["model.keras"]
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(BundleError, match="not among the files of the card"):
        load_network(load_bundle(folder))
    card["files"]["model.keras"] = hashlib.sha256(b"foreign").hexdigest()
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(BundleError, match="is no network of 'fit'"):
        load_network(load_bundle(folder))
