from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from emotion_core.bundle import load_bundle
from emotion_core.emotions.calibrate import softmax
from emotion_core.emotions.classifier import Classifier
from training.evaluation.rating import (
    accuracy_at_coverage,
    measure_speed,
    reliability,
    with_mirrored,
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


def test_a_face_and_its_mirror_image_are_judged_alike(
    finished: SimpleNamespace, bundle_folder: Path
) -> None:
    classifier = Classifier(load_bundle(bundle_folder))
    faces = finished.dataset.images[:8]
    mirrored = np.ascontiguousarray(faces[:, :, ::-1])
    one = with_mirrored(classifier, faces, classifier.predict(faces))
    other = with_mirrored(classifier, mirrored, classifier.predict(mirrored))
    for name, logits in one.items():
        np.testing.assert_allclose(logits, other[name], atol=1e-5)
    assert np.abs(one["logits"] - classifier.predict(faces)["logits"]).max() > 1e-3
    assert measure_speed(classifier) > 0
