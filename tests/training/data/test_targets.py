from __future__ import annotations

from dataclasses import replace

import numpy as np

from emotion_core.labels import EMOTIONS
from training.data.dataset import Dataset
from training.data.targets import (
    FERPLUS,
    TO_EMOTIONS,
    ferplus_targets,
    is_usable,
    majority,
    vote_distribution,
)

VOTES = np.array(
    [
        [5, 0, 0, 0, 0, 0, 0, 5, 0, 0],
        [0, 2, 0, 0, 0, 0, 0, 0, 3, 5],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 10],
        [0, 4, 0, 0, 0, 0, 0, 1, 4, 1],
    ],
    np.uint8,
)


def test_the_seven_emotions_are_found_by_name_in_ferplus() -> None:
    names = [FERPLUS[i] for i in TO_EMOTIONS]
    assert names == ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
    assert len(names) == len(EMOTIONS)


def test_distributions_leave_unknown_and_not_a_face_out() -> None:
    shares = vote_distribution(VOTES)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(shares[0, [0, 7]], 0.5)
    assert shares[1, 1] == 1
    np.testing.assert_allclose(shares[2], 1 / 8)


def test_rows_are_usable_where_an_emotion_leads_or_draws() -> None:
    assert is_usable(VOTES).tolist() == [True, False, False, True]
    assert majority(VOTES).tolist() == [0, 1, 0, 1]


def test_fer_labels_stand_in_for_missing_votes(dataset: Dataset) -> None:
    targets, weights = ferplus_targets(replace(dataset, votes=np.zeros_like(dataset.votes)))
    named = np.array([FERPLUS[i] for i in targets.argmax(axis=1)])
    assert set(named[dataset.emotion == EMOTIONS.index("happy")]) == {"happiness"}
    assert set(named[dataset.emotion == EMOTIONS.index("neutral")]) == {"neutral"}
    assert (targets.sum(axis=1) == 1).all()
    assert (weights == 1).all()
