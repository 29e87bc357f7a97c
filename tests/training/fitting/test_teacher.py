from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from emotion_core.bundle import load_bundle
from emotion_core.emotions.calibrate import softmax
from training.bundling.card import terms_of
from training.data.dataset import save_dataset
from training.errors import RunError, WeightsError
from training.files import read_json
from training.fitting.batches import Batches
from training.fitting.fit import fit
from training.fitting.run_folder import CONFIG
from training.fitting.teacher import Teacher, load_teacher
from training.networks.keras_form import load_keras_form


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_targets_lie_between_labels_and_answers(
    finished: SimpleNamespace, bundle_folder: Path, share: float
) -> None:
    rows = np.arange(64)
    config = replace(finished.config, batch_size=64, label_smoothing=0.0)
    bundle = load_bundle(bundle_folder)
    _, labels, _ = Batches(finished.dataset, rows, config, 3)[0]
    network = load_keras_form(bundle)
    teacher = Teacher([network], share)
    images, targets, weights = Batches(finished.dataset, rows, config, 3, teacher)[0]
    # Pictures and weights are those of a fit without a teacher; the answers are to the pictures
    # as they are shown, changed at random, and to their mirror images.
    plain_images, _, plain_weights = Batches(finished.dataset, rows, config, 3)[0]
    np.testing.assert_array_equal(images, plain_images)
    answers = network(images, training=False)
    mirrored = network(images[:, :, ::-1], training=False)
    for head in ("fer", "ferplus"):
        np.testing.assert_array_equal(weights[head], plain_weights[head])
        answer = (softmax(answers[head].numpy(), 1.0) + softmax(mirrored[head].numpy(), 1.0)) / 2
        wanted = (1 - share) * labels[head] + share * answer
        np.testing.assert_allclose(targets[head], wanted, atol=1e-5)
        assert np.abs(labels[head] - answer).max() > 0.1


def test_a_teacher_sees_mixed_pictures(finished: SimpleNamespace, bundle_folder: Path) -> None:
    rows = np.arange(32)
    config = replace(finished.config, batch_size=32, teacher_share=1.0, mixup=5.0)
    teacher, _ = load_teacher([bundle_folder], finished.data, config)
    images, targets, _ = Batches(finished.dataset, rows, config, 3, teacher)[0]
    assert np.abs(images - np.rint(images)).max() > 0.1
    network = load_keras_form(load_bundle(bundle_folder))
    for head in ("fer", "ferplus"):
        views = [network(view, training=False)[head] for view in (images, images[:, :, ::-1])]
        answer = np.mean([softmax(view.numpy(), 1.0) for view in views], axis=0)
        np.testing.assert_allclose(targets[head], answer, atol=1e-4)


def test_a_fit_with_a_teacher_says_so_and_goes_on_with_the_same_only(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    config = replace(finished.config, epochs=1, channels=(4, 8), limit=64, teacher_share=1.0)
    history = fit(finished.data, tmp_path / "run", config, teachers=[bundle_folder])
    assert len(history) == 1
    record = read_json(tmp_path / "run" / CONFIG)["teachers"][0]
    assert record["sha256"] == load_bundle(bundle_folder).sha256
    assert record["training"]["networks"][0]["seed"] == finished.config.seed
    with pytest.raises(RunError, match="with other teachers, or without any"):
        fit(finished.data, tmp_path / "run", config)


def test_a_student_of_a_good_teacher_needs_no_labels(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    """Labels of fitted rows are shuffled; all that is to be learned comes from the teacher."""
    shuffled = replace(
        finished.dataset, emotion=np.random.default_rng(1).permutation(finished.dataset.emotion)
    )
    save_dataset(shuffled, tmp_path / "shuffled.npz")
    card = json.loads((bundle_folder / "card.json").read_text())
    from emotion_core.files import hash_file

    card["training"]["data_sha256"] = hash_file(tmp_path / "shuffled.npz")
    shutil.copytree(bundle_folder, tmp_path / "teacher")
    (tmp_path / "teacher" / "card.json").write_text(json.dumps(card))
    config = replace(finished.config, heads="fer", teacher_share=1.0)
    fit(tmp_path / "shuffled.npz", tmp_path / "run", config, teachers=[tmp_path / "teacher"])

    from training.bundling.fitted import load_fitted

    model = load_fitted(tmp_path / "run", tmp_path / "shuffled.npz").model
    test = finished.dataset.usage == 1
    found = model.predict(finished.dataset.images[test][..., None].astype("f4"), verbose=0)["fer"]
    assert (np.asarray(found).argmax(axis=1) == finished.dataset.emotion[test]).mean() > 0.6


def test_the_mean_of_a_bundle_and_a_run_is_learned(
    finished: SimpleNamespace, bundle_folder: Path
) -> None:
    config = replace(finished.config, batch_size=16, teacher_share=1.0)
    teacher, known = load_teacher([bundle_folder, finished.run], finished.data, config)
    images = finished.dataset.images[:16]
    nothing = np.zeros((16, 7), np.float32), np.zeros((16, 8), np.float32)
    both = teacher.blend(images, *nothing)
    alone = [
        load_teacher([folder], finished.data, config)[0].blend(images, *nothing)
        for folder in (bundle_folder, finished.run)
    ]
    for head in (0, 1):
        np.testing.assert_allclose(both[head], (alone[0][head] + alone[1][head]) / 2, atol=1e-6)
        np.testing.assert_allclose(both[head].sum(axis=1), 1, atol=1e-5)
    of_bundle, of_run = known
    assert of_bundle["training"]["networks"][0]["seed"] == finished.config.seed
    (fitted,) = of_run["training"]["networks"]
    assert fitted["config"]["seed"] == finished.config.seed
    assert fitted["initial_weights"] == "none (random)"
    assert "No pretrained" in terms_of({"networks": [fitted | {"teachers": known}]})


def test_a_teacher_that_knows_the_fold_left_out_is_refused(
    finished: SimpleNamespace, bundle_folder: Path
) -> None:
    config = replace(finished.config, folds=2, fold=1)
    for folder in (bundle_folder, finished.run):
        with pytest.raises(WeightsError, match="has learned from fold 1 of 2"):
            load_teacher([folder], finished.data, config)


def test_a_teacher_that_knows_what_is_held_back_is_refused(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match="rows that this fit holds back"):
        load_teacher([bundle_folder], finished.data, replace(finished.config, held_back_share=0.2))
    save_dataset(
        replace(finished.dataset, emotion=finished.dataset.emotion * 0), tmp_path / "o.npz"
    )
    with pytest.raises(WeightsError, match="was fitted on other data"):
        load_teacher([bundle_folder], tmp_path / "o.npz", finished.config)
