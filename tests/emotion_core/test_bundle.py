from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emotion_core.bundle import load_bundle
from emotion_core.emotions.classifier import Classifier
from emotion_core.errors import BundleError
from emotion_core.files import hash_file
from emotion_core.labels import EMOTIONS
from emotion_core.models import DEFAULT_BUNDLE


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    copy = tmp_path / "bundle"
    shutil.copytree(DEFAULT_BUNDLE, copy)
    return copy


def edit(bundle: Path, **changes: Any) -> None:
    card = json.loads((bundle / "card.json").read_text())
    (bundle / "card.json").write_text(json.dumps(card | changes))


def test_the_shipped_bundle_loads_and_classifies() -> None:
    bundle = load_bundle()
    classifier = Classifier(bundle)
    crops = np.random.default_rng(0).integers(0, 256, (3, bundle.input_size, bundle.input_size))
    outputs = classifier.predict(crops.astype(np.uint8))
    assert {name: value.shape for name, value in outputs.items()} == {
        name: (3, len(labels)) for name, labels in bundle.card["outputs"].items()
    }
    assert all(np.isfinite(value).all() for value in outputs.values())
    assert bundle.temperature > 0
    assert 0 <= bundle.abstention_threshold <= 1


def test_logits_are_bitwise_the_same_in_any_batch() -> None:
    classifier = Classifier(load_bundle())
    size = classifier.input_size
    crops = np.random.default_rng(0).integers(0, 256, (37, size, size)).astype(np.uint8)
    whole = classifier.logits(crops)
    one_by_one = np.concatenate([classifier.logits(crops[i : i + 1]) for i in range(37)])
    assert (whole == one_by_one).all()
    assert classifier.logits(crops[:0]).shape == (0, len(EMOTIONS))


def test_a_face_and_its_mirror_image_are_judged_alike() -> None:
    plain, mirroring = Classifier(load_bundle()), Classifier(load_bundle(), mirror=True)
    size = plain.input_size
    crops = np.random.default_rng(0).integers(0, 256, (20, size, size)).astype(np.uint8)
    mirrored = crops[:, :, ::-1]
    logits = mirroring.logits(crops)
    assert (logits == mirroring.logits(mirrored)).all()
    np.testing.assert_allclose(logits, (plain.logits(crops) + plain.logits(mirrored)) / 2, 1e-6)
    assert np.abs(logits - plain.logits(crops)).max() > 1e-3
    assert mirroring.logits(crops[:0]).shape == (0, len(EMOTIONS))


def test_a_black_crop_gives_finite_logits() -> None:
    classifier = Classifier(load_bundle())
    crop = np.zeros((1, classifier.input_size, classifier.input_size), np.uint8)
    assert np.isfinite(classifier.logits(crop)).all()


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"nowhere.*card\.json"):
        load_bundle(tmp_path / "nowhere")


def test_folder_without_card(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"card\.json.*not a model bundle"):
        load_bundle(tmp_path)


@pytest.mark.parametrize("name", ["model.xml", "model.bin"])
def test_tampered_and_missing_files_are_named(bundle: Path, name: str) -> None:
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(BundleError, match=rf"{name}.*SHA-256"):
        load_bundle(bundle)
    (bundle / name).unlink()
    with pytest.raises(BundleError, match=rf"{name}.*missing"):
        load_bundle(bundle)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": list(reversed(EMOTIONS))}, "labels"),
        ({"labels": ["cat", "dog"]}, "labels"),
        ({"outputs": {}}, "labels"),
        ({"format": 99}, "format"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": float("inf")}, "temperature"),
        ({"abstention_threshold": 1.5}, "threshold"),
        ({"precision": "int1"}, "precision"),
        ({"quality": {"temperature_exponent": -1}}, "temperature_exponent"),
        ({"quality": {"threshold_exponent": "steep"}}, "threshold_exponent"),
        ({"quality": 0.2}, "temperature_exponent"),
        ({"input": {"size": 48, "channels": 1, "crop": "other"}}, "crop"),
        ({"input": {"size": 48, "channels": 3, "crop": "upright-square-1"}}, "grey square"),
        ({"files": {"../../etc/passwd": "0"}}, "hash"),
    ],
)
def test_cards_of_other_models_are_refused(
    bundle: Path, changes: dict[str, Any], message: str
) -> None:
    edit(bundle, **changes)
    with pytest.raises(BundleError, match=message):
        load_bundle(bundle)


def test_files_outside_the_bundle_are_refused(bundle: Path) -> None:
    card = json.loads((bundle / "card.json").read_text())
    edit(bundle, files=card["files"] | {"../secret": "0"})
    with pytest.raises(BundleError, match="plain file name"):
        load_bundle(bundle)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}'])
def test_broken_cards(bundle: Path, text: str) -> None:
    (bundle / "card.json").write_text(text)
    with pytest.raises(BundleError, match=r"card\.json"):
        load_bundle(bundle)


def test_a_network_that_is_none_is_refused(bundle: Path) -> None:
    (bundle / "model.xml").write_text("<net/>")
    card = json.loads((bundle / "card.json").read_text())
    edit(bundle, files=card["files"] | {"model.xml": hash_file(bundle / "model.xml")})
    with pytest.raises(BundleError, match=r"model\.xml"):
        Classifier(load_bundle(bundle))
