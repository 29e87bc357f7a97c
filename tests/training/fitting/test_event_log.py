from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from emotion_core.errors import OutputError
from training.config import FitConfig
from training.fitting.event_log import EVENT_LOG, EventLog
from training.fitting.fit import fit

QUICK = FitConfig("residual", epochs=2, batch_size=64, channels=(4, 8))


def read(run: Path, curve: str) -> EventAccumulator:
    accumulator = EventAccumulator(str(run / EVENT_LOG / curve))
    accumulator.Reload()
    return accumulator


def steps(run: Path, curve: str = "fitted") -> list[int]:
    return [event.step for event in read(run, curve).Scalars("loss")]


def test_each_epoch_has_its_figures_of_fitted_and_held_back_rows(finished: SimpleNamespace) -> None:
    fitted, held_back = read(finished.run, "fitted"), read(finished.run, "held_back")
    figures = {"loss", "fer_loss", "fer_accuracy", "ferplus_loss", "ferplus_accuracy"}
    assert set(held_back.Tags()["scalars"]) == figures
    assert set(fitted.Tags()["scalars"]) == figures | {"learning_rate", "seconds"}
    for log, tag, column in (
        (fitted, "fer_accuracy", "fer_accuracy"),
        (fitted, "learning_rate", "learning_rate"),
        (held_back, "loss", "held_back_loss"),
    ):
        events = log.Scalars(tag)
        assert [event.step for event in events] == [row["epoch"] for row in finished.history]
        assert [event.value for event in events] == pytest.approx(
            [row[column] for row in finished.history]
        )


def test_a_resumed_fit_has_each_epoch_once(finished: SimpleNamespace, tmp_path: Path) -> None:
    def interrupt(row: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(finished.data, tmp_path, QUICK, on_epoch=interrupt)
    assert steps(tmp_path) == [1]
    fit(finished.data, tmp_path, QUICK)
    assert steps(tmp_path, "fitted") == steps(tmp_path, "held_back") == [1, 2]


def test_a_finished_fit_can_get_a_log_later(finished: SimpleNamespace, tmp_path: Path) -> None:
    once = replace(QUICK, epochs=1)
    fit(finished.data, tmp_path, once, tensorboard=False)
    assert not (tmp_path / EVENT_LOG).exists()
    fit(finished.data, tmp_path, once)
    assert steps(tmp_path) == [1]
    before = [*(tmp_path / EVENT_LOG).rglob("events.*")]
    fit(finished.data, tmp_path, once)
    assert [*(tmp_path / EVENT_LOG).rglob("events.*")] == before


@pytest.mark.parametrize("logged", [1, 3], ids=["behind", "ahead"])
def test_a_log_that_is_not_where_the_checkpoint_is_is_put_right(
    finished: SimpleNamespace, tmp_path: Path, logged: int
) -> None:
    EventLog(tmp_path).write(finished.history[:logged])
    for path in tmp_path.rglob("events.*"):
        path.write_bytes(path.read_bytes()[:-5])  # the process ended while it was writing
    resumed = EventLog(tmp_path)
    resumed.write(finished.history[:2])
    first, second = read(tmp_path, "fitted").Scalars("loss")
    assert second.wall_time - first.wall_time == pytest.approx(finished.history[1]["seconds"])
    resumed.write(finished.history[:4])
    assert steps(tmp_path) == [1, 2, 3, 4]


def test_a_run_that_cannot_be_written_is_named(tmp_path: Path, finished: SimpleNamespace) -> None:
    (tmp_path / EVENT_LOG).write_text("a file where the folder should be")
    with pytest.raises(OutputError, match=EVENT_LOG):
        EventLog(tmp_path).write(finished.history)
