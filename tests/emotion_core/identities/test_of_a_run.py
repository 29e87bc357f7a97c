"""Runs with ``--identities``, on samples that are easily told apart."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pympi.Elan import Eaf

from emotion_core import Annotator, read_timeline
from emotion_core.options import AnalysisOptions
from emotion_core.plots.series import SERIES_COLUMNS, video_series
from emotion_core.results.coded.write import export_intervals
from emotion_core.results.find import find_timelines
from emotion_core.results.people import summarise_people
from emotion_core.results.validate import find_faults
from emotion_core.timeline.store import read_blocks, read_metadata
from emotion_core.timeline.summary import summarise_tracks
from jobs.config import JobConfig, RunOptions
from jobs.run import annotate

HOPPER = {
    ("sample_media/clips/coming_and_going.mp4", 0),
    ("sample_media/clips/coming_and_going.mp4", 3),
    ("sample_media/clips/phone/turned.mov", 0),
}
COLLINS = {
    ("sample_media/clips/coming_and_going.mp4", 1),
    ("sample_media/clips/coming_and_going.mp4", 2),
    ("sample_media/clips/phone/variable_rate.mp4", 0),
}


def run(
    media: Path, output: Path, identifier: Path, sample_fps: float | None = None, **options: int
) -> pa.Table:
    annotate(
        JobConfig(
            (str(media),),
            output,
            analysis=AnalysisOptions(identities=identifier, sample_fps=sample_fps),
            run=RunOptions(video=False, **options),
        )
    )
    return read_timeline(output)


@pytest.fixture(scope="module")
def out(sample_media: Path, identifier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("identities") / "out"
    run(sample_media, folder, identifier, workers=0)
    return folder


def test_people_are_found_again_across_gaps_and_files(out: Path) -> None:
    faces = read_timeline(out).to_pandas().dropna(subset="track")
    people = faces.groupby(["source", "track"], observed=True).identity.unique()
    assert all(len(numbers) == 1 for numbers in people)
    (hopper,) = {float(people[key][0]) for key in HOPPER}
    (collins,) = {float(people[key][0]) for key in COLLINS}
    assert hopper != collins


def test_portraits_and_the_clips_made_of_them(out: Path) -> None:
    rows = read_timeline(out).to_pandas()
    of_clip = rows[(rows.source == "sample_media/clips/phone/turned.mov")].identity.dropna()
    portrait = rows[rows.source == "sample_media/portraits/grace_hopper.jpg"].identity
    assert portrait.iloc[0] == of_clip.iloc[0]
    group = rows[rows.source == "sample_media/portraits/group/three_faces.jpg"].identity.dropna()
    assert group.is_unique


def test_tables_and_exports_name_the_people(out: Path, tmp_path: Path) -> None:
    faces = read_timeline(out).to_pandas().dropna(subset="emotion")
    number_of = faces.groupby(["source", "track"], observed=True).identity.max()
    for table in ("summary", "intervals"):
        rows = pd.read_parquet(out / f"{table}.parquet").dropna(subset="track")
        assert len(rows) > 3
        for row in rows.itertuples():
            expected = number_of[row.source, row.track]
            assert row.identity == expected or (pd.isna(row.identity) and pd.isna(expected))
    hopper, collins = (int(number_of[min(keys)]) for keys in (HOPPER, COLLINS))
    names = {f"person {hopper}", f"person {collins}"}
    clip = out / "timelines" / "sample_media" / "clips" / "coming_and_going.mp4.parquet"
    (eaf,) = export_intervals(clip, tmp_path, "elan")
    tiers = Eaf(eaf).get_tier_names()
    assert set(tiers) == names, "two tracks of a person are one tier"
    (project,) = export_intervals(clip, tmp_path, "boris")
    subjects = json.loads(project.read_text())["subjects_conf"].values()
    assert {subject["name"] for subject in subjects} == names
    (cues,) = export_intervals(clip, tmp_path, "webvtt")
    assert {
        line.rpartition(" ")[0][:8] for line in cues.read_text().splitlines() if "%" in line
    } == names
    series = video_series(pa.concat_tables(read_blocks(clip, SERIES_COLUMNS)), 8)
    assert {track.identity for track in series.tracks} == {hopper, collins}


def test_figures_of_a_person_are_over_all_files(out: Path) -> None:
    tracks = pa.concat_tables(map(summarise_tracks, find_timelines(out)))
    people = summarise_people(tracks).to_pandas().set_index("identity")
    known = tracks.to_pandas().dropna(subset="identity")
    assert set(people.index) == set(known.identity.astype(int))
    for number, rows in known.groupby(known.identity.astype(int)):
        found = people.loc[number]
        assert found.files == rows.source.nunique()
        assert found.faces == len(rows)
        assert found.face_seconds == pytest.approx(rows.duration_us.sum() / 1e6)
        weight = rows.shown_us.fillna(0)
        weight = weight if weight.sum() else rows.frames
        for name in ("share_happy", "mean_neutral", "uncertain_share"):
            assert found[name] == pytest.approx((rows[name] * weight).sum() / weight.sum())


def test_pieces_and_workers_change_nothing(
    sample_media: Path, identifier: Path, tmp_path: Path
) -> None:
    clips = sample_media / "clips" / "phone"
    one = run(clips, tmp_path / "one", identifier, sample_fps=8, workers=0)
    two = run(clips, tmp_path / "two", identifier, sample_fps=8, workers=2, segment_frames=31)
    assert one == two
    assert set(one["identity"].drop_null().to_pylist()) == {0, 1}


def test_what_is_written_is_sound_and_holds_no_embedding(out: Path) -> None:
    assert [fault for path in find_timelines(out) for fault in find_faults(path)] == []
    assert not (out / ".work").exists()
    for path in out.rglob("*"):
        assert path.is_dir() or b"embedding" not in path.read_bytes()


def test_what_told_them_apart_is_recorded(out: Path, identifier: Path) -> None:
    card = (identifier / "card.json").read_bytes()
    wanted = {"card": json.loads(card), "sha256": hashlib.sha256(card).hexdigest()}
    record = json.loads((out / "run.json").read_text())
    assert record["identifier"] == wanted
    assert record["config"]["identities"] == str(identifier)
    for path in find_timelines(out):
        metadata = read_metadata(path)
        assert metadata["identifier"]["sha256"] == wanted["sha256"]
        assert "card" not in metadata["identifier"]
        assert metadata["analysis"]["identities"] is True


def test_one_file_from_python(sample_media: Path, identifier: Path) -> None:
    annotator = Annotator(analysis=AnalysisOptions(identities=identifier))
    found = annotator.annotate(sample_media / "clips" / "coming_and_going.mp4").to_pandas()
    assert set(found.identity.dropna()) == {0, 1}
    assert found.identity.isna().equals(found.track.isna())


def test_a_baseline_is_that_of_the_person(sample_media: Path, identifier: Path) -> None:
    clip = sample_media / "clips" / "coming_and_going.mp4"
    known = {}
    for identities in (None, identifier):
        analysis = AnalysisOptions(baseline="0-5", identities=identities)
        found = Annotator(analysis=analysis).annotate(clip).to_pandas().dropna(subset="track")
        known[identities] = set(found.track[found.baseline_sad.notna()])
    # The others begin later.
    assert known == {None: {0, 1}, identifier: {0, 1, 2, 3}}
