"""What is measured beside accuracy: coverage, robustness, mirrored pictures, speed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.classifier import Classifier
from training.data.outputs import SHIPPED
from training.evaluation.perturb import CHANGES, perturb

COVERAGES: Final = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
SPEED_BATCH: Final = 32
SPEED_ROUNDS: Final = 15


@dataclass(frozen=True)
class Robustness:
    """Accuracy under one change at one strength."""

    change: str
    strength: float
    unit: str
    accuracy: float


def with_mirrored(
    classifier: Classifier, crops: NDArray[np.uint8], outputs: dict[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]]:
    """Test-time augmentation: the mean logits of each face and its mirror image.

    Parameters
    ----------
    crops : ndarray [shape=(n, side, side), uint8]
    outputs : dict of ndarray [shape=(n, k), float32]
        Of the faces as they are.
    """
    mirrored = classifier.predict(np.ascontiguousarray(crops[:, :, ::-1]))
    return {
        name: np.asarray((value + mirrored[name]) / 2, np.float32)
        for name, value in outputs.items()
    }


def accuracy_at_coverage(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32]
) -> dict[float, float]:
    """Accuracy among the most confident share of the rows, for each of `COVERAGES`."""
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    right = (probabilities.argmax(axis=1) == truth)[order]
    return {share: float(right[: max(1, round(share * len(right)))].mean()) for share in COVERAGES}


def measure_robustness(
    classifier: Classifier, crops: NDArray[np.uint8], truth: NDArray[np.int64]
) -> list[Robustness]:
    """Accuracy of the shipped output on changed faces, shape (n, side, side)."""
    found = []
    for change, (_, unit, strengths) in CHANGES.items():
        for strength in strengths:
            logits = classifier.predict(perturb(crops, change, strength))[SHIPPED]
            accuracy = float((logits.argmax(axis=1) == truth).mean())
            found.append(Robustness(change, strength, unit, accuracy))
    return found


def measure_speed(classifier: Classifier) -> float:
    """Milliseconds a face on one thread, in batches of 32: the median of several rounds."""
    faces = np.zeros((SPEED_BATCH, classifier.input_size, classifier.input_size), np.uint8)
    rounds = []
    for _ in range(SPEED_ROUNDS + 1):
        began = time.perf_counter()
        classifier.predict(faces)
        rounds.append((time.perf_counter() - began) / SPEED_BATCH * 1000)
    # The first round warms up.
    return median(rounds[1:])


def reliability(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32], bins: int
) -> list[tuple[float, float, int]]:
    """Mean confidence, accuracy and rows of each bin of confidence that has any."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == truth
    which = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, None)
    inside = [which == number for number in range(bins)]
    return [
        (float(confidence[rows].mean()), float(right[rows].mean()), int(rows.sum()))
        for rows in inside
        if rows.any()
    ]
