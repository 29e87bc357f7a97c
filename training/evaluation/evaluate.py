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
from training.data.dataset import SIDE, USAGES, Dataset, load_dataset
from training.data.split import in_training
from training.errors import DatasetError
from training.evaluation.comparisons import (
    SHIPPED,
    Answers,
    compare,
    line_up,
    majority_emotion,
    majority_rows,
)
from training.evaluation.metrics import ECE_BINS, Scores, wilson_interval
from training.evaluation.rating import (
    Robustness,
    accuracy_at_coverage,
    measure_robustness,
    measure_speed,
    reliability,
    with_mirrored,
)
from training.files import read_json, write_json


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of one bundle on one split.

    Parameters
    ----------
    split : str
    rows : int
        Rows of the split.
    scores : dict of str to Scores
        By comparison, from one forward pass.
    mirrored : dict of str to Scores
        The same from the mean of each face and its mirror image.
    unseen : dict of str to Scores
        As `scores`, without rows whose pixels also occur among the Training rows.
    coverage : dict of float to float
        Accuracy of the shipped output among the most confident share of the rows.
    reliability : list of (float, float, int)
        Mean confidence, accuracy and rows of each bin of the shipped output's confidence.
    robustness : list of Robustness
    abstention : dict
        How often the shipped output is certain, and how often it errs then; empty without votes.
    milliseconds_per_face : float
        On one thread, in batches of 32.
    identity : dict
        Bundle, data set and command.
    """

    split: str
    rows: int
    scores: dict[str, Scores]
    mirrored: dict[str, Scores]
    unseen: dict[str, Scores]
    coverage: dict[float, float]
    reliability: list[tuple[float, float, int]]
    robustness: list[Robustness]
    abstention: dict[str, Any]
    milliseconds_per_face: float
    identity: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            **self.identity,
            "split": self.split,
            "rows": self.rows,
            "results": {name: scores.to_dict() for name, scores in self.scores.items()},
            "with_mirrored": {n: s.to_dict(brief=True) for n, s in self.mirrored.items()},
            "without_training_rows": {n: s.to_dict(brief=True) for n, s in self.unseen.items()},
            "accuracy_at_coverage": {str(k): round(v, 4) for k, v in self.coverage.items()},
            "reliability": [
                {"confidence": round(c, 4), "accuracy": round(a, 4), "rows": n}
                for c, a, n in self.reliability
            ],
            "robustness": [
                {"change": r.change, "strength": r.strength, "accuracy": round(r.accuracy, 4)}
                for r in self.robustness
            ],
            "abstention": self.abstention,
            "milliseconds_per_face": round(self.milliseconds_per_face, 3),
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
    rows = _rows_of(split, dataset, data)
    classifier = Classifier(bundle)
    crops = _crops(dataset, rows, bundle.input_size)
    outputs = classifier.predict(crops)
    unseen = ~in_training(dataset, rows)
    # The shipped output follows the votes; without any it is held to the FER labels.
    judged = np.isin(rows, majority_rows(dataset, rows))
    truth = majority_emotion(dataset, rows[judged])
    logits = outputs[SHIPPED][judged]
    probabilities = softmax(logits, bundle.temperature)
    return Evaluation(
        split=split,
        rows=len(rows),
        scores=compare(outputs, dataset, rows, bundle.temperature),
        mirrored=compare(
            with_mirrored(classifier, crops, outputs), dataset, rows, bundle.temperature
        ),
        unseen=compare(
            {name: value[unseen] for name, value in outputs.items()},
            dataset,
            rows[unseen],
            bundle.temperature,
        ),
        coverage=accuracy_at_coverage(truth, probabilities),
        reliability=reliability(truth, logits, bundle.temperature, ECE_BINS),
        robustness=measure_robustness(classifier, crops[judged], truth),
        abstention=_abstention(probabilities, truth, bundle.abstention_threshold),
        milliseconds_per_face=measure_speed(classifier),
        identity=_identity(bundle, data, split),
    )


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
    rows = _rows_of(split, dataset, data)
    return [
        line_up(
            Classifier(bundle).predict(_crops(dataset, rows, bundle.input_size)),
            dataset,
            rows,
            bundle.temperature,
        )
        for bundle in bundles
    ]


def write_into_card(evaluation: Evaluation, bundle_folder: Path) -> None:
    """Put the figures into the card of the bundle that they belong to."""
    path = bundle_folder / "card.json"
    card = read_json(path)
    card.setdefault("metrics", {})[evaluation.split] = evaluation.to_dict()
    write_json(path, card)


def _rows_of(split: str, dataset: Dataset, data: Path) -> NDArray[np.int64]:
    rows = np.flatnonzero(dataset.usage == USAGES.index(split))
    if not len(rows):
        raise DatasetError(data, f"holds no {split} rows")
    return rows


def _crops(dataset: Dataset, rows: NDArray[np.int64], size: int) -> NDArray[np.uint8]:
    square = whole_picture(SIDE, SIDE)
    return np.concatenate([crop_faces(image, square, size) for image in dataset.images[rows]])


def _identity(bundle: Bundle, data: Path, split: str) -> dict[str, Any]:
    return {
        "bundle": bundle.name,
        "model_sha256": bundle.card["files"]["model.bin"],
        "data_sha256": hash_file(data),
        "temperature": bundle.temperature,
        "command": f"emotion-training evaluate --bundle BUNDLE --data {data.name} --split {split}",
    }


def _abstention(
    probabilities: NDArray[np.float32], truth: NDArray[np.int64], threshold: float
) -> dict[str, Any]:
    kept = probabilities.max(axis=1) >= threshold
    wrong = probabilities.argmax(axis=1) != truth
    errors, count = int((wrong & kept).sum()), int(kept.sum())
    result: dict[str, Any] = {
        "threshold": threshold,
        "rows": len(truth),
        "kept_share": round(count / len(truth), 4),
    }
    if count:
        bounds = wilson_interval(errors, count)
        result["kept_error"] = round(errors / count, 4)
        result["kept_error_interval_95"] = [round(bound, 4) for bound in bounds]
    return result
