"""Search for the settings with which the tuned CNN recognises most held-back faces."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from emotion_core.files import reported_for
from training.config import FitConfig
from training.data.dataset import Dataset, load_dataset
from training.data.split import Split
from training.files import read_json
from training.fitting.claim import begun_with, claim, identity
from training.fitting.fit import fit_rows, usable_split
from training.fitting.run_folder import BEST, CHECKPOINT, HISTORY

if TYPE_CHECKING:
    import keras_tuner

OBJECTIVE: Final = "held_back_fer_accuracy"
"""What is searched for, as large as possible, after the last epoch of a trial: the share of
held-back rows whose FER label is found. Losses of networks that are surer of themselves are
larger at the same accuracy; and the accuracy is what the notebook looked at."""

TRIALS, PROJECT = "trials", "kerastuner"
"""Folders within that of a search: the fits, and what KerasTuner writes."""


@dataclass(frozen=True)
class Trial:
    """One choice of settings, fitted.

    Attributes
    ----------
    settings : mapping
        Those of `FitConfig` that are searched.
    history : sequence of mapping
        The rows of `training.fitting.fit.fit`, one for each finished epoch.
    """

    settings: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]] = field(repr=False)

    @property
    def name(self) -> str:
        """That of its folder."""
        return "_".join(
            f"{name}-{'-'.join(map(str, value)) if isinstance(value, tuple) else value}"
            for name, value in self.settings.items()
        )

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""
        return len(self.history)

    @property
    def accuracy(self) -> float:
        """The objective, 0-1."""
        return float(self.history[-1][OBJECTIVE])

    @property
    def loss(self) -> float:
        """On held-back rows; decides between trials of the same accuracy."""
        return float(self.history[-1]["held_back_loss"])

    @property
    def seconds(self) -> float:
        """Time that its epochs took."""
        return float(sum(row["seconds"] for row in self.history))


@dataclass(frozen=True)
class Search:
    """What a search has found.

    Attributes
    ----------
    tuner : str
        One of `training.config.TUNERS`.
    config : FitConfig
        What all trials have in common; its `epochs` are those of a whole trial.
    trials : tuple of Trial
        Best first. Those with more epochs come before others: figures after different numbers of
        epochs do not compare.
    fitted_rows, held_back_rows : int
    data : mapping
        Name and SHA-256 of the data set.
    """

    tuner: str
    config: FitConfig
    trials: tuple[Trial, ...]
    fitted_rows: int
    held_back_rows: int
    data: Mapping[str, str]

    @property
    def best(self) -> Trial:
        """The first."""
        return self.trials[0]


def tune(
    data: Path,
    folder: Path,
    config: FitConfig,
    tuner: str = "random",
    trials: int = 20,
    on_trial: Callable[[Trial, int, bool], None] | None = None,
) -> Search:
    """Search, or go on with the trials that are missing.

    Each trial is a fit like any other, of the same rows and with the same batches, and has a
    folder that is named by its settings. KerasTuner's choices depend on the seed and on the
    results so far alone, so an interrupted search is asked for again from its start: what is
    finished is read, and an unfinished trial goes on after its last epoch. Of KerasTuner's own
    files, which it does not write whole, nothing is read.

    With ``hyperband`` (Li et al. 2018, arXiv:1603.06560) many trials begin, and those that are
    best after a few epochs go on; the learning rate of each falls over all epochs.

    Parameters
    ----------
    data : Path
        Data set of ``emotion-training prepare``.
    folder : Path
        Of the search; made if it is missing.
    config : FitConfig
        Of architecture ``tuned``; `epochs` is the number of epochs of a whole trial.
    tuner : str
        One of `training.config.TUNERS`.
    trials : int
        Number of trials of ``random``; more can be asked for later. Those of ``hyperband`` follow
        from the number of epochs.
    on_trial : callable or None
        Called after each trial with it, the number of trials until then, and whether any of its
        epochs was fitted just now.

    Raises
    ------
    DatasetError, UsageError
        If the data set cannot be used or has too few rows.
    OutputError
        If the folder cannot be written.
    RunError
        If it holds a search of another configuration, other data, or a fit.
    """
    from training.tuning.space import described, to_settings

    config = replace(config, patience=0)  # all trials are compared after as many epochs
    dataset = load_dataset(data)
    split = usable_split(dataset, config, data)
    claim(folder, begun_with(config, data, search={"tuner": tuner, "space": described()}))
    found: dict[str, Trial] = {}
    for number, asked in enumerate(_asked(folder, config, tuner, trials), 1):
        values = asked.values
        until = int(values.get("tuner/epochs", config.epochs))
        trial, fresh = _run(dataset, split, folder, config, to_settings(values), until)
        asked.tell(trial.accuracy)
        found[trial.name] = trial
        if on_trial is not None:
            on_trial(trial, number, fresh)
    _remove_checkpoints(folder)
    ranked = sorted(found.values(), key=lambda trial: (-trial.epochs, -trial.accuracy, trial.loss))
    counts = len(split.fit), len(split.held_back)
    return Search(tuner, config, tuple(ranked), *counts, identity(data))


class _Asked:
    """A trial that KerasTuner asks for."""

    def __init__(self, oracle: keras_tuner.Oracle, trial: Any) -> None:
        self._oracle, self._trial = oracle, trial
        self.values: dict[str, Any] = trial.hyperparameters.values

    def tell(self, accuracy: float) -> None:
        """Its result, without which the next one cannot be asked for."""
        with _deprecated_names():
            self._oracle.update_trial(self._trial.trial_id, {OBJECTIVE: accuracy})
            self._trial.status = "COMPLETED"
            self._oracle.end_trial(self._trial)


def _asked(folder: Path, config: FitConfig, tuner: str, trials: int) -> Iterator[_Asked]:
    from keras_tuner import Objective
    from keras_tuner.engine.base_tuner import BaseTuner
    from keras_tuner.oracles import HyperbandOracle, RandomSearchOracle

    from training.tuning.space import space

    common = {
        "objective": Objective(OBJECTIVE, "max"),
        "hyperparameters": space(),
        "seed": config.seed + 1,  # KerasTuner takes 0 for none
    }
    if tuner == "hyperband":
        oracle = HyperbandOracle(max_epochs=config.epochs, **common)
    else:
        oracle = RandomSearchOracle(max_trials=trials, **common)
    oracle.verbose = 0
    project = BaseTuner(oracle, directory=str(folder), project_name=PROJECT, overwrite=True)
    while True:
        with _deprecated_names():
            trial = oracle.create_trial(project.tuner_id)
        if trial.status != "RUNNING":
            return
        yield _Asked(oracle, trial)


def _run(
    dataset: Dataset,
    split: Split,
    folder: Path,
    common: FitConfig,
    settings: Mapping[str, Any],
    until: int,
) -> tuple[Trial, bool]:
    """Fit a trial until so many epochs are finished, unless they are."""
    import keras

    run = folder / TRIALS / Trial(settings, ()).name
    history = read_json(run / HISTORY) if (run / HISTORY).exists() else []
    fresh = len(history) < until
    if fresh:
        keras.utils.clear_session()
        history = fit_rows(dataset, split, run, replace(common, **settings), until)
    if until == common.epochs:
        _remove_checkpoints(folder, run.name)
    return Trial(settings, history[:until]), fresh


def _remove_checkpoints(folder: Path, trial: str = "*") -> None:
    """Of trials that are not gone on with; they are large."""
    for name in (CHECKPOINT, BEST):
        for path in (folder / TRIALS).glob(f"{trial}/{name}"):
            with reported_for(path, "removed"):
                path.unlink()


@contextmanager
def _deprecated_names() -> Iterator[None]:
    """Let KerasTuner call functions of `threading` by names that Python has deprecated."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", r"(currentThread|getName)\(\)", DeprecationWarning, "keras_tuner"
        )
        yield
