"""The identifier of the real weights, where these lie beside the checkout."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from emotion_core import read_timeline
from emotion_core.options import AnalysisOptions
from jobs.config import JobConfig, RunOptions
from jobs.run import annotate
from tests.training.conftest import make_dataset
from training.bundling.identifier import export_identifier
from training.data.dataset import Dataset, save_dataset
from training.errors import DatasetError
from training.networks.face_weights import SHA256

HOPPER = {
    ("clips/coming_and_going.mp4", 0),
    ("clips/coming_and_going.mp4", 3),
    ("clips/phone/turned.mov", 0),
}
COLLINS = {
    ("clips/coming_and_going.mp4", 1),
    ("clips/coming_and_going.mp4", 2),
    ("clips/phone/variable_rate.mp4", 0),
}
MINUTES_S = 1_800


def test_too_few_pictures_are_named(tmp_path: Path) -> None:
    save_dataset(make_dataset(400), tmp_path / "few.npz")
    with pytest.raises(DatasetError, match=r"few\.npz: has 300 Training pictures, and an ident"):
        export_identifier(tmp_path / "faces.weights.h5", tmp_path / "few.npz", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def real_identifier(
    fer: Dataset, face_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("real")
    save_dataset(fer, folder / "fer.npz")
    export_identifier(face_weights, folder / "fer.npz", folder / "identifier")
    return folder / "identifier"


@pytest.fixture(scope="module")
def rows(
    real_identifier: Path, sample_media: Path, tmp_path_factory: pytest.TempPathFactory
) -> pd.DataFrame:
    out = tmp_path_factory.mktemp("real") / "out"
    analysis = AnalysisOptions(identities=real_identifier)
    run = RunOptions(workers=0, video=False)
    assert not annotate(JobConfig((str(sample_media),), out, analysis=analysis, run=run)).failed
    found = read_timeline(out).to_pandas()
    return found.assign(source=found.source.str.removeprefix("sample_media/"))


@pytest.mark.slow
@pytest.mark.timeout(MINUTES_S)
def test_the_weights_are_those_that_the_card_names(face_weights: Path) -> None:
    assert hashlib.sha256(face_weights.read_bytes()).hexdigest() == SHA256


@pytest.mark.slow
@pytest.mark.timeout(MINUTES_S)
def test_people_are_found_again_across_gaps_and_files(rows: pd.DataFrame) -> None:
    faces = rows.dropna(subset="track")
    people = faces.groupby(["source", "track"], observed=True).identity.unique()
    assert all(len(numbers) == 1 for numbers in people)
    (hopper,) = {float(people[key][0]) for key in HOPPER}
    (collins,) = {float(people[key][0]) for key in COLLINS}
    assert hopper != collins


@pytest.mark.slow
@pytest.mark.timeout(MINUTES_S)
def test_portraits_and_the_clips_made_of_them(rows: pd.DataFrame) -> None:
    of_clip = rows[rows.source == "clips/phone/turned.mov"].identity.dropna()
    portrait = rows[rows.source == "portraits/grace_hopper.jpg"].identity
    assert portrait.iloc[0] == of_clip.iloc[0]
    group = rows[rows.source == "portraits/group/three_faces.jpg"].identity
    assert group.notna().all()
    assert group.is_unique
