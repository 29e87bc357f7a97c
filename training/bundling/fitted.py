"""What a finished run has come to: a network, and how it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_core.files import hash_file
from training.data.dataset import Dataset
from training.data.split import Split, without_fold
from training.errors import RunError
from training.fitting.fit import has_ended
from training.fitting.run_folder import RunRecord, load_best, load_history, load_record

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Fitted:
    """A network with the best weights of its run.

    Attributes
    ----------
    run : Path
    record : RunRecord
    history : list of dict
    model : keras.Model
        In float32, whatever it was fitted in.
    epoch : int
        How many epochs its weights have seen.
    """

    run: Path
    record: RunRecord
    history: list[dict[str, Any]]
    model: keras.Model
    epoch: int

    def provenance(self, dataset: Dataset, split: Split) -> dict[str, Any]:
        """How it was made, for the card; `split` is that of the data set."""
        config = self.record.config
        if config.folds:
            split = without_fold(dataset, split, config.folds, config.fold)
        return {
            "architecture": f"{config.architecture}, heads for FER labels and for FER+ votes",
            "initial_weights": dict(self.record.initial_weights or {}) or "none (random)",
            **self.record.others,
            "rows_fitted": len(split.fit[: config.limit]),
            "seed": config.seed,
            "epochs": len(self.history),
            "epoch_of_these_weights": self.epoch,
            "config": asdict(config),
            "fit_seconds": round(sum(row["seconds"] for row in self.history)),
        }


def load_fitted(run: Path, data: Path, *, unfinished: bool = False) -> Fitted:
    """Build the network of a run with its best weights.

    Parameters
    ----------
    run : Path
        Folder of a `training.fitting.fit.fit`.
    data : Path
        The data set of that fit.
    unfinished : bool
        Take it as it is, with one epoch or more.

    Raises
    ------
    RunError
        If the fit is unfinished and may not be, or was made from other data.
    """
    from training.networks.architectures import build

    record = load_record(run)
    if hash_file(data) != record.data["sha256"]:
        raise RunError(run, f"was fitted on other data than {data}")
    model = build(record.config)
    history = load_history(run)
    if not unfinished and not has_ended(history, record.config):
        done = f"{len(history)} of {record.config.epochs} epochs are finished"
        raise RunError(run, f"{done}; run 'fit' again to go on, or pass --unfinished")
    return Fitted(run, record, history, model, load_best(run, model))


def share_held_back(fitted: Sequence[Fitted]) -> float:
    """The share of the rows that none of the networks learned from.

    Raises
    ------
    RunError
        If they held back different rows.
    """
    share = fitted[0].record.config.held_back_share
    for member in fitted:
        if member.record.config.held_back_share != share:
            message = f"held back other rows than {fitted[0].run}: nothing is left to calibrate on"
            raise RunError(member.run, message)
    return share
