from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.conftest import make_dataset
from training.config import FitConfig, read_settings
from training.data.dataset import save_dataset
from training.errors import RunError
from training.files import read_json
from training.fitting.fit import fit
from training.fitting.run_folder import CHECKPOINT, HISTORY
from training.networks.architectures import build
from training.tuning.report import BEST, FIGURES, TRIALS_CSV, write_results
from training.tuning.search import TRIALS, Search, Trial, tune
from training.tuning.space import CONVOLUTIONS, DROPOUTS

SMALL = FitConfig("tuned", epochs=1, batch_size=16, limit=32)


class Killed(Exception):
    """Stands for the end of the process."""


class Course:
    """What a search says of its trials; it is killed after some of them."""

    def __init__(self, killed_after: int | None = None) -> None:
        self.killed_after = killed_after
        self.trials: list[Trial] = []
        self.fresh: list[bool] = []

    def __call__(self, trial: Trial, number: int, fresh: bool) -> None:
        self.trials.append(trial)
        self.fresh.append(fresh)
        assert number == len(self.trials)
        if number == self.killed_after:
            raise Killed


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tuning") / "data.npz"
    save_dataset(make_dataset(), path)
    return path


@pytest.fixture(scope="module")
def folder(data: Path) -> Path:
    return data.parent / "search"


@pytest.fixture(scope="module")
def found(data: Path, folder: Path) -> Search:
    search = tune(data, folder, SMALL, trials=3)
    write_results(search, folder)
    return search


def test_trials_lie_in_the_space_and_the_best_comes_first(found: Search) -> None:
    assert len(found.trials) == len({trial.name for trial in found.trials}) == 3
    accuracies = [trial.accuracy for trial in found.trials]
    assert accuracies == sorted(accuracies, reverse=True)
    for trial in found.trials:
        assert len(trial.settings["filters"]) == CONVOLUTIONS
        assert all(32 <= n <= 256 and n % 32 == 0 for n in trial.settings["filters"])
        assert trial.settings["dropout"] in DROPOUTS
        assert 1e-4 <= trial.settings["learning_rate"] <= 3e-3
        assert trial.epochs == 1
    assert (found.fitted_rows, found.held_back_rows) == (32, 23)


def test_what_is_left_is_whole_and_without_checkpoints(found: Search, folder: Path) -> None:
    assert {path.name for path in (folder / TRIALS).iterdir()} == {t.name for t in found.trials}
    assert not list(folder.rglob(CHECKPOINT))
    assert not list(folder.rglob("*.part"))


def test_the_best_settings_are_those_of_a_fit(found: Search, folder: Path) -> None:
    config = FitConfig(**read_settings(folder / BEST))
    best = found.best.settings
    expected = FitConfig("tuned", batch_size=16, **best)
    assert config == expected
    network = build(config)
    filters = [layer.filters for layer in network.layers if layer.name.endswith("_conv")]
    assert tuple(filters) == best["filters"]
    assert network.get_layer("dense").units == best["dense"]
    assert network.get_layer("dropout").rate == best["dropout"]


def test_all_trials_are_in_the_table_the_figures_and_the_report(
    found: Search, folder: Path
) -> None:
    with (folder / TRIALS_CSV).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["rank"] for row in rows] == ["1", "2", "3"]
    for row, trial in zip(rows, found.trials, strict=True):
        assert row["filters"] == ",".join(map(str, trial.settings["filters"]))
        assert float(row["learning_rate"]) == trial.settings["learning_rate"]
        assert float(row["held_back_fer_accuracy"]) == trial.accuracy
    figures = json.loads((folder / FIGURES).read_text())
    assert figures["trials"][0]["filters"] == list(found.best.settings["filters"])
    assert figures["objective"] == "held_back_fer_accuracy"
    page = (folder / "report.html").read_text()
    assert page.count("data:image/png") == 2
    assert "http" not in page.replace("http-equiv", "")
    for name in ("settings.png", "courses.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_more_trials_add_to_those_that_are_finished(
    found: Search, data: Path, folder: Path
) -> None:
    course = Course()
    more = tune(data, folder, SMALL, trials=4, on_trial=course)
    assert course.fresh == [False, False, False, True]
    assert {t.name for t in found.trials} < {t.name for t in more.trials}
    assert {t.name: t.history for t in course.trials[:3]} == {
        t.name: t.history for t in found.trials
    }


