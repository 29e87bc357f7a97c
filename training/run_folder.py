"""The folder of a run: configuration, history, and a checkpoint that a fit resumes from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emotion_core.files import reported_for, written_aside
from training.config import FitConfig
from training.errors import RunError

if TYPE_CHECKING:
    import keras

CONFIG, HISTORY, HISTORY_CSV, CHECKPOINT = (
    "config.json",
    "history.json",
    "history.csv",
    "checkpoint.npz",
)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is either the old or the new one, never a part.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    with written_aside(path) as aside, reported_for(path):
        aside.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Write JSON, readable and whole."""
    write_whole(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> Any:
    """Read JSON.

    Raises
    ------
    RunError
        If the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(path, f"cannot be read: {error}") from error


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
    """

    config: FitConfig
    data: Mapping[str, str]
    initial_weights: Mapping[str, Any] | None


def load_record(run: Path) -> RunRecord:
    """Read what a run was begun with.

    Raises
    ------
    RunError
        If the folder is not that of a run.
    """
    entry = read_json(run / CONFIG)
    try:
        settings = dict(entry["config"])
        settings["channels"] = tuple(settings["channels"])
        config = FitConfig(**settings)
        return RunRecord(config, dict(entry["data"]), entry.get("initial_weights"))
    except (KeyError, TypeError) as error:
        raise RunError(run / CONFIG, f"is not the configuration of a fit: {error}") from error


def save_checkpoint(folder: Path, model: keras.Model, epoch: int, history: list[Any]) -> None:
    """Keep the state after `epoch` finished epochs: weights, random states, optimizer, history.

    The history is written first: one that is ahead of the checkpoint is cut on resuming, one
    that is behind could not be completed.
    """
    write_json(folder / HISTORY, history)
    write_whole(folder / HISTORY_CSV, _history_csv(history))
    arrays: dict[str, Any] = {f"model_{i}": np.asarray(v) for i, v in enumerate(model.variables)}
    optimizer: dict[str, Any] = {}
    model.optimizer.save_own_variables(optimizer)
    arrays |= {f"optimizer_{name}": np.asarray(value) for name, value in optimizer.items()}
    content = io.BytesIO()
    np.savez(content, epoch=np.int64(epoch), **arrays)
    write_whole(folder / CHECKPOINT, content.getvalue())


def load_checkpoint(folder: Path, model: keras.Model) -> tuple[int, list[Any]]:
    """Put a checkpoint's state into a model; with a compiled one, also into its optimizer.

    Returns
    -------
    epoch : int
        Number of finished epochs; 0, and the model untouched, where there is no checkpoint.
    history : list of dict
        One entry for each finished epoch.

    Raises
    ------
    RunError
        If the checkpoint cannot be read or belongs to another architecture.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return 0, []
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as entries:
            arrays = dict(entries)
        epoch = int(arrays["epoch"])
        states = [arrays[f"model_{i}"] for i in range(len(model.variables))]
        for variable, state in zip(model.variables, states, strict=True):
            variable.assign(state)
    except Exception as error:  # zip, numpy and backend each have their own for a damaged file
        raise RunError(path, f"does not fit this architecture or is damaged: {error}") from error
    prefix = "optimizer_"
    if model.compiled:
        model.optimizer.load_own_variables(
            {name.removeprefix(prefix): v for name, v in arrays.items() if name.startswith(prefix)}
        )
    return epoch, read_json(folder / HISTORY)[:epoch]


def _history_csv(history: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(history[0]))
    writer.writeheader()
    writer.writerows(history)
    return text.getvalue().encode()
