"""What is measured beside accuracy: coverage, robustness, speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import Calibration
from emotion_core.emotions.classifier import Classifier
from training.data.outputs import SHIPPED
from training.evaluation.metrics import expected_calibration_error, wilson_interval
from training.evaluation.perturb import CHANGES, perturb, quality_after

COVERAGES: Final = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
SPEED_BATCH: Final = 32
SPEED_ROUNDS: Final = 15


@dataclass(frozen=True)
class Robustness:
    """Figures under one change at one strength.

    Parameters
    ----------
    change : str
    strength : float
    unit : str
    quality : float, 0-1
        Median over the faces.
    accuracy : float, 0-1
    ece : float, 0-1
        Expected calibration error.
    certain_share : float, 0-1
        Share of the faces that are not uncertain.
    certain_error : float or None, 0-1
        Error among them; None where there are none.
    """

    change: str
    strength: float
    unit: str
    quality: float
    accuracy: float
    ece: float
    certain_share: float
    certain_error: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values, rounded to four digits."""
        figures = asdict(self)
        del figures["unit"]
        return {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in figures.items()
        }


def accuracy_at_coverage(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32]
) -> dict[float, float]:
    """Accuracy among the most confident share of the rows, for each of `COVERAGES`."""
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    right = (probabilities.argmax(axis=1) == truth)[order]
    return {share: float(right[: max(1, round(share * len(right)))].mean()) for share in COVERAGES}


def measure_abstention(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.int64],
    calibration: Calibration,
    quality: NDArray[np.float32],
) -> dict[str, Any]:
    """How often the shipped output is certain, and how often it errs then.

    Parameters
    ----------
    probabilities : ndarray [shape=(n, 7), float32, 0-1]
    truth : ndarray [shape=(n,), int64, 0-6]
    calibration : Calibration
    quality : ndarray [shape=(n,), float32, 0-1]
    """
    kept = probabilities.max(axis=1) >= calibration.thresholds(quality)
    wrong = probabilities.argmax(axis=1) != truth
    errors, count = int((wrong & kept).sum()), int(kept.sum())
    result: dict[str, Any] = {
        "threshold": calibration.threshold,
        "rows": len(truth),
        "kept_share": round(count / len(truth), 6),
    }
    if count:
        bounds = wilson_interval(errors, count)
        result["kept_error"] = round(errors / count, 6)
        result["kept_error_interval_95"] = [round(bound, 6) for bound in bounds]
    return result


def measure_robustness(
    classifier: Classifier,
    calibration: Calibration,
    crops: NDArray[np.uint8],
    truth: NDArray[np.int64],
    tell: Callable[[str], None] = lambda _: None,
) -> list[Robustness]:
    """Figures of the shipped output on changed faces, shape (n, side, side)."""
    found: list[Robustness] = []
    total = sum(len(strengths) for _, _, strengths in CHANGES.values())
    for change, (_, unit, strengths) in CHANGES.items():
        for strength in strengths:
            tell(f"changed faces, {len(found) + 1} of {total}: {change}, {strength:g}")
            changed = perturb(crops, change, strength)
            quality = quality_after(changed, change, strength)
            logits = classifier.predict(changed)[SHIPPED]
            probabilities = calibration.probabilities(logits, quality)
            confidence = probabilities.max(axis=1)
            right = probabilities.argmax(axis=1) == truth
            certain = confidence >= calibration.thresholds(quality)
            found.append(
                Robustness(
                    change,
                    strength,
                    unit,
                    quality=float(np.median(quality)),
                    accuracy=float(right.mean()),
                    ece=expected_calibration_error(confidence, right),
                    certain_share=float(certain.mean()),
                    certain_error=float(1 - right[certain].mean()) if certain.any() else None,
                )
            )
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
