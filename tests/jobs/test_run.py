"""The whole job on real media: same rows however it is cut up, and copies that match the source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.known_faces.draw import make_clip
from benchmarks.known_faces.screenplay import SCENES
from emotion_core.media.still import read_still
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.tasks import Task
from emotion_core.timeline.store import read_metadata
from jobs.config import JobConfig, RunOptions
from jobs.exit_codes import ExitCode
from jobs.listener import Progress
from jobs.outcomes import Outcome
from jobs.pool import Pool, open_pool
from jobs.report import Report
from jobs.run import annotate
from tests import clips

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
VARIABLE = SAMPLES / "clips" / "phone" / "variable_rate.mp4"
TURNED = SAMPLES / "clips" / "phone" / "turned.mov"


def run(
    output: Path, *inputs: Path, workers: int = 0, segment_frames: int = 300, **options: object
) -> Report:
    video = bool(options.pop("video", True))
    render = RenderOptions(preset="ultrafast", blur_faces=bool(options.pop("blur_faces", False)))
    config = JobConfig(
        inputs=tuple(map(str, inputs)),
        output=output,
        analysis=AnalysisOptions(**options),
        render=render,
        run=RunOptions(workers=workers, segment_frames=segment_frames, video=video),
    )
    return annotate(config)


def rows(output: Path) -> dict[str, list[dict[str, object]]]:
    timelines = output / "timelines"
    return {
        str(path.relative_to(timelines)): pq.read_table(path).to_pylist()
        for path in sorted(timelines.rglob("*.parquet"))
    }


def cuts(output: Path) -> dict[str, list[int]]:
    timelines = sorted((output / "timelines").rglob("*.parquet"))
    return {path.name: read_metadata(path).get("cuts", []) for path in timelines}


def copy_times(path: Path) -> list[Fraction]:
    return [frame.pts * Fraction(frame.time_base) for frame in clips.plain_decode(path)]


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    clips.make_undecodable(folder / "broken.mp4", broken=(20,))
    clips.make_mpeg_ps(folder / "program.mpg")
    clips.make_trimmed(folder / "trimmed.mp4")
    make_clip(SCENES["quick_shots"], folder)
    for source in (VARIABLE, TURNED, SAMPLES / "portraits" / "group" / "three_faces.jpg"):
        (folder / source.name).write_bytes(source.read_bytes())
    return folder


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory, media: Path) -> Path:
    output = tmp_path_factory.mktemp("serial")
    report = run(output, media)
    assert report.exit_code == ExitCode.DONE, report.failed
    return output


@pytest.mark.parametrize(("workers", "segment_frames"), [(0, 7), (1, 40), (2, 23)])
def test_same_rows_at_any_worker_count_and_segment_length(
    tmp_path: Path, media: Path, serial: Path, workers: int, segment_frames: int
) -> None:
    run(tmp_path, media, workers=workers, segment_frames=segment_frames, video=False)
    assert rows(tmp_path) == rows(serial)
    intervals = pq.read_table(serial / "intervals.parquet")
    assert pq.read_table(tmp_path / "intervals.parquet").equals(intervals, check_metadata=True)
    assert cuts(tmp_path) == cuts(serial)


@pytest.mark.parametrize(
    "name", ["broken.mp4", "program.mpg", "trimmed.mp4", "variable_rate.mp4", "turned.mov"]
)
def test_copy_has_the_frames_and_times_of_the_timeline(
    media: Path, serial: Path, name: str
) -> None:
    (timeline,) = (serial / "timelines").rglob(f"{name}.parquet")
    table = pq.read_table(timeline)
    base = Fraction(read_metadata(timeline)["time_base"])
    pts = np.unique(table["pts"].to_numpy())
    (copy,) = (serial / "annotated").rglob(name if name.endswith(".mp4") else f"{name}.mp4")
    assert copy_times(copy) == [int(value - pts[0]) * base for value in pts]
    with av.open(str(copy)) as container, av.open(str(media / name)) as source:
        video = container.streams.video[0]
        assert (video.codec.name, video.pix_fmt) == ("h264", "yuv420p")
        assert bool(container.streams.audio) == bool(source.streams.audio)
        frame = next(container.decode(video))
        assert frame.side_data.get("DISPLAYMATRIX") is None
        upright = next(clips.plain_frames(media / name)) if name == "turned.mov" else None
        if upright is not None:
            assert (frame.width, frame.height) == (upright.height, upright.width)
    content = copy.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_cut_is_in_the_metadata_and_ends_tracks(serial: Path) -> None:
    (timeline,) = (serial / "timelines").rglob("quick_shots.mp4.parquet")
    true = SCENES["quick_shots"].cuts
    assert read_metadata(timeline)["cuts"] == true
    table = pq.read_table(timeline)
    shot = np.searchsorted(true, table["frame"].to_numpy(), side="right")
    assert (table["track"].to_numpy() == shot).all()


def test_undecodable_frames_are_rows(serial: Path) -> None:
    (timeline,) = (serial / "timelines").rglob("broken.mp4.parquet")
    table = pq.read_table(timeline).to_pylist()
    assert [row["frame"] for row in table] == list(range(clips.FRAMES))
    assert table[20]["status"] == "undecodable"
    assert table[20]["box_x"] is None
    after = [row["status"] for row in table[21:36]]
    assert "damaged" in after
    assert table[-1]["status"] in ("ok", "no_face")


def test_run_tables(serial: Path, media: Path) -> None:
    run_record = json.loads((serial / "run.json").read_text())
    assert run_record["counts"]["files_done"] == len(list(media.iterdir()))
    assert run_record["config"]["input"] == [str(media)]
    assert (serial / "failures.jsonl").read_text() == ""
    summary = pq.read_table(serial / "summary.parquet").to_pylist()
    assert {row["source"] for row in summary} == {f"{media.name}/{p.name}" for p in media.iterdir()}
    intervals = pq.read_table(serial / "intervals.parquet").to_pylist()
    assert {row["source"].rpartition("/")[2] for row in intervals} >= {TURNED.name, VARIABLE.name}
    assert intervals == sorted(intervals, key=lambda r: (r["source"], r["onset_us"], r["track"]))
    assert not (serial / ".work").exists()


def test_sampling_keeps_every_frame_in_the_copy(tmp_path: Path) -> None:
    run(tmp_path, TURNED, sample_fps=5.0)
    (table,) = (pq.read_table(p) for p in (tmp_path / "timelines").rglob("*.parquet"))
    assert np.unique(table["frame"].to_numpy()).tolist() == list(range(0, 100, 5))
    (copy,) = (tmp_path / "annotated").rglob("*.mp4")
    assert len(copy_times(copy)) == 100


def test_stride_and_range(tmp_path: Path) -> None:
    run(tmp_path, TURNED, stride=3, start=1.0, end=2.02)
    (table,) = (pq.read_table(p) for p in (tmp_path / "timelines").rglob("*.parquet"))
    frames = np.unique(table["frame"].to_numpy())
    assert frames.tolist() == [n for n in range(25, 51) if n % 3 == 0]
    assert (table["time_us"].to_numpy() == table["frame"].to_numpy() * 40_000).all()
    (copy,) = (tmp_path / "annotated").rglob("*.mp4")
    assert copy_times(copy) == [Fraction(n, 25) for n in range(26)]


def test_no_frame_in_the_range_is_a_failure(tmp_path: Path) -> None:
    report = run(tmp_path, TURNED, start=100.0)
    assert report.exit_code == ExitCode.SOME_FAILED
    assert "no frame in the range" in report.failed[0].error


def test_blurred_copy_differs_only_at_the_face(tmp_path: Path) -> None:
    still = SAMPLES / "portraits" / "grace_hopper.jpg"
    run(tmp_path, still, blur_faces=True)
    before, after = read_still(still), read_still(next((tmp_path / "annotated").rglob("*.jpg")))
    eyes = (slice(170, 240), slice(200, 340))
    assert before.luma()[eyes].std() > 2 * after.luma()[eyes].std()
    corner = (slice(450, 600), slice(0, 100))
    assert np.abs(before.luma()[corner].astype(int) - after.luma()[corner]).mean() < 4


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    events: list[Progress] = []
    config = JobConfig(
        (str(TURNED),), tmp_path, run=RunOptions(workers=0, segment_frames=25, video=False)
    )
    annotate(config, events.append)
    assert [event.share for event in events] == sorted(event.share for event in events)
    assert events[-1].share == 1
    assert events[-1].outcome is not None
    assert events[-1].frames == 100


class WatchedPool:
    """A real pool that notes how many tasks were running whenever one was waited for."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.size = pool.size
        self.busy: list[int] = []

    @property
    def free(self) -> int:
        return self._pool.free

    def submit(self, key: int, task: Task) -> None:
        self._pool.submit(key, task)

    def wait(self) -> list[tuple[int, Outcome]]:
        self.busy.append(self.size - self.free)
        return self._pool.wait()


def test_one_video_keeps_both_workers_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[WatchedPool] = []

    @contextmanager
    def open_watched(config: JobConfig) -> Iterator[WatchedPool]:
        with open_pool(config) as pool:
            watched.append(WatchedPool(pool))
            yield watched[0]

    monkeypatch.setattr("jobs.run.open_pool", open_watched)
    report = run(tmp_path, VARIABLE, workers=2, segment_frames=10)
    assert report.exit_code == ExitCode.DONE
    # Index, timeline and join are single tasks; the last segment of a pass may run alone.
    assert watched[0].busy.count(2) >= len(watched[0].busy) - 5
    assert len(watched[0].busy) >= 15
