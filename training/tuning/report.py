"""What a search has found: on the terminal, as files, and as settings of a fit."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from training.config import as_toml
from training.evaluation.metrics import wilson_interval
from training.files import write_json, write_whole
from training.report import Report
from training.tuning.search import OBJECTIVE, Search, Trial

TRIALS_CSV, FIGURES, BEST = "trials.csv", "figures.json", "best.toml"

COLUMNS: Final = (
    "filters", "dense", "dropout", "learning rate", "epochs", "FER %", "loss", "seconds",
)  # fmt: skip

SHOWN: Final = 10
"""Trials in the table on the terminal."""

_FIGURES: Final = (
    OBJECTIVE, "held_back_ferplus_accuracy", "held_back_loss", "fer_accuracy", "loss",
)  # fmt: skip


def shown(value: Any) -> str:
    """A setting, in few characters."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}"


def table(search: Search) -> Table:
    """The best trials, figures on held-back rows."""
    count = min(SHOWN, len(search.trials))
    title = f"best {count} of {len(search.trials)} settings, {search.held_back_rows:,} rows"
    listed = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in COLUMNS:
        listed.add_column(heading, justify="right", no_wrap=heading == "filters")
    for trial in search.trials[:SHOWN]:
        listed.add_row(*_cells(trial))
    return listed


def write_results(search: Search, folder: Path) -> None:
    """Write all trials, the best as settings of a fit, and a report with its pictures.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    write_json(folder / FIGURES, _figures(search))
    write_whole(folder / TRIALS_CSV, _csv(search).encode())
    write_whole(folder / BEST, best_settings(search).encode())
    _report(search).write(folder)


def best_settings(search: Search) -> str:
    """The settings of the best trial as TOML, which ``emotion-training fit --config`` takes."""
    best = search.best
    settings = {
        "architecture": search.config.architecture,
        **best.settings,
        "batch_size": search.config.batch_size,
    }
    return (
        f"# Best of {len(search.trials)} settings: FER labels of {best.accuracy:.1%} of "
        f"{search.held_back_rows} held-back rows after {best.epochs} epochs.\n"
        f"{as_toml(settings)}"
    )


def _figures(search: Search) -> dict[str, Any]:
    return {
        "objective": OBJECTIVE,
        "tuner": search.tuner,
        "data": dict(search.data),
        "fitted_rows": search.fitted_rows,
        "held_back_rows": search.held_back_rows,
        "epochs": search.config.epochs,
        "seed": search.config.seed,
        "batch_size": search.config.batch_size,
        "best_interval_95": [round(bound, 4) for bound in _interval(search)],
        "trials": [{**trial.settings, **_last_figures(trial)} for trial in search.trials],
    }


def _csv(search: Search) -> str:
    text = io.StringIO()
    rows = []
    for rank, trial in enumerate(search.trials, 1):
        settings = {name: shown(value) for name, value in trial.settings.items()}
        rows.append({"rank": rank, **settings, **_last_figures(trial)})
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _last_figures(trial: Trial) -> dict[str, Any]:
    """Those after the last epoch, and the time of all."""
    figures = {name: value for name, value in trial.history[-1].items() if name in _FIGURES}
    return {"epochs": trial.epochs, **figures, "seconds": round(trial.seconds, 1)}


def _report(search: Search) -> Report:
    from training.tuning import plots

    low, high = _interval(search)
    report = Report(f"{len(search.trials)} settings of the tuned CNN")
    report.text(
        f"Each was fitted to {search.fitted_rows:,} rows of {search.data['name']} and measured on "
        f"{search.held_back_rows:,} rows that were held back; test rows took no part. The search "
        f"is KerasTuner's ({search.tuner}, seed {search.config.seed}, at most "
        f"{search.config.epochs} epochs a trial), for the highest accuracy of the FER head after "
        "the last epoch. Trials with more epochs come first, since figures after different "
        "numbers of epochs do not compare."
    )
    report.text(
        f"The 95 % Wilson interval of the best accuracy is {low:.1%} to {high:.1%}. So trials "
        "that differ by less may differ by chance, and the best of many is partly the luckiest: "
        "its figure here is too good. Measure it on rows that chose nothing."
    )
    report.table(COLUMNS, [_cells(trial) for trial in search.trials])
    report.picture(
        "settings",
        plots.settings_against_accuracy(search),
        "Each setting against the accuracy: the best trial orange, trials that were given fewer "
        "epochs pale.",
    )
    report.picture("courses", plots.courses(search), "The accuracy after each epoch of each trial.")
    return report


def _interval(search: Search) -> tuple[float, float]:
    rows = search.held_back_rows
    low, high = wilson_interval(round(search.best.accuracy * rows), rows)
    return low, high


def _cells(trial: Trial) -> list[str]:
    return [
        *(shown(value) for value in trial.settings.values()),
        str(trial.epochs),
        f"{100 * trial.accuracy:.1f}",
        f"{trial.loss:.3f}",
        f"{trial.seconds:.0f}",
    ]
