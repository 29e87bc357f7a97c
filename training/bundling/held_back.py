"""What the rows held back say of a classifier: its calibration, also by quality, and figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import QUALITY_FLOOR, Calibration
from emotion_core.emotions.classifier import Classifier
from emotion_core.faces.quality import crop_quality
from training.bundling.calibrate import (
    LOWERED,
    fit_abstention,
    fit_temperature,
    fit_temperature_exponent,
    fit_threshold_exponent,
)
from training.data.dataset import Dataset
from training.data.outputs import SHIPPED
from training.errors import DatasetError
from training.evaluation.comparisons import compare, majority_emotion, majority_rows
from training.evaluation.perturb import CHANGES, perturb, quality_after


def calibrate_and_score(
    classifier: Classifier, dataset: Dataset, held_back: NDArray[np.int64], target_error: float
) -> dict[str, Any]:
    """What a card says of calibration and figures.

    Parameters
    ----------
    classifier : Classifier
    dataset : Dataset
    held_back : ndarray [shape=(n,), int64]
        Rows of `dataset` that the network did not learn from.
    target_error : float, 0-1
        Largest error wanted among the predictions that are not uncertain.

    Returns
    -------
    dict
        ``temperature``, ``abstention_threshold``, ``abstention``, ``quality`` and ``metrics``.

    Raises
    ------
    DatasetError
        If none of the rows has a FER+ majority.
    """
    rows = majority_rows(dataset, held_back)
    if not len(rows):
        message = "no held-back row has a FER+ majority; the data set is too small"
        raise DatasetError(None, message)
    truth = majority_emotion(dataset, rows)
    calibration, fields = fit_calibration(classifier, dataset.images[rows], truth, target_error)
    labels = "the FER+ majority" if dataset.has_votes else "the FER labels"
    fields["abstention"]["measured_on"] = f"Training rows held back from the fit, against {labels}"
    faces = dataset.images[held_back]
    outputs = classifier.predict(faces)
    scores = compare(outputs, dataset, held_back, calibration, crop_quality(faces))
    return {**fields, "metrics": {"held_back": {n: s.to_dict() for n, s in scores.items()}}}


def fit_calibration(
    classifier: Classifier, faces: NDArray[np.uint8], truth: NDArray[np.int64], target_error: float
) -> tuple[Calibration, dict[str, Any]]:
    """Temperature and threshold from faces as they are, their exponents from changed ones.

    Parameters
    ----------
    classifier : Classifier
    faces : ndarray [shape=(n, size, size), uint8, grey 0-255]
    truth : ndarray [shape=(n,), int64, 0 to k-1]
    target_error : float, 0-1

    Returns
    -------
    calibration : Calibration
    fields : dict
        Of the card: all that `calibrate_and_score` gives but ``metrics`` and against what.
    """
    logits, quality = classifier.predict(faces)[SHIPPED], crop_quality(faces)
    temperature = round(fit_temperature(logits, truth), 6)
    low = _changed(classifier, faces)
    low_truth = np.tile(truth, len(low.logits) // len(truth))
    exponent = fit_temperature_exponent(low.logits, low_truth, low.quality, temperature)
    scaled = Calibration(temperature, 0.0, temperature_exponent=round(exponent, 4))
    abstention = fit_abstention(scaled.probabilities(logits, quality), truth, target_error)
    exponent = fit_threshold_exponent(
        scaled.probabilities(low.logits, low.quality),
        low_truth,
        low.quality,
        abstention.threshold,
        target_error,
    )
    calibration = replace(
        scaled, threshold=abstention.threshold, threshold_exponent=round(exponent, 4)
    )
    about = asdict(abstention)
    return calibration, {
        "temperature": temperature,
        "abstention_threshold": about.pop("threshold"),
        "abstention": {
            **about,
            "rows": len(truth),
        },
        "quality": {
            "temperature_exponent": calibration.temperature_exponent,
            "threshold_exponent": calibration.threshold_exponent,
            "lowest": QUALITY_FLOOR,
            "rows": len(low_truth),
            "rows_below_0.9": int((low.quality < LOWERED).sum()),
            "measured_on": f"those rows, each changed by {', '.join(CHANGES)}",
        },
    }


@dataclass(frozen=True, eq=False)
class _Changed:
    """Logits (n, k) and quality (n,) of all faces after one change, then after the next."""

    logits: NDArray[np.float32]
    quality: NDArray[np.float32]


def _changed(classifier: Classifier, faces: NDArray[np.uint8]) -> _Changed:
    logits, quality = [], []
    for change, (_, _, strengths) in CHANGES.items():
        for strength in strengths:
            changed = perturb(faces, change, strength)
            logits.append(classifier.predict(changed)[SHIPPED])
            quality.append(quality_after(changed, change, strength))
    return _Changed(np.concatenate(logits), np.concatenate(quality))
