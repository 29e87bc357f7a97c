from __future__ import annotations

import numpy as np
import pytest

from emotion_core.emotions.calibrate import Calibration, softmax
from training.bundling.calibrate import (
    fit_abstention,
    fit_temperature,
    fit_temperature_exponent,
    fit_threshold_exponent,
)


def drawn(n: int = 20_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and classes drawn from their softmax: perfectly calibrated at temperature 1."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, 7)).astype(np.float32)
    cumulative = softmax(logits, 1.0).cumsum(axis=1)
    truth = (rng.random((n, 1)) > cumulative).sum(axis=1).clip(0, 6)
    return logits, truth.astype(np.int64)


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_the_temperature_of_scaled_logits_is_their_factor(factor: float) -> None:
    logits, truth = drawn()
    assert fit_temperature(logits * np.float32(factor), truth) == pytest.approx(factor, rel=0.05)


def test_large_logits_do_not_overflow() -> None:
    logits, truth = drawn(500)
    assert 0.05 <= fit_temperature(logits * np.float32(1e4), truth) <= 20.001


def test_the_threshold_is_the_smallest_that_reaches_the_target() -> None:
    logits, truth = drawn()
    probabilities = softmax(logits, 1.0)
    found = fit_abstention(probabilities, truth, target_error=0.1)
    confidence, wrong = probabilities.max(axis=1), probabilities.argmax(axis=1) != truth
    kept = confidence >= found.threshold
    assert kept.mean() == pytest.approx(found.kept_share)
    assert wrong[kept].mean() == pytest.approx(found.kept_error)
    assert found.kept_error <= 0.1
    lower = np.unique(confidence[confidence < found.threshold])[::-1]
    assert all(wrong[confidence >= threshold].mean() > 0.1 for threshold in lower[::50])
    assert wrong[confidence >= lower[0]].mean() > 0.1


def test_a_classifier_that_never_errs_is_never_uncertain() -> None:
    logits = np.eye(7, dtype=np.float32) * 3
    found = fit_abstention(softmax(logits, 1.0), np.arange(7))
    assert (found.threshold, found.kept_share, found.kept_error) == (0.0, 1.0, 0.0)


def test_a_classifier_that_always_errs_is_always_uncertain() -> None:
    logits = np.eye(7, dtype=np.float32) * 3
    found = fit_abstention(softmax(logits, 1.0), (np.arange(7) + 1) % 7)
    assert (found.threshold, found.kept_share) == (1.0, 0.0)


def test_rows_of_equal_confidence_are_kept_or_refused_together() -> None:
    logits = np.tile(np.array([[1, 0, 0, 0, 0, 0, 0]], np.float32), (4, 1))
    found = fit_abstention(softmax(logits, 1.0), np.array([0, 0, 0, 1]), target_error=0.1)
    assert found.kept_share == 0.0


@pytest.mark.parametrize("exponent", [0.0, 0.2, 0.8])
def test_the_exponent_of_logits_that_are_too_large_at_low_quality(exponent: float) -> None:
    logits, truth = drawn()
    quality = np.random.default_rng(1).uniform(0.1, 1, len(truth)).astype(np.float32)
    overconfident = (logits * 0.8 / quality[:, None] ** exponent).astype(np.float32)
    found = fit_temperature_exponent(overconfident, truth, quality, 0.8)
    assert found == pytest.approx(exponent, abs=0.03)


def test_the_threshold_rises_until_faces_of_low_quality_err_as_seldom() -> None:
    logits, truth = drawn()
    quality = np.random.default_rng(1).uniform(0.1, 1, len(truth)).astype(np.float32)
    # Calibrated, but the less sure the lower the quality.
    calibration = Calibration(1.0, 0.0, temperature_exponent=0.5)
    cumulative = calibration.probabilities(logits, quality).cumsum(axis=1)
    draws = np.random.default_rng(2).random((len(truth), 1))
    truth = (draws > cumulative).sum(axis=1).clip(0, 6).astype(np.int64)
    probabilities = calibration.probabilities(logits, quality)
    high = quality >= 0.9
    threshold = fit_abstention(probabilities[high], truth[high]).threshold
    exponent = fit_threshold_exponent(probabilities, truth, quality, threshold)
    errors = []
    for each in (exponent, exponent - 0.05):
        limits = Calibration(1.0, threshold, threshold_exponent=each).thresholds(quality)
        kept = (probabilities.max(axis=1) >= limits) & (quality < 0.9)
        errors.append((probabilities.argmax(axis=1) != truth)[kept].mean())
    assert 0 < exponent < 3
    assert errors[0] <= 0.1 < errors[1]


def test_where_the_target_is_kept_already_quality_does_not_matter() -> None:
    probabilities = np.tile(np.array([0.9, 0.1], np.float32), (50, 1))
    right = np.zeros(50, np.int64)
    assert fit_threshold_exponent(probabilities, right, np.full(50, 0.3, np.float32), 0.6) == 0
