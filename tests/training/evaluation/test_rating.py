from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emotion_core.bundle import load_bundle
from emotion_core.emotions.calibrate import softmax
from emotion_core.emotions.classifier import Classifier
from training.evaluation.rating import (
    accuracy_at_coverage,
    measure_speed,
    reliability,
)


def test_the_most_confident_rows_are_kept_first() -> None:
    confidence = np.linspace(0.99, 0.51, 100)
    probabilities = np.stack([confidence, 1 - confidence], axis=1).astype(np.float32)
    truth = (np.arange(100) >= 80).astype(np.int64)
    found = accuracy_at_coverage(truth, probabilities)
    assert found[1.0] == 0.8
    assert found[0.9] == pytest.approx(80 / 90)
    assert found[0.8] == found[0.5] == 1


def test_bins_hold_every_row_once() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (500, 7)).astype(np.float32)
    truth = rng.integers(0, 7, 500)
    bins = reliability(truth, softmax(logits, 1.0), bins=15)
    assert sum(rows for _, _, rows in bins) == 500
    right = sum(accuracy * rows for _, accuracy, rows in bins)
    assert right == pytest.approx((logits.argmax(axis=1) == truth).sum())
    confidences = [confidence for confidence, _, _ in bins]
    assert confidences == sorted(confidences)


def test_speed_is_measured(bundle_folder: Path) -> None:
    assert measure_speed(Classifier(load_bundle(bundle_folder))) > 0
