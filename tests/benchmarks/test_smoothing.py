"""What smoothing must reach (all of it: `python -m benchmarks.smoothing`)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.known_labels import KnownTrack, generate, score
from benchmarks.smoothing import CLIP, DURATIONS, NOISES, measure_clip, measure_sequences
from emotion_core import Annotator
from emotion_core.options import AnalysisOptions

COMMITTED = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "smoothing.json"
AGREEMENT = 0.97
ONSET_ERROR_S = 0.1
FEWER_FLIPS = 4


def assert_as_it_must_be(sequences: list[dict]) -> None:
    assert len(sequences) == len(NOISES) * len(DURATIONS)
    for sequence in sequences:
        smoothed = sequence["smoothed"]
        case = sequence["noise"], sequence["durations"]
        assert smoothed["onset_error_median"] <= ONSET_ERROR_S, case
        assert smoothed["onset_error_95"] <= ONSET_ERROR_S, case
        # Half-second expressions in strong noise, whose frames alone agree less, too.
        if case != ("strong", "0.5 s"):
            assert smoothed["agreement"] >= AGREEMENT, case


def test_known_expressions_keep_their_labels_and_onsets() -> None:
    assert_as_it_must_be(measure_sequences())


def test_labels_flip_less_often() -> None:
    if not CLIP.is_file():
        pytest.skip(f"{CLIP} is not here")
    found = measure_clip(CLIP, Annotator(analysis=AnalysisOptions(end=8)))["flips_per_minute"]
    assert found["raw"] > 100
    assert found["smoothed"] <= found["raw"] / FEWER_FLIPS


def test_the_committed_figures_hold_what_is_demanded() -> None:
    results = json.loads(COMMITTED.read_text())
    assert_as_it_must_be(results["sequences"])
    flips = {clip["clip"]: clip["flips_per_minute"] for clip in results["clips"]}["woman.mp4"]
    assert flips["smoothed"] <= flips["raw"] / FEWER_FLIPS
    pictures = results["pictures"]["smoothed"]
    assert pictures["agreement"] >= AGREEMENT
    assert pictures["onset_error_95"] <= ONSET_ERROR_S


def test_generated_noise_has_the_size_and_memory_that_is_asked_for() -> None:
    track = generate(1.2, (300, 300), 0, seed=0)
    noise = track.logits - track.logits.mean(axis=0)
    assert noise.std() == pytest.approx(1.2, rel=0.05)
    assert (noise[1:] * noise[:-1]).mean() / noise.var() == pytest.approx(np.exp(-0.4), abs=0.03)


def test_scores_of_a_late_and_of_a_missed_onset() -> None:
    truth = np.repeat([3, 6, 0, 3], 25)
    label = truth.copy()
    label[25:28] = 3
    label[50:75] = 6
    track = KnownTrack(np.arange(100) * 40_000, np.empty((100, 7), np.float32), truth)
    found = score(track, np.eye(7, dtype=np.float32)[label])
    assert found["agreement"] == pytest.approx(0.72)
    assert (found["onsets"], found["missed"]) == (3, 1)
    assert found["onset_error_median"] == pytest.approx(0.12)
    assert found["onset_error_95"] == np.inf
    perfect = score(track, np.eye(7, dtype=np.float32)[truth])
    assert (perfect["agreement"], perfect["onset_error_95"]) == (1, 0)
    assert score(replace(track, truth=label), np.eye(7)[label])["missed"] == 0
