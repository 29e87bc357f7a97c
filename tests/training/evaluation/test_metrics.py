from __future__ import annotations

import json

import numpy as np
import pytest

from training.evaluation.metrics import (
    expected_calibration_error,
    risk_coverage_area,
    score,
    wilson_interval,
)


def test_scores_of_a_worked_example() -> None:
    truth = np.array([0, 0, 1, 1, 1])
    probabilities = np.array(
        [[0.9, 0.1, 0], [0.4, 0.6, 0], [0.2, 0.8, 0], [0.3, 0.7, 0], [0.1, 0.2, 0.7]], np.float32
    )
    scores = score(truth, probabilities, ("a", "b", "c"))
    assert scores.accuracy == pytest.approx(3 / 5)
    assert scores.confusion.tolist() == [[1, 1, 0], [0, 2, 1], [0, 0, 0]]
    assert scores.precision == pytest.approx((1, 2 / 3, 0))
    assert scores.recall == pytest.approx((1 / 2, 2 / 3, 0))
    assert scores.balanced_accuracy == pytest.approx((1 / 2 + 2 / 3) / 2), "c never occurs"
    assert scores.worst_class == ("a", pytest.approx(1 / 2))
    assert scores.macro_f1 == pytest.approx((2 / 3 + 2 / 3) / 2), "c never occurs"
    written = json.loads(json.dumps(scores.to_dict()))
    assert written["per_class"]["b"] == {
        "rows": 3,
        "precision": 0.666667,
        "recall": 0.666667,
        "f1": 0.666667,
    }


def test_wilson_interval_of_a_published_example() -> None:
    # Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857), Table I, 81 of 263, method 3.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_wilson_interval_stays_inside_and_holds_the_share() -> None:
    assert wilson_interval(0, 10)[0] == 0
    assert wilson_interval(10, 10)[1] == 1
    low, high = wilson_interval(1, 10)
    assert 0 < low < 0.1 < high < 1


def test_calibration_error_is_the_weighted_gap_of_the_bins() -> None:
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    correct = np.array([True, True, True, False])
    expected = (2 * 0.05 + 2 * 0.05) / 4
    assert expected_calibration_error(confidence, correct) == pytest.approx(expected)
    assert expected_calibration_error(np.array([1.0]), np.array([True])) == 0
    assert expected_calibration_error(np.array([0.0]), np.array([True])) == 1


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="no rows"):
        score(np.empty(0, np.int64), np.empty((0, 3), np.float32), ("a", "b", "c"))


def test_the_risk_coverage_area_is_the_mean_error_over_all_coverages() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    correct = np.array([True, False, True, False])
    assert risk_coverage_area(confidence, correct) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    shuffled = [2, 0, 3, 1]
    assert risk_coverage_area(confidence[shuffled], correct[shuffled]) == pytest.approx(1 / 3)
    assert risk_coverage_area(confidence, np.ones(4, bool)) == 0
    assert risk_coverage_area(confidence, np.zeros(4, bool)) == 1


def test_rows_of_equal_confidence_count_the_same_in_any_order() -> None:
    confidence = np.full(4, 0.5)
    for correct in ([True, True, False, False], [False, True, False, True]):
        assert risk_coverage_area(confidence, np.array(correct)) == pytest.approx(0.5)


def test_the_risk_coverage_area_of_random_answers_equals_a_loop() -> None:
    rng = np.random.default_rng(5)
    confidence, correct = rng.random(300), rng.random(300) < 0.7
    ranked = sorted(zip(confidence, correct, strict=True), reverse=True)
    risks = [sum(not right for _, right in ranked[:k]) / k for k in range(1, 301)]
    assert risk_coverage_area(confidence, correct) == pytest.approx(sum(risks) / 300)
