from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emotion_core.errors import UsageError
from training.config import FitConfig
from training.data.dataset import load_dataset, save_dataset
from training.errors import DatasetError, RunError, WeightsError
from training.files import read_json, write_json
from training.fitting.fit import best_epoch, fit, has_ended
from training.fitting.history_plot import HISTORY_PLOT
from training.fitting.run_folder import (
    BEST,
    CHECKPOINT,
    CONFIG,
    HISTORY_CSV,
    load_best,
    load_checkpoint,
    load_record,
)
from training.networks.architectures import build
from training.networks.joined import joined
from training.networks.saved import load_saved

QUICK = FitConfig("residual", epochs=2, batch_size=64, channels=(4, 8))


LATER = ("conv_dw_13", "conv_dw_13_bn", "conv_pw_13", "conv_pw_13_bn", "fer", "ferplus")
"""Layers of a MobileNet after its twelfth block."""


class Killed(Exception):
    """Stands for the end of the process."""


def kill(row: object) -> None:
    raise Killed


@pytest.fixture(scope="module")
def quick(finished: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    run = tmp_path_factory.mktemp("quick") / "run"
    return SimpleNamespace(run=run, history=fit(finished.data, run, QUICK))


def test_the_fit_learns_what_it_is_shown(finished: SimpleNamespace) -> None:
    last = finished.history[-1]
    assert last["held_back_fer_accuracy"] > 0.8
    assert last["held_back_ferplus_accuracy"] > 0.8
    assert last["loss"] < finished.history[0]["loss"] / 2


def test_the_learning_rate_ends_at_its_share(finished: SimpleNamespace) -> None:
    rates = [row["learning_rate"] for row in finished.history]
    assert rates[0] > rates[-2] > rates[-1]
    assert rates[-1] == pytest.approx(finished.config.learning_rate * finished.config.final_rate)


def test_history_and_configuration_stay_with_the_run(finished: SimpleNamespace) -> None:
    with (finished.run / HISTORY_CSV).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == [str(i) for i in range(1, 7)]
    assert float(rows[3]["loss"]) == finished.history[3]["loss"]
    record = load_record(finished.run)
    assert record.config == finished.config
    assert record.data["name"] == "data.npz"
    assert not list(finished.run.glob(".*"))


def test_the_course_is_drawn_and_steps_are_counted(
    finished: SimpleNamespace, tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []
    once = replace(QUICK, epochs=1, heads="fer", balance="weights", mixup=0.2, average_decay=0)
    fit(finished.data, tmp_path, once, on_step=lambda done, total: steps.append((done, total)))
    assert steps == [(i + 1, len(steps)) for i in range(len(steps))]
    assert (tmp_path / HISTORY_PLOT).read_bytes().startswith(b"\x89PNG")
    with np.load(tmp_path / BEST) as best, np.load(tmp_path / CHECKPOINT) as last:
        # Without an average the best weights are those of the epoch themselves.
        assert "average_updates" not in last.files
        np.testing.assert_array_equal(best["model_0"], last["model_0"])


def test_a_killed_fit_goes_on_as_if_it_had_not_been(
    finished: SimpleNamespace, quick: SimpleNamespace, tmp_path: Path
) -> None:
    with pytest.raises(Killed):
        fit(finished.data, tmp_path / "cut", QUICK, on_epoch=kill)
    resumed: list[int] = []
    cut = fit(finished.data, tmp_path / "cut", QUICK, on_epoch=lambda r: resumed.append(r["epoch"]))
    assert resumed == [2]
    # Sums over several threads come in no fixed order, so the last digits may differ.
    for name in ("loss", "held_back_loss", "learning_rate"):
        assert cut[1][name] == pytest.approx(quick.history[1][name], rel=1e-3)
    with np.load(quick.run / CHECKPOINT) as a, np.load(tmp_path / "cut" / CHECKPOINT) as b:
        assert a.files == b.files
        for name in a.files:
            np.testing.assert_allclose(a[name], b[name], rtol=1e-2, atol=1e-3)


def test_a_fit_ends_when_it_does_not_get_better(finished: SimpleNamespace, tmp_path: Path) -> None:
    # So slow that the held-back loss rises and falls by chance.
    idle = replace(QUICK, epochs=40, learning_rate=1e-9, patience=2, limit=128)
    history = fit(finished.data, tmp_path, idle)
    assert len(history) == best_epoch(history) + 2 < 40
    assert has_ended(history, idle)
    assert fit(finished.data, tmp_path, idle) == history
    assert not has_ended(history, replace(idle, patience=0))
    assert not has_ended(history[:-1], idle)


def test_a_finished_fit_is_left_as_it_is(finished: SimpleNamespace) -> None:
    before = (finished.run / CHECKPOINT).read_bytes()
    assert fit(finished.data, finished.run, finished.config) == finished.history
    assert (finished.run / CHECKPOINT).read_bytes() == before


def test_labels_and_votes_of_test_rows_are_never_learned(
    finished: SimpleNamespace, quick: SimpleNamespace, tmp_path: Path
) -> None:
    changed = finished.dataset
    emotion, votes = changed.emotion.copy(), changed.votes.copy()
    emotion[changed.usage != 0], votes[changed.usage != 0] = 0, 9
    save_dataset(replace(changed, emotion=emotion, votes=votes), tmp_path / "other.npz")
    rows: list[dict[str, Any]] = []
    with pytest.raises(Killed):
        fit(
            tmp_path / "other.npz", tmp_path / "run", QUICK, on_epoch=lambda r: kill(rows.append(r))
        )
    for name in ("loss", "fer_accuracy", "held_back_loss"):
        assert rows[0][name] == pytest.approx(quick.history[0][name], rel=1e-4)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("history.csv", "mine", "holds history.csv that is of no fit here"),
        ("card.json", "{}", "holds card.json that is of no fit here"),
        ("config.json", "[1]", "is not the configuration of a fit"),
        ("config.json", '{"model_type": "bert"}', "is not the configuration of a fit"),
    ],
)
def test_a_folder_of_something_else_is_left_as_it_is(
    finished: SimpleNamespace, tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(RunError, match=message):
        fit(finished.data, tmp_path, QUICK)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, content)]


