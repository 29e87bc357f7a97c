"""Measure a bundle on a test split. Nothing else reads the labels and votes of test rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.emotions.calibrate import softmax
from emotion_core.emotions.classifier import Classifier
from emotion_core.faces.crop import crop_faces, whole_picture
from emotion_core.files import hash_file
from training.comparisons import (
    SHIPPED,
    Answers,
    compare,
    line_up,
    majority_emotion,
    majority_rows,
)
from training.dataset import SIDE, USAGES, Dataset, load_dataset
from training.errors import DatasetError
from training.metrics import Scores, wilson_interval
from training.run_folder import read_json, write_json


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of one bundle on one split.

    Parameters
    ----------
    split : str
    rows : int
        Rows of the split.
    scores : dict of str to Scores
        By comparison.
    abstention : dict
        How often the shipped output is certain, and how often it errs then; empty without votes.
    identity : dict
        Bundle, data set and command.
    """

    split: str
    rows: int
    scores: dict[str, Scores]
    abstention: dict[str, Any]
    identity: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            **self.identity,
            "split": self.split,
            "rows": self.rows,
            "results": {name: scores.to_dict() for name, scores in self.scores.items()},
            "abstention": self.abstention,
        }


def evaluate(bundle_folder: Path, data: Path, split: str = "PublicTest") -> Evaluation:
    """Run a bundle's inference form on every row of a test split.

    Parameters
    ----------
    bundle_folder : Path
    data : Path
        Data set of ``emotion-training prepare``.
    split : {'PublicTest', 'PrivateTest'}

    Raises
    ------
    BundleError
        If the bundle cannot be loaded.
    DatasetError
        If the data set cannot be used or has no such rows.
    """
    bundle = load_bundle(bundle_folder)
    dataset = load_dataset(data)
    rows = np.flatnonzero(dataset.usage == USAGES.index(split))
    if not len(rows):
        raise DatasetError(data, f"holds no {split} rows")
    outputs = predict_rows(bundle, dataset, rows)
    seven = majority_rows(dataset, rows) if dataset.has_votes else rows[:0]
    probabilities = softmax(outputs[SHIPPED][np.isin(rows, seven)], bundle.temperature)
    command = f"emotion-training evaluate --bundle BUNDLE --data {data.name} --split {split}"
    return Evaluation(
        split=split,
        rows=len(rows),
        scores=compare(outputs, dataset, rows, bundle.temperature),
        abstention=_abstention(probabilities, dataset, seven, bundle.abstention_threshold),
        identity={
            "bundle": bundle.name,
            "model_sha256": bundle.card["files"]["model.bin"],
            "data_sha256": hash_file(data),
            "temperature": bundle.temperature,
            "command": command,
        },
    )


def predict_rows(
    bundle: Bundle, dataset: Dataset, rows: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    """Logits of a bundle's inference form by output name, shape (len(rows), k)."""
    square = whole_picture(SIDE, SIDE)
    crops = [crop_faces(image, square, bundle.input_size) for image in dataset.images[rows]]
    return Classifier(bundle).predict(np.concatenate(crops))


def answer_split(
    bundles: Sequence[Bundle], data: Path, split: str = "PublicTest"
) -> list[dict[str, Answers]]:
    """What each bundle says of the same rows of a test split, by comparison.

    Raises
    ------
    BundleError
        If a network cannot be run.
    DatasetError
        If the data set cannot be used or has no such rows.
    """
    dataset = load_dataset(data)
    rows = np.flatnonzero(dataset.usage == USAGES.index(split))
    if not len(rows):
        raise DatasetError(data, f"holds no {split} rows")
    return [
        line_up(predict_rows(bundle, dataset, rows), dataset, rows, bundle.temperature)
        for bundle in bundles
    ]


def write_into_card(evaluation: Evaluation, bundle_folder: Path) -> None:
    """Put the figures into the card of the bundle that they belong to."""
    path = bundle_folder / "card.json"
    card = read_json(path)
    card.setdefault("metrics", {})[evaluation.split] = evaluation.to_dict()
    write_json(path, card)


def _abstention(
    probabilities: np.ndarray[Any, np.dtype[np.float32]],
    dataset: Dataset,
    rows: np.ndarray[Any, np.dtype[np.int64]],
    threshold: float,
) -> dict[str, Any]:
    if not len(rows):
        return {}
    kept = probabilities.max(axis=1) >= threshold
    wrong = probabilities.argmax(axis=1) != majority_emotion(dataset, rows)
    errors, count = int((wrong & kept).sum()), int(kept.sum())
    result: dict[str, Any] = {
        "threshold": threshold,
        "rows": len(rows),
        "kept_share": round(count / len(rows), 4),
    }
    if count:
        bounds = wilson_interval(errors, count)
        result["kept_error"] = round(errors / count, 4)
        result["kept_error_interval_95"] = [round(bound, 4) for bound in bounds]
    return result
