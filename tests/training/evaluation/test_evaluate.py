from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from emotion_core.bundle import load_bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.errors import BundleError
from emotion_core.faces.crop import crop_faces, whole_picture
from training.data.dataset import Dataset, save_dataset
from training.data.targets import CONTEMPT
from training.errors import DatasetError
from training.evaluation.comparisons import REPORTED, compare, majority_emotion, majority_rows
from training.evaluation.evaluate import evaluate, write_into_card
from training.evaluation.perturb import CHANGES
from training.evaluation.report import write_report


def test_the_bundle_knows_what_the_fit_learned(
    finished: SimpleNamespace, bundle_folder: Path
) -> None:
    found = evaluate(bundle_folder, finished.data)
    assert found.rows == 140
    for name, scores in found.scores.items():
        assert scores.rows == 140, name
        assert scores.accuracy > 0.8, name
        low, high = scores.interval
        assert low < scores.accuracy < high or scores.accuracy == high == 1, name
    for scores in (found.mirrored, found.unseen):
        assert set(scores) == set(found.scores)
    assert found.coverage[1.0] == found.scores[REPORTED].accuracy
    assert sum(rows for _, _, rows in found.reliability) == 140
    assert {result.change for result in found.robustness} == set(CHANGES)
    # What the fit learned are edges: strong blur takes them away.
    worst = [result.accuracy for result in found.robustness if result.change == "blur"]
    assert worst[-1] < found.coverage[1.0]
    for result in found.robustness:
        assert 0 <= result.ece <= 1
        assert (result.certain_error is None) == (result.certain_share == 0)
    assert found.abstention["kept_error"] <= 0.2
    assert found.identity["bundle"] == "residual-48 1"


def test_figures_are_written_into_a_card_that_still_loads(
    finished: SimpleNamespace, bundle_folder: Path
) -> None:
    found = evaluate(bundle_folder, finished.data)
    write_into_card(found, bundle_folder)
    figures = load_bundle(bundle_folder).card["metrics"]["PublicTest"]
    assert figures == json.loads(json.dumps(found.to_dict()))
    assert figures["command"].startswith("emotion-training evaluate")


def test_rows_that_occur_in_training_are_counted_apart(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    images = finished.dataset.images.copy()
    tests, training = (np.flatnonzero(finished.dataset.usage == usage) for usage in (1, 0))
    images[tests[:5]] = images[training[:5]]
    save_dataset(replace(finished.dataset, images=images), tmp_path / "copied.npz")
    found = evaluate(bundle_folder, tmp_path / "copied.npz")
    assert {scores.rows for scores in found.scores.values()} == {140}
    assert {scores.rows for scores in found.unseen.values()} == {135}


def test_the_report_shows_the_figures(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    found = evaluate(bundle_folder, finished.data)
    write_report(found, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert f"{100 * found.scores[REPORTED].accuracy:.1f}" in page
    for figure in (found.robustness[0].accuracy, found.robustness[0].ece):
        assert f"{100 * figure:.1f}" in page
    assert page.count("<img") == len(list(tmp_path.glob("*.png"))) == len(found.scores) + 3
    assert json.loads((tmp_path / "figures.json").read_text()) == found.to_dict()


def test_a_split_without_rows_and_an_altered_bundle_are_refused(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="holds no PrivateTest rows"):
        evaluate(bundle_folder, finished.data, "PrivateTest")
    altered = tmp_path / "bundle"
    altered.mkdir()
    for name in ("card.json", "model.xml", "model.bin"):
        (altered / name).write_bytes((bundle_folder / name).read_bytes())
    with (altered / "model.bin").open("r+b") as file:
        file.write(b"\x00\x01\x02")
    with pytest.raises(BundleError):
        evaluate(altered, finished.data)


def test_contempt_and_undecided_rows_are_left_out_of_the_majority(dataset: Dataset) -> None:
    votes = dataset.votes.copy()
    votes[3] = 0
    votes[3, CONTEMPT] = 10
    votes[4] = [0, 1, 0, 0, 0, 0, 0, 0, 0, 9]
    changed = replace(dataset, votes=votes)
    rows = majority_rows(changed, np.arange(10))
    assert rows.tolist() == [0, 1, 2, 5, 6, 7, 8, 9]
    np.testing.assert_array_equal(majority_emotion(changed, rows), dataset.emotion[rows])


def test_each_comparison_uses_its_own_output_labels_and_rows(dataset: Dataset) -> None:
    votes = dataset.votes.copy()
    votes[0] = 0
    votes[0, CONTEMPT] = 10
    changed = replace(dataset, votes=votes)
    rows = np.arange(10)
    outputs = {
        "fer_logits": np.eye(7, dtype=np.float32)[dataset.emotion[rows]],
        "logits": np.eye(7, dtype=np.float32)[(dataset.emotion[rows] + 1) % 7],
        "ferplus_logits": np.eye(8, dtype=np.float32)[votes[rows, :8].argmax(axis=1)],
    }
    scores = compare(outputs, changed, rows, Calibration(0.5, 0), np.ones(10, np.float32))
    found = {name: (s.rows, s.accuracy) for name, s in scores.items()}
    assert found == {
        "FER head vs FER labels": (10, 1.0),
        "shipped output vs FER labels": (10, 0.0),
        "shipped output vs FER+ majority": (9, 0.0),
        "FER+ head vs FER+ majority (8 classes)": (10, 1.0),
    }


def test_the_crop_of_annotation_leaves_a_training_picture_as_it_is(dataset: Dataset) -> None:
    square = whole_picture(48, 48)
    for image in dataset.images[:10]:
        np.testing.assert_array_equal(crop_faces(image, square, 48)[0], image)


def test_the_private_split_is_measured_like_the_public_one(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    private = replace(finished.dataset, usage=finished.dataset.usage * np.uint8(2))
    save_dataset(private, tmp_path / "private.npz")
    public = evaluate(bundle_folder, finished.data)
    found = evaluate(bundle_folder, tmp_path / "private.npz", "PrivateTest")
    for name, scores in public.scores.items():
        assert found.scores[name].to_dict() == scores.to_dict()
