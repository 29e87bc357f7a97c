"""A file played as a camera: what is kept of it, shown and recorded."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emotion_core.errors import MediaError, UsageError
from emotion_core.faces.detector import FaceDetector
from emotion_core.layout import timeline_of
from emotion_core.live.parts import merge_left_parts, merge_parts
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.results.export import export_each
from emotion_core.results.find import find_timelines
from emotion_core.results.read import read_timeline
from emotion_core.results.validate import find_faults
from emotion_core.timeline.store import METADATA_KEY, read_blocks, read_metadata
from emotion_core.timeline.summary import summarise_tracks
from tests.emotion_core.live.sessions import SOURCE, Running, request_for

START = timedelta(seconds=60)


@pytest.fixture(scope="module")
def clip(sample_media: Path) -> Path:
    return sample_media / "clips" / "coming_and_going.mp4"


@pytest.fixture(scope="module")
def played(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Running, Path]:
    """Five seconds of the clip, watched and recorded from the second one on."""
    output = tmp_path_factory.mktemp("live") / "out"
    running = Running(request_for(clip, output, analysis=AnalysisOptions(end=5)))
    running.wait(lambda: len(running.pictures) > 10)
    running.session.record(wanted=True)
    running.finish(stop=False)
    shutil.copytree(output, output.parent / "killed")
    assert merge_parts(timeline_of(output, SOURCE), {})
    return running, output


@pytest.fixture(scope="module")
def rows(played: tuple[Running, Path]) -> pa.Table:
    return read_timeline(played[1])


def test_every_frame_is_analysed_or_counted_as_dropped(
    played: tuple[Running, Path], rows: pa.Table
) -> None:
    totals: dict[str, Any] = played[0].totals
    assert totals["frames_arrived"] == 125
    assert totals["frames_analysed"] + totals["frames_dropped"] == 125
    assert len(set(rows["frame"].to_pylist())) == totals["frames_analysed"]
    assert totals["frames_with_face"] > 0


def test_gaps_stand_where_frames_are_missing(rows: pa.Table) -> None:
    frames = dict(zip(rows["frame"].to_pylist(), rows["gap"].to_pylist(), strict=True))
    numbers = sorted(frames)
    for before, number in zip([-1, *numbers], numbers, strict=False):
        assert frames[number] == (number != before + 1)


def test_rows_carry_stream_time_and_wall_time(rows: pa.Table) -> None:
    frame, time_us = rows["frame"].to_numpy(), rows["time_us"].to_numpy()
    assert np.array_equal(time_us, frame * 40_000)
    wall = rows["wall_time"].to_pylist()
    assert abs(wall[0] - datetime.now(UTC)) < START
    passed_us = np.array([(later - wall[0]) / timedelta(microseconds=1) for later in wall])
    assert np.abs(passed_us - (time_us - time_us[0])).max() < 100_000


def test_the_timeline_keeps_what_the_schema_promises(played: tuple[Running, Path]) -> None:
    timeline = timeline_of(played[1], SOURCE)
    assert [str(fault) for fault in find_faults(timeline)] == []
    assert not list(timeline.parent.glob("*.parts"))


def test_what_a_killed_session_leaves_is_one_timeline(
    played: tuple[Running, Path], rows: pa.Table, tmp_path: Path
) -> None:
    killed = played[1].parent / "killed"
    whole, (parts,) = timeline_of(played[1], SOURCE), find_timelines(killed)
    assert parts.is_dir()
    files = sorted(parts.glob("*.parquet"))
    assert len(files) > 1
    told = [sum(map(len, pq.read_metadata(file).metadata.values())) for file in files]
    assert METADATA_KEY in pq.read_metadata(files[-1]).metadata
    # A part has 2 s: what stands in each adds up to far less than 1 MB an hour.
    assert max(told[1:]) * 1800 < 100_000
    assert read_metadata(parts)["frames"] == read_metadata(whole)["frames"]
    assert find_timelines(parts) == [parts]
    assert read_timeline(killed).equals(rows)
    assert summarise_tracks(parts).equals(summarise_tracks(whole))
    assert [str(fault) for fault in find_faults(parts)] == []
    assert len(list(export_each(killed, tmp_path / "csv", "csv"))) == 1
    (exported,) = (tmp_path / "csv").rglob("*.csv")
    assert exported.relative_to(tmp_path / "csv") == Path(f"{SOURCE}.csv")
    # Where both are there, the rows count once.
    beside = tmp_path / "both"
    shutil.copytree(killed, beside)
    shutil.copy(whole, timeline_of(beside, SOURCE))
    assert find_timelines(beside) == [timeline_of(beside, SOURCE)]


def test_a_folder_without_parts_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.parts").mkdir()
    with pytest.raises(MediaError, match="just being made whole: try again"):
        list(read_blocks(tmp_path / "a.parts"))
    with pytest.raises(UsageError, match="holds no timeline"):
        read_timeline(tmp_path)


def test_a_folder_of_videos_with_the_ending_of_parts_is_one(
    played: tuple[Running, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "timelines" / "spare.parts"
    folder.mkdir(parents=True)
    for name in ("000001.mp4", "000002.mp4"):
        shutil.copy(timeline_of(played[1], SOURCE), folder / f"{name}.parquet")
    assert find_timelines(tmp_path) == sorted(folder.iterdir())
    assert find_timelines(folder) == sorted(folder.iterdir())
    assert merge_left_parts(tmp_path) == []
    assert len(list(folder.iterdir())) == 2


def test_pictures_are_whole_and_change(played: tuple[Running, Path]) -> None:
    pictures = [cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
                for jpeg in played[0].pictures.values()]  # fmt: skip
    assert {picture.shape for picture in pictures if picture is not None} == {(360, 640, 3)}
    assert len(set(played[0].pictures.values())) > len(pictures) / 2


def test_the_recording_plays_at_the_times_of_the_frames(
    played: tuple[Running, Path], rows: pa.Table
) -> None:
    (recording,) = played[0].totals["recordings"]
    with av.open(recording) as container:
        times = [frame.time for frame in container.decode(video=0)]
    kept = np.unique(rows["time_us"].to_numpy())[-len(times) :] / 1e6
    assert len(times) > 10
    np.testing.assert_allclose(np.array(times), kept - kept[0], atol=1e-3)


def test_nothing_is_kept_without_an_output(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    running = Running(request_for(clip, None, analysis=AnalysisOptions(end=0.5)))
    with pytest.raises(UsageError, match="--output"):
        running.session.record(wanted=True)
    totals = running.finish(stop=False)
    assert totals["frames_analysed"] > 0
    assert not list(tmp_path.iterdir())


def test_hidden_faces_cannot_be_found_in_what_is_shown(clip: Path) -> None:
    shown = {}
    for hiding in (False, True):
        request = request_for(
            clip, None, analysis=AnalysisOptions(end=4), render=RenderOptions(blur_faces=hiding)
        )
        running = Running(request)
        running.finish(stop=False)
        shown[hiding] = running.pictures
    assert _faces_in(shown[False]) > 0
    assert _faces_in(shown[True]) == 0


def _faces_in(pictures: dict[int, bytes]) -> int:
    detector = FaceDetector(0.7)
    decoded = [cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
               for jpeg in list(pictures.values())[::5]]  # fmt: skip
    return sum(len(detector.detect(picture.astype(np.uint8))) for picture in decoded)
