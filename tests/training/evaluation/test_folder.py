"""Bundles measured on folders: pictures taken whole, and faces found in them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from emotion_core.analyse import FaceCutter
from emotion_core.bundle import load_bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.emotions.classifier import Classifier
from emotion_core.errors import UsageError
from emotion_core.labels import EMOTIONS
from emotion_core.media.still import read_still
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import AnalysisOptions
from tests.training.conftest import SHARED, make_dataset, write_class_folder
from training.cli import main
from training.comparison.paired import compare_bundles
from training.data.dataset import save_dataset
from training.data.pictures import read_class_folder
from training.errors import DatasetError
from training.evaluation.comparisons import SHIPPED_ON_FER, line_up
from training.evaluation.evaluate import Evaluation, evaluate, write_into_card
from training.evaluation.report import write_report
from training.evaluation.sample import load_sample

PORTRAITS = Path(__file__).resolve().parents[3] / "sample_media" / "portraits"
DETECTION = AnalysisOptions()


@pytest.fixture(scope="module")
def stripes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train and test folders of 48-px pictures, some test pictures being also in train."""
    folder = tmp_path_factory.mktemp("folders") / "stripes"
    dataset = make_dataset(120)
    dataset.images[90:95] = dataset.images[:5]
    return write_class_folder(folder, dataset)


