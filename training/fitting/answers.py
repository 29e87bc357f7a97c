"""What networks answer to pictures that they have not learned, to be learned beside the labels.

A network learns noisy labels by heart, so its answers to what it was fitted on repeat much of the
noise. Where each part of the rows is left out by one of several fits, there is an answer without
that to every row (cross-fitting; as a target, distillation, Hinton et al. 2015, arXiv:1503.02531).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import softmax
from emotion_core.files import hash_file
from training.config import FitConfig
from training.data.dataset import load_dataset
from training.data.split import split_training, without_fold
from training.errors import RunError, WeightsError
from training.files import write_whole
from training.fitting.claim import identity
from training.fitting.run_folder import load_best, load_record
from training.networks.shared import FER_HEAD, FERPLUS_HEAD

if TYPE_CHECKING:
    import keras

_BATCH: Final = 128


@dataclass(frozen=True, eq=False)
class Answers:
    """Of networks that had not learned the rows.

    Parameters
    ----------
    rows : ndarray [shape=(n,), int64]
        Of a data set.
    fer : ndarray [shape=(n, 7), float32, 0-1]
    ferplus : ndarray [shape=(n, 8), float32, 0-1]
    share : float, 0-1
        Of them in the targets; the rest are the labels.
    """

    rows: NDArray[np.int64]
    fer: NDArray[np.float32]
    ferplus: NDArray[np.float32]
    share: float

    def blend(
        self, labels: NDArray[np.float32], distribution: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Targets between labels and answers; labels alone where there is no answer.

        Parameters
        ----------
        labels : ndarray [shape=(m, 7), float32, 0-1]
            Of all rows of the data set.
        distribution : ndarray [shape=(m, 8), float32, 0-1]

        Returns
        -------
        labels, distribution : ndarray, float32
        """
        blended = []
        for target, answer in ((labels, self.fer), (distribution, self.ferplus)):
            mixed = target.copy()
            mixed[self.rows] += np.float32(self.share) * (answer - mixed[self.rows])
            blended.append(mixed)
        return blended[0], blended[1]


def write_answers(runs: Sequence[Path], data: Path, output: Path) -> int:
    """Let the networks of fits with folds answer to the rows that each has left out.

    Parameters
    ----------
    runs : sequence of Path
        Where several have left a row out, the answer is their mean.
    data : Path
        Data set of the fits.
    output : Path
        ``….npz``.

    Returns
    -------
    int
        Number of rows that there is an answer to.

    Raises
    ------
    RunError
        If a run is of other data or has left out no fold.
    DatasetError, OutputError
    """
    from training.networks.architectures import build

    dataset, data_sha256 = load_dataset(data), hash_file(data)
    sums = {FER_HEAD: np.zeros((len(dataset), 7)), FERPLUS_HEAD: np.zeros((len(dataset), 8))}
    counts = np.zeros(len(dataset))
    networks = []
    for run in runs:
        record = load_record(run)
        config = record.config
        if record.data["sha256"] != data_sha256:
            raise RunError(run, f"was fitted on other data than {data}")
        if not config.folds:
            raise RunError(run, "has left out no fold: fit it with --folds and --fold")
        network = build(config)
        epoch = load_best(run, network)
        split = split_training(dataset, config.held_back_share)
        rows = without_fold(dataset, split, config.folds, config.fold).held_back
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            for head, answer in answers_of(network, dataset.images[some]).items():
                sums[head][some] += answer
        counts[rows] += 1
        networks.append(
            {
                "initial_weights": dict(record.initial_weights or {}) or "none (random)",
                "config": asdict(config),
                "epoch_of_these_weights": epoch,
            }
        )
    found = np.flatnonzero(counts)
    content = io.BytesIO()
    arrays: dict[str, Any] = {
        head: (sums[head][found] / counts[found, None]).astype(np.float32) for head in sums
    }
    arrays["known"] = json.dumps({"data_sha256": data_sha256, "networks": networks})
    np.savez_compressed(content, rows=found, **arrays)
    write_whole(output, content.getvalue())
    return len(found)


def answers_of(network: keras.Model, images: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
    """Probabilities of both heads, the mean of those for each picture and for its mirror image.

    Their cross-entropy is at most the mean of that of the two.

    Parameters
    ----------
    network : keras.Model
    images : ndarray [shape=(n, side, side), uint8 or float32, grey 0-255]
        One batch.
    """
    both = np.concatenate([images, images[:, :, ::-1]])[..., None].astype(np.float32)
    logits = network.predict_on_batch(both)
    return {
        head: softmax(np.asarray(logits[head]), 1.0).reshape(2, len(images), -1).mean(axis=0)
        for head in (FER_HEAD, FERPLUS_HEAD)
    }


def load_answers(path: Path, data: Path, config: FitConfig) -> tuple[Answers, dict[str, Any]]:
    """The answers of a file, and what is known of them for the record of a fit.

    Parameters
    ----------
    path : Path
        Of `write_answers`.
    data : Path
        The data set of the fit.
    config : FitConfig

    Raises
    ------
    WeightsError
        If the file cannot be read, is of other data, or of networks that have learned from rows
        that the fit holds back.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as entries:
            arrays = {name: entries[name] for name in ("rows", FER_HEAD, FERPLUS_HEAD)}
            known: dict[str, Any] = json.loads(str(entries["known"]))
        answers = Answers(
            arrays["rows"], arrays[FER_HEAD], arrays[FERPLUS_HEAD], config.teacher_share
        )
    except Exception as error:  # zip, numpy and json each have their own for a damaged file
        raise WeightsError(path, f"are no answers of 'answers': {error}") from error
    if known["data_sha256"] != hash_file(data):
        raise WeightsError(path, f"are answers to other data than {data}")
    shares = {network["config"]["held_back_share"] for network in known["networks"]}
    if shares != {config.held_back_share}:
        message = "are of networks that have learned from rows that this fit holds back"
        raise WeightsError(path, message)
    return answers, identity(path) | known
