from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import binom

from emotion_core.bundle import load_bundle
from emotion_core.errors import UsageError
from emotion_core.labels import EMOTIONS
from training.cli import main
from training.comparison.paired import compare_bundles, mcnemar, pair
from training.comparison.plots import plot_recall
from training.evaluation.comparisons import Answers
from training.evaluation.evaluate import evaluate


@pytest.fixture(scope="session")
def worse_folder(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same network with noise on its weights."""
    import keras

    from emotion_core.files import hash_file
    from training.bundling.inference_form import with_shipped_outputs, write_openvino

    folder = tmp_path_factory.mktemp("bundles") / "worse"
    shutil.copytree(bundle_folder, folder)
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        noise = rng.normal(0, 0.5 * float(np.std(variable)), variable.shape)
        variable.assign(np.asarray(variable) + noise)
    model.save(folder / "model.keras", include_optimizer=False)
    write_openvino(with_shipped_outputs(model), folder / "model.xml")
    card = json.loads((folder / "card.json").read_text())
    card["files"] = {name: hash_file(folder / name) for name in card["files"]}
    (folder / "card.json").write_text(json.dumps(card))
    return folder


@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 9), (9, 3), (120, 95), (7, 7), (0, 30)])
def test_the_p_value_is_that_of_the_binomial(first: int, second: int) -> None:
    n, k = first + second, min(first, second)
    assert mcnemar(first, second) == pytest.approx(min(1.0, 2 * binom.cdf(k, n, 0.5)))


def test_without_a_row_that_only_one_gets_right_nothing_speaks_for_either() -> None:
    assert mcnemar(0, 0) == 1.0


def test_known_counts_are_found_row_by_row() -> None:
    truth = np.zeros(20, np.int64)
    first, second = (np.tile(np.eye(7, dtype=np.float32)[0], (20, 1)) for _ in range(2))
    first[:6] = np.eye(7)[1]  # only the second is right on these
    second[5:7] = np.eye(7)[2]  # both wrong on row 5, only the first right on row 6
    paired = pair([Answers(EMOTIONS, truth, answers) for answers in (first, second, first)])
    better, same = paired.pairings
    assert (better.only_first, better.only_this) == (1, 5)
    assert better.difference == pytest.approx(0.2)
    assert better.p_value == pytest.approx(2 * 7 / 64)
    assert (same.only_first, same.only_this, same.difference, same.p_value) == (0, 0, 0.0, 1.0)


def test_each_bundle_has_the_figures_that_it_has_alone(
    finished: SimpleNamespace, bundle_folder: Path, worse_folder: Path
) -> None:
    found = compare_bundles([bundle_folder, worse_folder], finished.data)
    for position, folder in enumerate((bundle_folder, worse_folder)):
        alone = evaluate(folder, finished.data)
        for name, scores in alone.scores.items():
            assert found.results[name].scores[position].to_dict() == scores.to_dict()
    for paired in found.results.values():
        (pairing,) = paired.pairings
        first, second = paired.scores
        assert pairing.difference == pytest.approx(second.accuracy - first.accuracy)
    assert found.to_dict()["bundles"]["B"]["folder"] == "worse"


def test_one_bundle_is_no_comparison(finished: SimpleNamespace, bundle_folder: Path) -> None:
    with pytest.raises(UsageError, match="1 bundles: pass --bundle two"):
        compare_bundles([bundle_folder], finished.data)


def test_the_command_shows_and_writes_the_comparison(
    finished: SimpleNamespace, bundle_folder: Path, worse_folder: Path, tmp_path: Path
) -> None:
    bundles = ["--bundle", str(bundle_folder), "--bundle", str(worse_folder)]
    arguments = ["compare", *bundles, "--data", str(finished.data), "--output", str(tmp_path)]
    result = CliRunner().invoke(main, arguments, env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    for text in (load_bundle(bundle_folder).name, "FER head vs FER labels", "difference"):
        assert text in result.output
    assert "<0.0001" in result.output
    figures = json.loads((tmp_path / "figures.json").read_text())
    b = figures["results"]["shipped output vs FER+ majority"]["B"]
    assert b["rows_only_first_right"] > b["rows_only_this_right"]
    assert b["mcnemar_exact_p"] < 0.05
    assert "McNemar" in (tmp_path / "report.html").read_text("utf-8")
    assert len(list(tmp_path.glob("recall_*.png"))) == 4


def test_a_bar_stands_for_each_class_and_bundle() -> None:
    truth = np.arange(14) % 7
    answers = Answers(EMOTIONS, truth, np.eye(7, dtype=np.float32)[truth])
    paired = pair([answers, answers, answers])
    figure = plot_recall(paired.scores, ["A", "B", "C"])
    (axes,) = figure.axes
    assert [bar.get_height() for bar in axes.patches] == [100.0] * 21
