from __future__ import annotations

import numpy as np
import pytest

from tests.training.conftest import make_dataset
from training.evaluation.perturb import CHANGES, perturb

FACES = make_dataset(24).images


@pytest.mark.parametrize("change", CHANGES)
def test_stronger_changes_are_farther_from_the_face(change: str) -> None:
    strengths = CHANGES[change][2]
    before = FACES.copy()
    changed = [perturb(FACES, change, strength) for strength in strengths]
    np.testing.assert_array_equal(FACES, before)
    distances = [float(np.abs(faces.astype(int) - FACES).mean()) for faces in changed]
    assert 0 < distances[0] < distances[1] < distances[2]
    for faces in changed:
        assert faces.shape == FACES.shape
        assert faces.dtype == np.uint8


def test_the_same_seed_changes_alike() -> None:
    first = perturb(FACES, "noise", 15, seed=3)
    np.testing.assert_array_equal(first, perturb(FACES, "noise", 15, seed=3))
    assert (first != perturb(FACES, "noise", 15, seed=4)).any()