@pytest.fixture(scope="module")
def portraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs of one and of three faces, and one of none."""
    folder = tmp_path_factory.mktemp("folders") / "some portraits"
    for emotion, name in (
        ("happy", "eileen_collins.jpg"),
        ("happy", "group/three_faces.jpg"),
        ("neutral", "grace_hopper.jpg"),
    ):
        (folder / emotion).mkdir(parents=True, exist_ok=True)
        shutil.copy(PORTRAITS / name, folder / emotion)
    (folder / "sad").mkdir()
    Image.new("RGB", (200, 150), "green").save(folder / "sad" / "lawn.png")
    return folder


@pytest.fixture(scope="module")
def detected(portraits: Path) -> Evaluation:
    return evaluate(DEFAULT_BUNDLE, portraits, detection=DETECTION)


def figures_alone(evaluation: Evaluation) -> dict[str, Any]:
    apart = {"data_sha256", "command", "notes", "milliseconds_per_face"}
    return {name: value for name, value in evaluation.to_dict().items() if name not in apart}


def test_a_folder_gives_the_figures_of_the_data_set_prepared_from_it(
    bundle_folder: Path, stripes: Path, tmp_path: Path
) -> None:
    save_dataset(read_class_folder(stripes), tmp_path / "stripes.npz")
    found = evaluate(bundle_folder, stripes)
    prepared = evaluate(bundle_folder, tmp_path / "stripes.npz")
    assert figures_alone(found) == figures_alone(prepared)
    assert found.split == found.measured_on == "PublicTest"
    assert found.rows == 30
    assert {scores.rows for scores in found.unseen.values()} == {25}
    assert found.identity["command"] == (
        "emotion-training evaluate --bundle BUNDLE --data stripes --split PublicTest"
    )


def test_without_votes_everything_shown_is_held_to_the_labels(
    bundle_folder: Path, stripes: Path, tmp_path: Path
) -> None:
    found = evaluate(bundle_folder, stripes)
    assert found.rated == SHIPPED_ON_FER
    assert found.coverage[1.0] == found.scores[SHIPPED_ON_FER].accuracy
    assert all("majority" not in name for name in found.scores)
    write_report(found, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "FER labels are the names of the class folders" in page
    assert "majority" not in page


def test_a_folder_without_splits_is_measured_whole(
    bundle_folder: Path, stripes: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "it's plain"
    shutil.copytree(stripes / "test", plain)
    found = evaluate(bundle_folder, plain)
    assert found.split == "it's plain"
    assert found.scores[SHIPPED_ON_FER].to_dict() == (
        evaluate(bundle_folder, stripes).scores[SHIPPED_ON_FER].to_dict()
    )
    assert not found.unseen, "which pictures occur in Training is not known"
    assert found.identity["command"].endswith("""--data 'it'"'"'s plain'""")
    with pytest.raises(UsageError, match="has no split folders and is measured whole"):
        evaluate(bundle_folder, plain, "PublicTest")


def test_a_split_without_pictures_is_refused(bundle_folder: Path, stripes: Path) -> None:
    for detection in (None, DETECTION):
        with pytest.raises(DatasetError, match="stripes: holds no PrivateTest pictures"):
            evaluate(bundle_folder, stripes, "PrivateTest", detection)


def test_bundles_are_compared_on_a_folder(bundle_folder: Path, stripes: Path) -> None:
    found = compare_bundles([bundle_folder, DEFAULT_BUNDLE], stripes)
    assert found.split == "PublicTest"
    for position, folder in enumerate((bundle_folder, DEFAULT_BUNDLE)):
        alone = evaluate(folder, stripes)
        assert found.data_sha256 == alone.identity["data_sha256"]
        for name, scores in alone.scores.items():
            assert found.results[name].scores[position].to_dict() == scores.to_dict()


def test_missed_faces_are_reported_apart(detected: Evaluation) -> None:
    figures = detected.to_dict()["detection"]
    assert detected.rows == 3
    assert (figures["pictures"], figures["without_a_face"]) == (4, 1)
    assert figures["with_several_faces"] == 1
    assert figures["per_class"] == {
        "happy": {"pictures": 2, "without_a_face": 0, "with_several_faces": 1},
        "sad": {"pictures": 1, "without_a_face": 1, "with_several_faces": 0},
        "neutral": {"pictures": 1, "without_a_face": 0, "with_several_faces": 0},
    }
    assert figures["missed_files"] == ["sad/lawn.png"]
    for name, scores in detected.scores.items():
        over_all = figures["missed_counted_as_wrong"][name]
        assert scores.rows == 3
        assert over_all["pictures"] == 4
        assert over_all["accuracy"] == pytest.approx(scores.accuracy * 3 / 4, abs=1e-4)
        low, high = over_all["accuracy_interval_95"]
        assert low < over_all["accuracy"] < high


def test_the_largest_face_is_cut_and_named_as_annotation_does(portraits: Path) -> None:
    bundle = load_bundle(DEFAULT_BUNDLE)
    sample = load_sample(portraits, None, bundle.input_size, DETECTION)
    cutter = FaceCutter(AnalysisOptions(max_faces=1), bundle.input_size)
    names = ["happy/eileen_collins.jpg", "happy/three_faces.jpg", "neutral/grace_hopper.jpg"]
    for name, crop in zip(names, sample.crops, strict=True):
        cut = cutter.cut_still(0, read_still(portraits / name))
        np.testing.assert_array_equal(crop, cut.crops[0])
    labels = [EMOTIONS[code] for code in sample.dataset.emotion]
    assert labels == ["happy", "happy", "neutral"]


def test_the_report_and_the_card_tell_of_the_search(detected: Evaluation, tmp_path: Path) -> None:
    write_report(detected, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    for text in ("some portraits, faces detected", "sad/lawn.png", "1 (25.0%)", "--detect"):
        assert text in page
    assert json.loads((tmp_path / "figures.json").read_text()) == detected.to_dict()
    (tmp_path / "card.json").write_text("{}")
    write_into_card(detected, tmp_path)
    metrics = json.loads((tmp_path / "card.json").read_text())["metrics"]
    assert list(metrics) == ["some portraits, faces detected"]


def test_only_the_split_is_searched(portraits: Path, tmp_path: Path) -> None:
    shutil.copytree(portraits, tmp_path / "test")
    picture = tmp_path / "train" / "sad" / "broken.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"")
    sample = load_sample(tmp_path, None, 48, DETECTION)
    assert sample.search is not None
    assert len(sample.search) == 4
    assert sample.search.missed_names == ["test/sad/lawn.png"]


def test_bundles_are_compared_on_the_same_found_faces(
    portraits: Path, detected: Evaluation, tmp_path: Path
) -> None:
    arguments = ["compare", *["--bundle", str(DEFAULT_BUNDLE)] * 2, "--data", str(portraits)]
    result = CliRunner().invoke(
        main, [*arguments, "--detect", "--output", str(tmp_path)], env={"COLUMNS": "80"}
    )
    assert result.exit_code == 0, result.output
    assert "no face found in: sad/lawn.png" in result.output
    figures = json.loads((tmp_path / "figures.json").read_text())
    alone = detected.to_dict()
    assert figures["detection"]["missed_files"] == ["sad/lawn.png"]
    assert "missed_counted_as_wrong" not in figures["detection"]
    assert figures["results"][SHIPPED_ON_FER]["A"] == alone["results"][SHIPPED_ON_FER]
    report = (tmp_path / "report.html").read_text("utf-8")
    assert "No face found in: sad/lawn.png" in report


def test_crops_have_nothing_to_detect(
    finished: SimpleNamespace, bundle_folder: Path, stripes: Path
) -> None:
    with pytest.raises(UsageError, match="holds bare faces, in which there is nothing to detect"):
        evaluate(bundle_folder, finished.data, detection=DETECTION)
    with pytest.raises(DatasetError, match="no face was found in any of 30 pictures"):
        evaluate(bundle_folder, stripes, detection=DETECTION)


def test_a_bundle_needs_no_more_than_the_shipped_output(stripes: Path) -> None:
    sample = load_sample(stripes, None, 48)
    outputs = Classifier(load_bundle(DEFAULT_BUNDLE)).predict(sample.crops)
    logits = {"logits": outputs["logits"]}
    found = line_up(logits, sample.dataset, sample.rows, Calibration(1, 0), sample.quality)
    assert list(found) == [SHIPPED_ON_FER]


def test_photographs_of_groups_are_searched(tmp_path: Path) -> None:
    photos = SHARED / "photos"
    if not photos.is_dir():
        pytest.skip(f"no photographs at {photos}")
    shutil.copytree(photos, tmp_path / "neutral", ignore=shutil.ignore_patterns("*.xml"))
    search = load_sample(tmp_path, None, 48, DETECTION).search
    assert search is not None
    assert search.overall.pictures == len(list((tmp_path / "neutral").iterdir()))
    assert search.overall.missed < search.overall.pictures
