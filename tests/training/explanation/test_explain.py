from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.emotions.classifier import Classifier
from emotion_core.errors import BundleError, MediaError
from emotion_core.labels import COLOURS, EMOTIONS
from training.cli import main
from training.data.dataset import Dataset, save_dataset
from training.data.split import split_training
from training.explanation.explain import (
    Explanation,
    Face,
    choose_cases,
    explain_faces,
    faces_of_cases,
    faces_of_pictures,
)
from training.explanation.plots import plot_explanation

SAMPLES = Path(__file__).resolve().parents[3] / "sample_media"


@pytest.fixture(scope="module")
def bundle(bundle_folder: Path) -> Bundle:
    return load_bundle(bundle_folder)


def run(*arguments: object) -> SimpleNamespace:
    result = CliRunner().invoke(main, ["explain", *map(str, arguments)])
    return SimpleNamespace(code=result.exit_code, output=result.output)


def test_faces_of_a_picture_come_from_the_left(bundle: Bundle) -> None:
    portraits = SAMPLES / "portraits"
    paths = [portraits / "grace_hopper.jpg", portraits / "group" / "three_faces.jpg"]
    faces = faces_of_pictures(paths, bundle)
    assert [face.title for face in faces] == [
        "grace_hopper.jpg",
        *(f"three_faces.jpg, face {number}" for number in (1, 2, 3)),
    ]
    assert all(face.crop.shape == (48, 48) for face in faces)


def test_a_picture_of_the_input_size_is_used_as_it_is(bundle: Bundle, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (48, 48)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "crop.png")
    (face,) = faces_of_pictures([tmp_path / "crop.png"], bundle)
    np.testing.assert_array_equal(face.crop, pixels)


def test_a_picture_without_a_face_is_named(bundle: Bundle, tmp_path: Path) -> None:
    Image.new("RGB", (200, 100), "green").save(tmp_path / "lawn.png")
    with pytest.raises(MediaError, match=r"lawn\.png: no face was found \(200 x 100 px"):
        faces_of_pictures([tmp_path / "lawn.png"], bundle)


def test_the_most_confident_are_chosen_by_class_and_kind() -> None:
    truth = np.array([0, 0, 0, 0, 3, 3])
    probabilities = np.full((6, 7), 0.01, np.float32)
    for row, (emotion, share) in enumerate(
        [(0, 0.5), (0, 0.9), (1, 0.4), (2, 0.8), (3, 0.7), (3, 0.6)]
    ):
        probabilities[row, emotion] = share
    wanted = [("right", 1), ("wrong", 3), ("right", 4)]
    assert choose_cases(probabilities, truth, 1) == wanted
    assert [row for _, row in choose_cases(probabilities, truth, 9)] == [1, 0, 3, 2, 4, 5]


def test_cases_are_held_back_training_rows(finished: SimpleNamespace, bundle: Bundle) -> None:
    faces = faces_of_cases(finished.dataset, bundle, 2)
    rows = [int(face.title.removeprefix("row ")) for face in faces]
    assert rows
    assert set(rows) <= set(split_training(finished.dataset, 0.1).held_back.tolist())
    for row, face in zip(rows, faces, strict=True):
        np.testing.assert_array_equal(face.crop, finished.dataset.images[row])
        assert face.truth == finished.dataset.emotion[row]


def test_a_card_that_does_not_say_what_was_held_back_is_refused(
    finished: SimpleNamespace, bundle: Bundle
) -> None:
    silent = replace(bundle, card={**bundle.card, "training": {}})
    with pytest.raises(BundleError, match=r"card\.json: does not say what share"):
        faces_of_cases(finished.dataset, silent, 1)


