"""The folder of a run: configuration, history, and a checkpoint that a fit resumes from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from training.config import FitConfig
from training.errors import RunError
from training.files import read_json, write_json, write_whole

if TYPE_CHECKING:
    import keras

    from training.fitting.averaging import WeightAverage

CONFIG, HISTORY, HISTORY_CSV, CHECKPOINT, BEST = (
    "config.json",
    "history.json",
    "history.csv",
    "checkpoint.npz",
    "best.npz",
)


_UNUSABLE = "does not fit this architecture or is damaged: {}"


@dataclass(frozen=True)
class RunRecord:
    """What a run was begun with.

    Attributes
    ----------
    config : FitConfig
    data : mapping
        Name and SHA-256 of the data set.
    initial_weights : mapping or None
        Name, SHA-256 and, where they are those of a bundle, how that was trained; None: random.
    frozen_from : mapping or None
        Name, SHA-256 and training of the network that the frozen blocks are from; None: they are
        those of the initial weights.
    teachers : sequence of mapping or None
        Name, SHA-256 and training of each network that was learned from beside the labels.
    answers : mapping or None
        Name and SHA-256 of the file of answers that were learned beside the labels, and how the
        networks were fitted that gave them.
    """

    config: FitConfig
    data: Mapping[str, str]
    initial_weights: Mapping[str, Any] | None
    frozen_from: Mapping[str, Any] | None
    teachers: Sequence[Mapping[str, Any]] | None
    answers: Mapping[str, Any] | None

    @property
    def others(self) -> dict[str, Any]:
        """Other networks that it has blocks of or learned from, as entries of a card."""
        found = {
            "frozen_from": self.frozen_from,
            "teachers": self.teachers,
            "answers": self.answers,
        }
        return {name: known for name, known in found.items() if known is not None}


def load_record(run: Path) -> RunRecord:
    """Read what a run was begun with.

    Raises
    ------
    RunError
        If the folder is not that of a run.
    """
    entry = read_json(run / CONFIG)
    try:
        settings: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in entry["config"].items()
        }
        config = FitConfig(**settings)
        data = dict(entry["data"])
        names = ("initial_weights", "frozen_from", "teachers", "answers")
        return RunRecord(config, data, **{name: entry.get(name) for name in names})
    except (AttributeError, KeyError, TypeError) as error:
        raise RunError(run / CONFIG, f"is not the configuration of a fit: {error}") from error


def save_checkpoint(
    folder: Path,
    model: keras.Model,
    epoch: int,
    history: list[Any],
    average: WeightAverage | None = None,
) -> None:
    """Keep the state after `epoch` finished epochs: weights and their average, random states,
    optimizer, history.

    The history is written first: one that is ahead of the checkpoint is cut on resuming, one
    that is behind could not be completed.
    """
    write_json(folder / HISTORY, history)
    write_whole(folder / HISTORY_CSV, _history_csv(history))
    arrays: dict[str, Any] = {f"model_{i}": np.asarray(v) for i, v in enumerate(model.variables)}
    optimizer: dict[str, Any] = {}
    model.optimizer.save_own_variables(optimizer)
    arrays |= {f"optimizer_{name}": np.asarray(value) for name, value in optimizer.items()}
    if average is not None:
        arrays |= {f"average_{i}": value for i, value in enumerate(average.state)}
        arrays["average_updates"] = np.int64(average.updates)
    content = io.BytesIO()
    np.savez(content, epoch=np.int64(epoch), **arrays)
    write_whole(folder / CHECKPOINT, content.getvalue())


@dataclass(frozen=True)
class Checkpoint:
    """Where a fit stands.

    Attributes
    ----------
    epoch : int
        Number of finished epochs.
    history : list of dict
        One entry for each finished epoch.
    average : list of ndarray or None
        Moving average of the variables, and how often it was updated; None where there is none.
    updates : int
    """

    epoch: int = 0
    history: list[Any] = field(default_factory=list)
    average: list[NDArray[Any]] | None = None
    updates: int = 0


def load_checkpoint(folder: Path, model: keras.Model) -> Checkpoint:
    """Put a checkpoint's state into a model; with a compiled one, also into its optimizer.

    Where there is no checkpoint the model is left as it is, and no epoch is finished.

    Raises
    ------
    RunError
        If the checkpoint cannot be read or belongs to another architecture.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return Checkpoint()
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as entries:
            arrays = dict(entries)
        epoch = int(arrays["epoch"])
        count = len(model.variables)
        for i, variable in enumerate(model.variables):
            variable.assign(arrays[f"model_{i}"])
        average = None
        if "average_updates" in arrays:
            average = [arrays[f"average_{i}"] for i in range(count)]
    except Exception as error:  # zip, numpy and backend each have their own for a damaged file
        raise RunError(path, _UNUSABLE.format(error)) from error
    prefix = "optimizer_"
    if model.compiled:
        model.optimizer.load_own_variables(
            {name.removeprefix(prefix): v for name, v in arrays.items() if name.startswith(prefix)}
        )
    history = read_json(folder / HISTORY)[:epoch]
    return Checkpoint(epoch, history, average, int(arrays.get("average_updates", 0)))


def save_best(folder: Path, values: Sequence[NDArray[Any]], epoch: int) -> None:
    """Keep the variables that were measured after `epoch` epochs as the best so far."""
    content = io.BytesIO()
    arrays: dict[str, Any] = {f"model_{i}": value for i, value in enumerate(values)}
    np.savez(content, epoch=np.int64(epoch), **arrays)
    write_whole(folder / BEST, content.getvalue())


def load_best(folder: Path, model: keras.Model) -> int:
    """Give a model the best variables of a fit.

    Returns
    -------
    int
        The number of epochs after which they were measured.

    Raises
    ------
    RunError
        If they cannot be read or belong to another architecture.
    """
    path = folder / BEST
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as entries:
            for i, variable in enumerate(model.variables):
                variable.assign(entries[f"model_{i}"])
            return int(entries["epoch"])
    except Exception as error:  # zip, numpy and backend each have their own for a damaged file
        raise RunError(path, _UNUSABLE.format(error)) from error


def load_history(folder: Path) -> list[Any]:
    """Read the figures of all epochs.

    Raises
    ------
    RunError
        If there are none.
    """
    history: list[Any] = read_json(folder / HISTORY)
    return history


def _history_csv(history: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(history[0]))
    writer.writeheader()
    writer.writerows(history)
    return text.getvalue().encode()
