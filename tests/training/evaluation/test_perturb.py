from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emotion_core.analyse import FaceCutter
from emotion_core.media.still import read_still
from emotion_core.options import AnalysisOptions
from tests.training.conftest import make_dataset
from training.evaluation.perturb import CHANGES, perturb, quality_after

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


@pytest.mark.parametrize("change", ["blur", "low light", "low resolution", "cut off"])
def test_quality_falls_with_the_strength(change: str, sample_media: Path) -> None:
    cutter = FaceCutter(AnalysisOptions(), 48)
    still = read_still(sample_media / "portraits" / "group" / "three_faces.jpg")
    faces = cutter.cut_still(0, still).crops
    medians = [
        float(np.median(quality_after(perturb(faces, change, strength), change, strength)))
        for strength in CHANGES[change][2]
    ]
    assert 1 >= medians[0] > medians[1] > medians[2]