def test_a_killed_process_is_gone_on_with(data: Path, found: Search, tmp_path: Path) -> None:
    config = replace(SMALL, epochs=3)
    command = ["tune", "--data", data, "--output", tmp_path, "--trials", 3, "--epochs", 3]
    command += ["--batch-size", SMALL.batch_size, "--limit", SMALL.limit]
    script = "from training.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("trial 1 ")
        until = time.monotonic() + 120
        while not list((tmp_path / TRIALS).glob(f"*/{CHECKPOINT}")):
            assert process.poll() is None, "the search ended before it was interrupted"
            assert time.monotonic() < until
            time.sleep(0.005)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    before = {path: read_json(path / HISTORY) for path in (tmp_path / TRIALS).iterdir()}
    assert len(before) == 2
    assert not (tmp_path / BEST).exists()

    course = Course()
    tune(data, tmp_path, config, trials=3, on_trial=course)
    assert (course.fresh[0], course.fresh[2]) == (False, True)
    assert {t.name for t in course.trials} == {t.name for t in found.trials}
    for path, history in before.items():
        # Seconds tell a row that was kept from one that was made again.
        kept = read_json(path / HISTORY)
        assert len(kept) == 3
        assert kept[0] == history[0]


def test_hyperband_goes_on_with_those_that_are_best(data: Path, tmp_path: Path) -> None:
    config = replace(SMALL, epochs=3)
    killed = Course(killed_after=4)
    with pytest.raises(Killed):
        tune(data, tmp_path, config, "hyperband", on_trial=killed)
    course = Course()
    search = tune(data, tmp_path, config, "hyperband", on_trial=course)
    assert course.fresh[:4] == [False] * 4
    assert all(course.fresh[4:])
    assert [t.epochs for t in course.trials] == [1, 1, 1, 3, 3, 3]
    promoted, begun = course.trials[3], course.trials[:3]
    start = max(begun, key=lambda trial: trial.accuracy)
    assert promoted.settings == start.settings
    assert promoted.history[:1] == start.history, "its first epoch is not fitted again"
    assert [t.epochs for t in search.trials] == [3, 3, 3, 1, 1]
    assert not list(tmp_path.rglob(CHECKPOINT))


def test_a_folder_of_something_else_is_refused(
    found: Search, data: Path, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="was made with another epochs, seed"):
        tune(data, folder, replace(SMALL, seed=7, epochs=2))
    with pytest.raises(RunError, match="a search of another kind"):
        tune(data, folder, SMALL, "hyperband")
    with pytest.raises(RunError, match="holds a fit"):
        fit(data, folder, replace(SMALL, patience=0))
    save_dataset(make_dataset(seed=1), tmp_path / "data.npz")
    with pytest.raises(RunError, match="another data set"):
        tune(tmp_path / "data.npz", folder, SMALL)


def test_labels_and_votes_of_test_rows_choose_nothing(
    found: Search, data: Path, tmp_path: Path
) -> None:
    dataset = make_dataset()
    emotion, votes = dataset.emotion.copy(), dataset.votes.copy()
    emotion[dataset.usage != 0], votes[dataset.usage != 0] = 0, 9
    save_dataset(replace(dataset, emotion=emotion, votes=votes), tmp_path / "data.npz")
    course = Course()
    tune(tmp_path / "data.npz", tmp_path / "search", SMALL, trials=1, on_trial=course)
    same = next(t for t in found.trials if t.name == course.trials[0].name)
    assert course.trials[0].loss == pytest.approx(same.loss, rel=1e-3)
