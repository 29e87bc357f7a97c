from __future__ import annotations

import numpy as np
import pytest

from emotion_core.emotions.calibrate import QUALITY_FLOOR, Calibration, softmax

LOGITS = np.array([[3, 1, 0], [0, 2, 1]], np.float32)


def test_softmax() -> None:
    logits = np.array([[1000, 0, 0], [1, 2, 3]], np.float32)
    probabilities = softmax(logits, 2.0)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert probabilities[1] == pytest.approx(np.exp([0.5, 1, 1.5]) / np.exp([0.5, 1, 1.5]).sum())
    assert softmax(np.empty((0, 7), np.float32), 1.0).shape == (0, 7)


def test_full_quality_is_the_temperature_of_the_card() -> None:
    calibration = Calibration(0.8, 0.6, 0.15, 0.3)
    found = calibration.probabilities(LOGITS, np.ones(2, np.float32))
    assert found == pytest.approx(softmax(LOGITS, 0.8), abs=1e-6)
    assert calibration.thresholds(np.ones(1, np.float32)) == pytest.approx(0.6)


def test_low_quality_lowers_confidence_and_raises_the_threshold() -> None:
    calibration = Calibration(0.8, 0.6, 0.15, 0.3)
    quality = np.array([1, 0.7, 0.4, 0.1, QUALITY_FLOOR, 0], np.float32)
    logits = np.repeat(LOGITS[:1], len(quality), axis=0)
    found = calibration.probabilities(logits, quality).max(axis=1)
    assert (np.diff(found) < 0).tolist() == [True] * 4 + [False]
    assert found[2] == pytest.approx(softmax(LOGITS[:1], 0.8 / 0.4**0.15).max(), abs=1e-6)
    limits = calibration.thresholds(quality)
    assert (np.diff(limits) > 0).tolist() == [True] * 4 + [False]
    assert limits[2] == pytest.approx(1 - 0.4 * 0.4**0.3)


def test_a_card_without_exponents_knows_no_quality() -> None:
    calibration = Calibration.of_card({"temperature": 0.8, "abstention_threshold": 0.6})
    found = calibration.probabilities(LOGITS, np.array([0.1, 1], np.float32))
    assert found == pytest.approx(softmax(LOGITS, 0.8), abs=1e-6)
    assert calibration.thresholds(np.zeros(1, np.float32)) == pytest.approx(0.6)