def test_an_explanation_has_the_probabilities_of_annotation(
    finished: SimpleNamespace, bundle: Bundle
) -> None:
    crops = finished.dataset.images[:3]
    wrong = (int(finished.dataset.emotion[0]) + 1) % 7
    faces = [
        Face("a", crops[0], 1.0, truth=wrong),
        Face("b", crops[1], 0.5),
        Face("c", crops[2], 0.1),
    ]
    found = explain_faces(faces, bundle)
    quality = np.array([1, 0.5, 0.1], np.float32)
    wanted = Calibration.of(bundle).probabilities(Classifier(bundle).logits(crops), quality)
    for explanation, probabilities in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(explanation.probabilities, probabilities)
        assert explanation.predicted in explanation.maps
    assert set(found[0].maps) == {found[0].predicted, wrong}
    assert len(found[1].maps) == 1
    for explanation in explain_faces(faces[1:], bundle, emotion=4):
        assert list(explanation.maps) == [4]


def test_the_bars_have_the_colours_of_the_project() -> None:
    probabilities = np.linspace(0.02, 0.3, 7).astype(np.float32)
    face = Face("a", np.zeros((48, 48), np.uint8), 1.0, truth=2)
    maps = {k: np.zeros((48, 48), np.float32) for k in (2, 6)}
    figure = plot_explanation(Explanation(face, probabilities, maps))
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:3] == ["what the network sees", "for neutral (predicted)", "for fear (label)"]
    bars = figure.axes[3].patches
    for bar, name, share in zip(bars, EMOTIONS, probabilities, strict=True):
        assert bar.get_width() == pytest.approx(100 * share)
        assert tuple(round(255 * v) for v in bar.get_facecolor()[:3]) == COLOURS[name]


def test_the_command_explains_pictures(bundle_folder: Path, tmp_path: Path) -> None:
    picture = SAMPLES / "portraits" / "grace_hopper.jpg"
    found = run("--bundle", bundle_folder, "--image", picture, "--output", tmp_path / "out")
    assert found.code == 0, found.output
    assert "grace_hopper.jpg: " in found.output
    image = cv2.imread(str(tmp_path / "out" / "001_grace_hopper_jpg.png"))
    assert image is not None
    assert image.shape[1] > 2 * image.shape[0]
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Grad-CAM" in page
    assert "grace_hopper.jpg" in page


def test_the_command_explains_held_back_rows(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    source = ("--bundle", bundle_folder, "--data", finished.data, "--cases", 1)
    found = run(*source, "--output", tmp_path, "--emotion", "sad")
    assert found.code == 0, found.output
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "most confidently right" in page
    assert "was not fitted on" not in page + found.output
    # The same pictures in another file: what of them was learned is not known.
    other = tmp_path / "other.npz"
    rows = {name: array[::-1] for name, array in vars(finished.dataset).items()}
    save_dataset(Dataset(**rows), other)
    again = tmp_path / "again"
    found = run("--bundle", bundle_folder, "--data", other, "--output", again)
    assert f"{other}: The bundle was not fitted on other.npz." in found.output
    assert "was not fitted on other.npz" in (again / "report.html").read_text("utf-8")


def test_options_of_another_source_are_refused(tmp_path: Path) -> None:
    for options, message in (
        (("--frame", 3), "--frame and --track need --timeline"),
        (("--cases", 2), "--cases needs --data"),
    ):
        found = run("--image", "a.jpg", "--output", tmp_path / "out", *options)
        assert found.code == 2
        assert message in found.output


def test_faces_come_from_one_kind_of_source(tmp_path: Path) -> None:
    both = run("--image", "a.jpg", "--data", "fer.npz", "--output", tmp_path / "out")
    for found in (run("--output", tmp_path / "out"), both):
        assert found.code == 2
        assert "pass one of --image, --data and --timeline" in found.output
    assert not (tmp_path / "out").exists()


def test_a_bundle_as_it_is_installed_says_what_it_lacks(
    bundle_folder: Path, tmp_path: Path
) -> None:
    installed = tmp_path / "bundle"
    installed.mkdir()
    for name in json.loads((bundle_folder / "card.json").read_text())["files"]:
        if name != "model.keras":
            (installed / name).write_bytes((bundle_folder / name).read_bytes())
    (installed / "card.json").write_bytes((bundle_folder / "card.json").read_bytes())
    picture = SAMPLES / "portraits" / "grace_hopper.jpg"
    found = run("--bundle", installed, "--image", picture, "--output", tmp_path / "out")
    assert found.code == 2
    assert "model.keras: is missing" in found.output