def test_a_folder_of_another_fit_is_not_mixed_up(finished: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="was made with another seed, dropout"):
        fit(finished.data, finished.run, replace(finished.config, seed=5, dropout=0.2))
    other = load_dataset(finished.data)
    save_dataset(replace(other, emotion=other.emotion[::-1].copy()), tmp_path / "data.npz")
    with pytest.raises(RunError, match="was made with another data set"):
        fit(tmp_path / "data.npz", finished.run, finished.config)


def test_a_run_from_before_a_setting_came_can_be_gone_on_with(
    finished: SimpleNamespace, tmp_path: Path
) -> None:
    once = replace(QUICK, epochs=1)
    history = fit(finished.data, tmp_path, once)
    entry = read_json(tmp_path / CONFIG)
    del entry["config"]["filters"]
    write_json(tmp_path / CONFIG, entry)
    assert fit(finished.data, tmp_path, once) == history
    assert load_record(tmp_path).config == once
    with pytest.raises(RunError, match="was made with another filters"):
        fit(finished.data, tmp_path, replace(once, filters=(8, 8)))


def test_a_damaged_checkpoint_is_named(finished: SimpleNamespace, tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_json(run / CONFIG, read_json(finished.run / CONFIG))
    (run / CHECKPOINT).write_bytes((finished.run / CHECKPOINT).read_bytes()[:2000])
    with pytest.raises(RunError, match=r"checkpoint.npz: .*damaged"):
        fit(finished.data, run, finished.config)


def test_too_few_rows_are_refused_before_a_folder_is_made(
    finished: SimpleNamespace, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="fewer than one batch"):
        fit(finished.data, tmp_path / "run", replace(QUICK, batch_size=4000))
    with pytest.raises(DatasetError, match="cannot be read"):
        fit(tmp_path / "none.npz", tmp_path / "run", QUICK)
    assert not (tmp_path / "run").exists()


def test_refused_weights_leave_the_folder_free(finished: SimpleNamespace, tmp_path: Path) -> None:
    run, other, right = (tmp_path / name for name in ("run", "other.keras", "right.keras"))
    build(replace(QUICK, channels=(4, 4))).save(other)
    build(QUICK).save(right)
    with pytest.raises(WeightsError, match=r"other\.keras: is not the same network"):
        fit(finished.data, run, QUICK, other)
    assert not run.exists()
    assert len(fit(finished.data, run, replace(QUICK, epochs=1), right)) == 1
    assert load_record(run).initial_weights["name"] == "right.keras"


def test_frozen_blocks_are_those_of_a_bundle(finished: SimpleNamespace, tmp_path: Path) -> None:
    one, other, run = (tmp_path / name for name in ("one.keras", "other.keras", "run"))
    config = FitConfig(enlargement=1, frozen_blocks=12, epochs=1, limit=64, batch_size=4)
    for path in (one, other):
        build(config).save(path)
    with pytest.raises(WeightsError, match=r"other\.keras: gives nothing: no block"):
        fit(finished.data, run, replace(config, frozen_blocks=0), one, frozen_from=other)
    with pytest.raises(WeightsError, match=r"other\.keras: gives nothing: no block"):
        fit(finished.data, run, QUICK, frozen_from=other)
    assert not run.exists()
    assert len(fit(finished.data, run, config, one, frozen_from=other)) == 1
    record = load_record(run)
    assert record.initial_weights["name"] == "one.keras"
    assert record.others["frozen_from"]["name"] == "other.keras"
    with pytest.raises(RunError, match="begun with other frozen blocks"):
        fit(finished.data, run, config, one)
    fitted, source = build(config), load_saved(other)
    load_best(run, fitted)
    assert load_checkpoint(run, build(config)).updates, "the average must have been taken"
    both = joined([source, fitted])
    apart = sum(fitted.get_layer(name).count_params() for name in LATER)
    assert both.count_params() == source.count_params() + apart - 15  # one bias for both
    pictures = finished.dataset.images[:8, ..., None].astype("float32")
    each = [network.predict_on_batch(pictures)["fer"] for network in (source, fitted)]
    np.testing.assert_allclose(both.predict_on_batch(pictures)["fer"], np.mean(each, 0), atol=1e-5)
    assert np.abs(each[0] - each[1]).max() > 1e-3
