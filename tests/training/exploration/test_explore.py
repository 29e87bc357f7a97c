from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from training.cli import main
from training.data.dataset import Dataset, save_dataset
from training.data.targets import CONTEMPT
from training.exploration.explore import explore

PICTURES = ("classes", "samples", "pixels", "variance", "eigenfaces", "components")
SPLIT = 120
"""Rows of Training; the other 60 are PublicTest."""


def run(dataset: Dataset, folder: Path) -> SimpleNamespace:
    save_dataset(dataset, folder / "data.npz")
    output = folder / "explored"
    arguments = ["explore", "--data", str(folder / "data.npz"), "--output", str(output)]
    result = CliRunner().invoke(main, arguments)
    if result.exit_code:
        return SimpleNamespace(code=result.exit_code, output=result.output, folder=output)
    return SimpleNamespace(
        code=0,
        output=result.output,
        folder=output,
        figures=json.loads((output / "figures.json").read_text()),
        page=(output / "report.html").read_text("utf-8"),
    )


@pytest.fixture
def stripes(dataset: Dataset) -> Dataset:
    rows = slice(420 - SPLIT, 480)
    arrays = (dataset.images, dataset.emotion, dataset.usage, dataset.votes)
    return Dataset(*(array[rows] for array in arrays))


@pytest.fixture
def planted(stripes: Dataset) -> Dataset:
    """Noise that copies are planted in: two exact, two near, three black."""
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, stripes.images.shape).astype(np.uint8)
    emotion, votes = stripes.emotion.copy(), stripes.votes.copy()
    images[10] = images[11]
    emotion[10:12] = 0, 3
    images[20] = images[SPLIT + 20]
    images[30] = images[31] // 2 + 90
    emotion[30:32] = 4, 4
    images[SPLIT + 40] = images[40] // 2 + 90
    images[[50, 51, SPLIT + 50]] = 0
    emotion[50:52] = 1, 2
    votes[50:52] = 0
    votes[60] = np.eye(10, dtype=np.uint8)[CONTEMPT] * 10
    return replace(stripes, images=images, emotion=emotion, votes=votes)


def test_copies_within_and_across_splits_are_counted(planted: Dataset, tmp_path: Path) -> None:
    found = run(planted, tmp_path)
    assert found.code == 0, found.output
    duplicates = found.figures["duplicates"]
    assert duplicates["even"] == {"Training": 2, "PublicTest": 1}
    none = {"groups": 0, "rows": 0}
    for kind, groups, shared in (("exact", 1, 1), ("near", 2, 2)):
        counts = duplicates[kind]
        assert counts["within"]["Training"] == {"groups": groups, "rows": 2 * groups}
        assert counts["within"]["PublicTest"] == none
        assert [row["rows"] for row in counts["across"]] == [shared, shared]
        # The black pictures have two labels, but show nothing.
        assert counts["conflicting_labels"] == {"groups": 1, "rows": 2}
        assert (found.folder / f"conflicts_{kind}.png").exists()
        assert f"{kind} copies: {2 * groups} Training rows in {groups} groups" in found.output
    assert "<td>PublicTest rows also in Training</td><td></td><td>2</td>" in found.page
    assert "at least 0.92" in found.page


def test_classes_and_agreement_are_those_of_the_training_rows(
    planted: Dataset, tmp_path: Path
) -> None:
    found = run(planted, tmp_path)
    figures = found.figures
    assert figures["rows"] == {"Training": SPLIT, "PublicTest": 60, "PrivateTest": 0}
    fer = np.bincount(planted.emotion[:SPLIT], minlength=7)
    assert list(figures["classes"]["fer"].values()) == fer.tolist()
    assert figures["classes"]["without_usable_votes"] == 2
    assert figures["classes"]["ferplus_majority"]["contempt"] == 1
    agreement = figures["agreement"]
    assert agreement["rows"] == SPLIT - 2
    matrix = agreement["matrix"]
    assert sum(sum(row.values()) for row in matrix.values()) == SPLIT - 2
    others = sum(
        count
        for emotion, row in matrix.items()
        for column, count in row.items()
        if emotion[:3] != column[:3] and (emotion, column) != ("angry", "anger")
    )
    assert agreement["share"] == pytest.approx(1 - others / (SPLIT - 2), abs=1e-4)
    assert f"{agreement['share']:.1%} of 118 rows" in found.page
    assert sorted(path.stem for path in found.folder.glob("*.png")) == sorted(
        [*PICTURES, "agreement", "conflicts_exact", "conflicts_near"]
    )
    assert found.page.count("data:image/png;base64,") == 9


def test_labels_and_votes_of_test_rows_change_nothing(planted: Dataset, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    emotion, votes = planted.emotion.copy(), planted.votes.copy()
    emotion[SPLIT:] = rng.integers(0, 7, 60)
    votes[SPLIT:] = rng.integers(0, 10, (60, 10))
    (tmp_path / "other").mkdir()
    first = run(planted, tmp_path)
    second = run(replace(planted, emotion=emotion, votes=votes), tmp_path / "other")
    assert first.page == second.page
    del first.figures["data"], second.figures["data"]
    assert first.figures == second.figures


def test_a_few_components_hold_most_of_what_stripes_vary_by(
    stripes: Dataset, tmp_path: Path
) -> None:
    save_dataset(stripes, tmp_path / "data.npz")
    components = explore(tmp_path / "data.npz", tmp_path / "explored")["components"]
    assert len(components["explained"]) == 10
    assert sum(components["explained"]) > 0.4
    assert components["needed_for"]["50%"] <= 12


def test_without_votes_or_copies_or_some_classes_their_parts_are_left_out(
    dataset: Dataset, tmp_path: Path
) -> None:
    rows = np.flatnonzero((dataset.emotion != 1) & (dataset.usage == 0))[:12]
    images = np.random.default_rng(5).integers(0, 256, (12, 48, 48)).astype(np.uint8)
    votes = np.zeros((12, 10), np.uint8)
    small = Dataset(images, dataset.emotion[rows], dataset.usage[rows], votes)
    found = run(small, tmp_path)
    assert found.code == 0, found.output
    assert found.figures["agreement"] is None
    assert "FER+ majority" not in found.page
    assert "disgust" not in found.figures["pixels"]
    assert sorted(path.stem for path in found.folder.glob("*.png")) == sorted(PICTURES)


def test_a_data_set_that_shows_nothing_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    found = run(replace(dataset, images=np.zeros_like(dataset.images)), tmp_path)
    assert found.code == 2
    assert "data.npz: has fewer than two Training rows" in found.output
    assert not found.folder.exists()
