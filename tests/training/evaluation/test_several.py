"""A bundle on several evaluation sets beside each other."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from emotion_core.errors import UsageError
from emotion_core.labels import EMOTIONS
from tests.training.conftest import make_dataset, write_class_folder
from training.cli import main
from training.data.dataset import save_dataset
from training.evaluation.comparisons import REPORTED, SHIPPED_ON_FER
from training.evaluation.evaluate import evaluate
from training.evaluation.several import SeveralSets, evaluate_sets, name_sets
from training.evaluation.several_tables import describe_sets


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A data set with votes, a folder, and a folder of four emotions with an odd name."""
    folder = tmp_path_factory.mktemp("sets")
    save_dataset(make_dataset(120), folder / "votes.npz")
    write_class_folder(folder / "folder", make_dataset(240, seed=1))
    shutil.copytree(folder / "folder" / "test", folder / "four [b] emotions")
    for name in ("angry", "fear", "sad"):
        shutil.rmtree(folder / "four [b] emotions" / name)
    return [folder / "votes.npz", folder / "folder", folder / "four [b] emotions"]


@pytest.fixture(scope="module")
def found(bundle_folder: Path, sets: list[Path]) -> SeveralSets:
    return evaluate_sets(bundle_folder, sets)


def test_each_set_has_the_figures_that_it_has_alone(
    bundle_folder: Path, sets: list[Path], found: SeveralSets
) -> None:
    assert [each.held_to for each in found.sets] == [REPORTED, SHIPPED_ON_FER, SHIPPED_ON_FER]
    for data, each in zip(sets, found.sets, strict=True):
        alone = evaluate(bundle_folder, data)
        assert each.name == data.name
        assert each.held_to == alone.rated
        assert each.scores.to_dict() == alone.scores[alone.rated].to_dict()
        assert each.abstention == alone.abstention


def test_means_give_each_set_the_same_weight(found: SeveralSets) -> None:
    written = json.loads(json.dumps(found.to_dict()))
    results = [each["result"] for each in written["sets"].values()]
    assert len({result["rows"] for result in results}) == 3
    for figure in ("accuracy", "balanced_accuracy", "macro_f1", "ece_15_bins", "aurc"):
        expected = np.mean([result[figure] for result in results])
        assert written["mean_of_sets"][figure] == pytest.approx(expected, abs=1e-5)
    for emotion in EMOTIONS:
        classes = [r["per_class"][emotion] for r in results if r["per_class"][emotion]["rows"]]
        assert len(classes) == (2 if emotion in ("angry", "fear", "sad") else 3)
        expected = np.mean([each["recall"] for each in classes])
        assert written["mean_of_sets"]["recall"][emotion] == pytest.approx(expected, abs=1e-5)


def test_the_tables_fit_80_columns_and_name_what_is_missing(found: SeveralSets) -> None:
    shown = io.StringIO()
    console = Console(file=shown, width=80)
    for part in describe_sets(found):
        console.print(part, markup=False)
    text = shown.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text, "nothing is cut off"
    assert "Nothing is labelled angry, fear, sad" in " ".join(text.split())
    for each in found.sets:
        assert f"{100 * each.scores.balanced_accuracy:.1f}" in text
    assert "[b]" in text, "a name is never markup"


def test_sets_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    sets = [tmp_path / "a" / "test", tmp_path / "b" / "test"]
    assert name_sets(sets) == {"a/test": sets[0], "b/test": sets[1]}
    with pytest.raises(UsageError, match="named twice"):
        name_sets([*sets, tmp_path / "b" / ".." / "a" / "test"])


def test_the_command_writes_report_figures_and_card(
    bundle_folder: Path, sets: list[Path], tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(bundle_folder, bundle)
    arguments = ["evaluate", "--bundle", str(bundle), "--output", str(tmp_path / "out"), "--card"]
    for data in sets:
        arguments += ["--data", str(data)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "out" / "figures.json").read_text("utf-8"))
    card = json.loads((bundle / "card.json").read_text("utf-8"))
    assert card["metrics"]["sets"] == figures["sets"]
    assert list(figures["sets"]) == [data.name for data in sets]
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "four [b] emotions" in page
    assert "Nothing is labelled angry, fear, sad" in page
