"""Annotated copies of every kind of picture, read by other decoders than ours where there are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotion_core.timeline.store import read_metadata
from jobs.config import JobConfig, RunOptions
from jobs.report import Report
from jobs.run import annotate
from tests import stills

PORTRAIT = Path(__file__).resolve().parents[2] / "sample_media" / "portraits" / "grace_hopper.jpg"
KINDS = stills.COLOURED | stills.PALETTES | stills.GREY | stills.SEVERAL
UNDRAWN = (slice(0, 300), slice(190, 240))
"""Background at the right, where no face and no chart is."""


@pytest.fixture(scope="module")
def source() -> np.ndarray:
    with Image.open(PORTRAIT) as image:
        rgb = np.array(image.convert("RGB").resize((240, 300)))
    rgb[:, :16] = 255
    return rgb


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, source: np.ndarray) -> tuple[Path, Report]:
    folder = tmp_path_factory.mktemp("kinds")
    for name, write in KINDS.items():
        write(folder / name, source)
    output = folder / "out"
    return output, annotate(JobConfig((str(folder),), output, run=RunOptions(workers=0)))


def test_every_kind_has_its_face(run: tuple[Path, Report]) -> None:
    _, report = run
    assert {Path(outcome.source).name for outcome in report.done} == set(KINDS)
    assert {outcome.summary.tracks for outcome in report.done if outcome.summary} == {1}


@pytest.mark.parametrize("name", KINDS)
def test_copies_are_single_upright_pictures_in_their_colours(
    run: tuple[Path, Report], source: np.ndarray, name: str
) -> None:
    output, _ = run
    (path,) = (output / "annotated").rglob(name)
    with Image.open(path) as copy, Image.open(output.parent / name) as original:
        assert copy.format == original.format
        assert getattr(copy, "n_frames", 1) == 1
        assert copy.getexif().get(stills.ORIENTATION_TAG, 1) == 1
        shown = np.array(copy.convert("RGB")).astype(int)
    assert shown.shape == source.shape
    expected = source.astype(int)
    if name in stills.GREY:
        expected = expected @ np.array([0.299, 0.587, 0.114])[:, None]
    assert np.abs(shown[UNDRAWN] - expected[UNDRAWN]).mean() < 8
    assert shown[:, :8].mean() > 250
    # The chart darkens the lower middle of what is drawn.
    assert np.abs(shown - expected).max() > 60


def test_it_is_said_that_only_the_first_picture_was_read(run: tuple[Path, Report]) -> None:
    output, report = run
    several = {Path(outcome.source).name for outcome in report.done if outcome.pictures == 3}
    assert several == set(stills.SEVERAL)
    assert report.counts()["stills_first_picture_only"] == len(several)
    inputs = [
        still
        for timeline in (output / "timelines").rglob("*.parquet")
        for still in read_metadata(timeline)["inputs"]
    ]
    assert {Path(still["source"]).name for still in inputs if still["pictures"] == 3} == several
