"""Intervals as other programs read them: ELAN, BORIS, WebVTT and SRT."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st
from pympi.Elan import Eaf

from emotion_core.errors import MediaError, OutputError, UsageError
from emotion_core.labels import EMOTIONS
from emotion_core.media.kinds import VIDEO_SUFFIXES
from emotion_core.results.coded.boris import boris_text
from emotion_core.results.coded.elan import MIME_TYPES, VOCABULARY, elan_text
from emotion_core.results.coded.srt import srt_text
from emotion_core.results.coded.video import CodedVideo, Interval, read_video, times_ms
from emotion_core.results.coded.webvtt import webvtt_text
from emotion_core.results.coded.write import WRITERS, export_intervals
from emotion_core.timeline.intervals import IntervalRule

CLIP = "timelines/sample_media/clips/coming_and_going.mp4.parquet"
VIDEOS = 5


@pytest.fixture
def clip(finished_run: Path) -> list[dict[str, object]]:
    """The intervals of a clip with several tracks."""
    rows = pq.read_table(finished_run / "intervals.parquet").to_pylist()
    found = [row for row in rows if row["source"].endswith("coming_and_going.mp4")]
    assert len({row["track"] for row in found}) > 2
    return found


def made(*intervals: tuple[int, str, int, int], media: str = "/in/clip.mp4") -> CodedVideo:
    """A video with intervals of track, emotion, onset and offset in µs."""
    return CodedVideo(
        "in/clip.mp4", media, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        tuple(Interval(*one, onset_frame=1, offset_frame=2, mean_confidence=0.5)
              for one in intervals),
    )  # fmt: skip


def rounded(time_us: object) -> int:
    assert isinstance(time_us, int)
    return round(Fraction(time_us, 1000))


def test_elan(finished_run: Path, tmp_path: Path, clip: list[dict[str, object]]) -> None:
    (path,) = export_intervals(finished_run / CLIP, tmp_path, "elan")
    assert path.name == "coming_and_going.mp4.eaf"
    eaf = Eaf(path)
    assert set(eaf.get_tier_names()) == {f"track {row['track']}" for row in clip}
    annotations = sorted(
        (*annotation[:3], tier)
        for tier in eaf.get_tier_names()
        for annotation in eaf.get_annotation_data_for_tier(tier)
    )
    assert annotations == sorted(
        (
            rounded(row["onset_us"]),
            rounded(row["offset_us"]),
            row["emotion"],
            f"track {row['track']}",
        )
        for row in clip
    )
    (media,) = eaf.media_descriptors
    assert (path.parent / media["RELATIVE_MEDIA_URL"]).resolve().is_file()
    assert Path(media["MEDIA_URL"].removeprefix("file://")).is_file()
    assert media["MIME_TYPE"] == "video/mp4"
    _, entries, _ = eaf.controlled_vocabularies[VOCABULARY]
    assert tuple(values[0][0] for values, _ in entries.values()) == EMOTIONS
    # What it writes is what it read.
    eaf.to_file(tmp_path / "again.eaf")
    again = Eaf(tmp_path / "again.eaf")
    for tier in eaf.get_tier_names():
        assert again.get_annotation_data_for_tier(tier) == eaf.get_annotation_data_for_tier(tier)


def test_elan_refers_only_to_what_there_is() -> None:
    video = made((0, "happy", 0, 1_000_000), (1, "sad", 500_000, 900_000))
    root = ElementTree.fromstring(elan_text(video, Path("/out/a.eaf")))
    # The order that the schema of the format asks for.
    names = [child.tag for child in root]
    order = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LANGUAGE", "CONTROLLED_VOCABULARY"]
    assert [name for name, _ in pairwise([*names, ""]) if name] == [*order[:2], "TIER", *order[2:]]
    slots = {slot.attrib["TIME_SLOT_ID"]: slot for slot in root.iter("TIME_SLOT")}
    entries = {entry.attrib["CVE_ID"] for entry in root.iter("CV_ENTRY_ML")}
    types = {one.attrib["LINGUISTIC_TYPE_ID"] for one in root.iter("LINGUISTIC_TYPE")}
    assert {tier.attrib["LINGUISTIC_TYPE_REF"] for tier in root.iter("TIER")} <= types
    for annotation in root.iter("ALIGNABLE_ANNOTATION"):
        assert annotation.attrib["CVE_REF"] in entries
        assert {annotation.attrib[f"TIME_SLOT_REF{n}"] for n in (1, 2)} <= set(slots)
    times = [int(slot.attrib["TIME_VALUE"]) for slot in slots.values()]
    assert times == sorted(times) == [0, 500, 900, 1000]


@pytest.mark.parametrize(
    "name", ['a & "b" <c>.mp4', "Müller Anna 01.mp4", "100 %.mov", "x\x01.mp4"]
)
def test_odd_names(name: str, tmp_path: Path) -> None:
    video = made((0, "happy", 0, 1_000_000), media=f"/in/{name}")
    path = tmp_path / "a.eaf"
    path.write_text(elan_text(video, path), encoding="utf-8")
    (media,) = Eaf(path).media_descriptors
    assert media["MEDIA_URL"] == f"file:///in/{name}".replace("\x01", "\N{REPLACEMENT CHARACTER}")
    tab = dataclasses.replace(video, source=f"in/\t{name}\n")
    project = json.loads(boris_text([tab], path))
    assert list(project["observations"]) == [tab.source]
    assert project["observations"][tab.source]["file"]["1"] == [f"/in/{name}"]


def test_media_types_do_not_depend_on_the_system(tmp_path: Path) -> None:
    def kind_of(name: str) -> str:
        path = tmp_path / "a.eaf"
        path.write_text(elan_text(made(media=f"/in/{name}"), path), encoding="utf-8")
        return str(Eaf(path).media_descriptors[0]["MIME_TYPE"])

    assert kind_of("a.ts") == kind_of("a.MTS") == "video/mp2t"
    assert kind_of("a.mov") == "video/quicktime"
    assert kind_of("a.h264") == "unknown"
    raw = {".h264", ".264", ".h265", ".265", ".hevc", ".y4m", ".mjpeg", ".mjpg"}
    without = raw | {".ivf", ".nut", ".wtv"}
    assert VIDEO_SUFFIXES - set(MIME_TYPES) == without, "these have no registered type"


def test_boris(finished_run: Path, tmp_path: Path, clip: list[dict[str, object]]) -> None:
    (path,) = export_intervals(finished_run / CLIP, tmp_path, "boris")
    assert path.name == "emotions.boris"
    project = json.loads(path.read_text("utf-8"), parse_float=Fraction)
    assert project["project_format_version"] == "7.0"
    behaviours = list(project["behaviors_conf"].values())
    assert [one["code"] for one in behaviours] == list(EMOTIONS)
    assert {one["type"] for one in behaviours} == {"State event"}
    assert {one["category"] for one in behaviours} == set(project["behavioral_categories"])
    subjects = {one["name"] for one in project["subjects_conf"].values()}
    assert subjects == {f"track {row['track']}" for row in clip}
    ((name, observation),) = project["observations"].items()
    assert name == "sample_media/clips/coming_and_going.mp4"
    assert observation["type"] == "MEDIA"
    (media,) = observation["file"]["1"]
    assert Path(media).is_file()
    assert observation["media_info"]["length"][media] == 9
    assert observation["media_info"]["fps"][media] == 25
    events = observation["events"]
    assert [event[0] for event in events] == sorted(event[0] for event in events)
    # Pairs of a subject and a behaviour give the intervals back, to the microsecond.
    of_state: dict[tuple[str, str], list[Fraction]] = {}
    for time, subject, behaviour, modifier, comment, frame in events:
        assert modifier == ""
        assert comment.startswith("mean confidence ")
        assert frame >= 0
        of_state.setdefault((subject, behaviour), []).append(time)
    found = [
        (int(start * 1_000_000), int(end * 1_000_000), behaviour, subject)
        for (subject, behaviour), times in of_state.items()
        for start, end in zip(times[::2], times[1::2], strict=True)
    ]
    assert sorted(found) == sorted(
        (row["onset_us"], row["offset_us"], row["emotion"], f"track {row['track']}") for row in clip
    )


def test_a_boris_project_holds_all_videos(finished_run: Path, tmp_path: Path) -> None:
    (path,) = export_intervals(finished_run, tmp_path, "boris")
    before = path.read_bytes()
    project = json.loads(before)
    sources = {
        row["source"] for row in pq.read_table(finished_run / "intervals.parquet").to_pylist()
    }
    assert len(project["observations"]) == VIDEOS
    assert sources <= set(project["observations"])
    list(export_intervals(finished_run, tmp_path, "boris"))
    assert path.read_bytes() == before


def test_boris_ends_a_state_before_the_next_one() -> None:
    video = made((10, "happy", 0, 100_001), (9, "fear", 5, 6), (10, "sad", 100_001, 900_000))
    project = json.loads(boris_text([video], Path("a.boris")))
    (observation,) = project["observations"].values()
    events = [event[:3] for event in observation["events"] if event[1] == "track 10"]
    assert events == [
        [0, "track 10", "happy"], [0.100001, "track 10", "happy"],
        [0.100001, "track 10", "sad"], [0.9, "track 10", "sad"],
    ]  # fmt: skip
    assert [one["name"] for one in project["subjects_conf"].values()] == ["track 9", "track 10"]


def ms_of(clock: str) -> int:
    hours, minutes, seconds = clock.split(":")
    return int((3600 * int(hours) + 60 * int(minutes) + Fraction(seconds)) * 1000)


def cues_of(captions: webvtt.WebVTT) -> list[tuple[int, int, str]]:
    return [(ms_of(one.start), ms_of(one.end), one.text) for one in captions]


@pytest.mark.parametrize("form", ["webvtt", "srt"])
def test_subtitles(
    finished_run: Path, tmp_path: Path, clip: list[dict[str, object]], form: str
) -> None:
    (path,) = export_intervals(finished_run / CLIP, tmp_path, form)
    read = webvtt.read(path) if form == "webvtt" else webvtt.from_srt(path)
    assert cues_of(read) == sorted(
        (
            rounded(row["onset_us"]),
            rounded(row["offset_us"]),
            f"#{row['track']} {row['emotion']} {100 * row['mean_confidence']:.0f} %",
        )
        for row in clip
    )


def test_subtitles_of_long_videos_and_of_none() -> None:
    day_us = 25 * 3_600_000_000
    video = made((3, "fear", day_us + 1_500, day_us + 61_002_500))
    assert webvtt_text(video, Path("a")) == (
        "WEBVTT\n\n25:00:00.002 --> 25:01:01.002\n#3 fear 50 %\n"
    )
    assert srt_text(video, Path("a")) == ("1\n25:00:00,002 --> 25:01:01,002\n#3 fear 50 %\n")
    assert len(webvtt.from_string(webvtt_text(made(), Path("a"))).captions) == 0
    assert srt_text(made(), Path("a")) == ""


@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 3_000)), max_size=30))
def test_milliseconds(steps: list[tuple[int, int]]) -> None:
    """A track whose intervals follow each other after some µs each."""
    intervals, time_us = [], 0
    for wait, length in steps:
        intervals.append((0, "happy", time_us + wait, time_us + wait + length))
        time_us += wait + length
    found = times_ms(made(*intervals).intervals)
    for (start, end), (_, _, onset_us, offset_us) in zip(found, intervals, strict=True):
        assert start < end
        if all(offset - onset >= 1_000 for _, _, onset, offset in intervals):
            assert start == rounded(onset_us)
            assert end == rounded(offset_us) or end == start + 1
    for (_, end), (start, _) in pairwise(found):
        assert end <= start


def test_half_milliseconds_go_to_even_and_laps_keep_their_times() -> None:
    video = made(
        (0, "happy", 500, 2_500), (0, "sad", 2_500, 3_501), (1, "sad", 1_000_100, 1_000_200),
        (0, "happy", 1_000, 3_000),
    )  # fmt: skip
    assert times_ms(video.intervals) == [(0, 2), (2, 4), (1000, 1001), (1, 3)]


@pytest.mark.parametrize("form", WRITERS)
def test_a_file_per_video(finished_run: Path, tmp_path: Path, form: str) -> None:
    paths = list(export_intervals(finished_run, tmp_path, form))
    assert len(paths) == VIDEOS
    assert {path.suffix for path in paths} == {WRITERS[form][0]}


@pytest.mark.parametrize("form", [*WRITERS, "boris"])
def test_exports_again_and_what_cannot_be_exported(
    finished_run: Path, tmp_path: Path, form: str
) -> None:
    paths = list(export_intervals(finished_run, tmp_path, form))
    before = [path.read_bytes() for path in paths]
    list(export_intervals(finished_run, tmp_path, form))
    assert [path.read_bytes() for path in paths] == before
    stills = finished_run / "timelines" / "sample_media" / "portraits"
    with pytest.raises(UsageError, match="holds no timeline of a video"):
        list(export_intervals(stills, tmp_path, form))
    with pytest.raises(OutputError, match="cannot be written"):
        list(export_intervals(finished_run, paths[0], form))
    broken = tmp_path / "broken.parquet"
    broken.write_bytes((finished_run / CLIP).read_bytes()[:-9])
    with pytest.raises(MediaError, match=r"broken\.parquet: is not a readable Parquet"):
        list(export_intervals(broken, tmp_path, form))


def test_the_rule_decides(finished_run: Path) -> None:
    video = read_video(finished_run / CLIP, IntervalRule(min_duration=60))
    assert video is not None
    assert video.intervals == ()
