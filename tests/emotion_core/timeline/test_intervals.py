"""Intervals of one emotion: their edges, what they promise, and what ends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_core.emotions.calibrate import Calibration
from emotion_core.errors import MediaError, OutputError, UsageError
from emotion_core.faces.appearance import LENGTH
from emotion_core.faces.faces import EMBEDDING_LENGTH, Faces
from emotion_core.labels import EMOTIONS
from emotion_core.media.index import VideoIndex, VideoInfo
from emotion_core.media.planes import Orientation
from emotion_core.timeline.build import still_timeline, video_timeline
from emotion_core.timeline.intervals import (
    INTERVAL_SCHEMA,
    IntervalRule,
    find_intervals,
    write_intervals,
)
from emotion_core.timeline.schema import SCHEMA
from emotion_core.timeline.store import new_timeline

HAPPY, SAD, NEUTRAL = (EMOTIONS.index(name) for name in ("happy", "sad", "neutral"))


def index_of(time_ms: Sequence[int] | np.ndarray) -> VideoIndex:
    pts = np.asarray(time_ms, np.int64)
    info = VideoInfo(
        Path("/clip.mov"), 640, 360, Orientation(), Fraction(1), Fraction(1, 1000), 0,
        Fraction(25), (2, 2, 2), False,
    )  # fmt: skip
    status = np.zeros(len(pts), np.uint8)
    return VideoIndex(info, pts, np.arange(len(pts)) == 0, status, pts)


def faces_of(frames: np.ndarray, best: np.ndarray, height: float = 6) -> Faces:
    n = len(frames)
    logits = np.zeros((n, len(EMOTIONS)), np.float32)
    logits[np.arange(n), best] = height
    return Faces(
        frame=np.asarray(frames, np.int64),
        boxes=np.tile(np.array([10, 50, 40, 50], np.float32), (n, 1)),
        scores=np.full(n, 0.9, np.float32),
        landmarks=np.zeros((n, 5, 2), np.float32),
        quality=np.ones(n, np.float32),
        appearance=np.ones((n, LENGTH), np.int8),
        logits=logits,
        embedding=np.zeros((n, EMBEDDING_LENGTH), np.int8),
    )


def smoothed_timeline(
    path: Path, time_ms: np.ndarray, best: np.ndarray, *, height: float = 6
) -> Path:
    """What annotate would write of faces with these emotions, -1 of `best` being no face."""
    frames = np.flatnonzero(best >= 0)
    blocks = video_timeline(
        "in/clip.mov", index_of(time_ms), np.ones(len(time_ms), bool),
        [faces_of(frames, best[frames], height)], Calibration(1, 0.6),
    )  # fmt: skip
    with new_timeline(path, {}) as append:
        for block in blocks:
            append(block)
    return path


@dataclass(frozen=True)
class Row:
    """What decides of intervals; track None is a frame without a face."""

    frame: int
    time_us: int
    track: int | None = None
    emotion: int = NEUTRAL
    confidence: float = 1.0
    uncertain: bool = False
    second: int = SAD
    runner_up: float = 0.0

    def probability(self, emotion: int) -> float | None:
        if self.track is None:
            return None
        return {self.second: self.runner_up, self.emotion: self.confidence}.get(emotion, 0.0)


def table_of(rows: Sequence[Row]) -> pa.Table:
    faces = [row.track is not None for row in rows]

    def shown(values: list[Any]) -> list[Any]:
        return [value if face else None for value, face in zip(values, faces, strict=True)]

    columns = {
        "source": ["in/clip.mov"] * len(rows),
        "frame": [row.frame for row in rows],
        "time_us": [row.time_us for row in rows],
        "status": ["ok" if face else "no_face" for face in faces],
        "track": [row.track for row in rows],
        "emotion": shown([EMOTIONS[row.emotion] for row in rows]),
        "confidence": shown([row.confidence for row in rows]),
        "uncertain": shown([row.uncertain for row in rows]),
    }
    for number, name in enumerate(EMOTIONS):
        columns[f"p_{name}"] = [row.probability(number) for row in rows]
    return pa.table(
        [pa.array(columns.get(f.name, [None] * len(rows))).cast(f.type) for f in SCHEMA],
        schema=SCHEMA,
    )


def write_rows(path: Path, rows: Sequence[Row], cuts: Sequence[int] = ()) -> Path:
    bounds = [0, *cuts, len(rows)]
    with new_timeline(path, {}) as append:
        for start, stop in pairwise(bounds):
            append(table_of(rows[start:stop]))
    return path


def rows_at(time_ms: Sequence[int], **values: Sequence[Any]) -> list[Row]:
    return [
        Row(frame, 1000 * time, 0, **{name: column[frame] for name, column in values.items()})
        for frame, time in enumerate(time_ms)
    ]


def edges(intervals: pa.Table) -> list[tuple[str, int, int]]:
    """Emotion, onset and offset in ms of each."""
    return [
        (row["emotion"], row["onset_us"] // 1000, row["offset_us"] // 1000)
        for row in intervals.to_pylist()
    ]


@pytest.mark.parametrize("height", [4, 6, 20])
@pytest.mark.parametrize("fps", [10, 25, 60])
def test_edges_lie_within_a_frame_of_what_is_known(tmp_path: Path, fps: int, height: float) -> None:
    time_ms = np.arange(10 * fps) * 1000 // fps
    best = np.select([time_ms < 3000, time_ms < 5000], [NEUTRAL, HAPPY], SAD)
    intervals = find_intervals(
        smoothed_timeline(tmp_path / "a.parquet", time_ms, best, height=height)
    )
    assert [name for name, *_ in edges(intervals)] == ["neutral", "happy", "sad"]
    wanted = [(0, 3000), (3000, 5000), (5000, 10_000)]
    for (_, onset, offset), (known_onset, known_offset) in zip(
        edges(intervals), wanted, strict=True
    ):
        assert abs(onset - known_onset) <= np.ceil(1000 / fps)
        assert abs(offset - known_offset) <= np.ceil(1000 / fps)


def test_edges_are_exact_at_a_variable_rate(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    time_ms = np.append(0, np.cumsum(rng.integers(10, 90, 300)))
    best = np.where((time_ms >= 4000) & (time_ms < 7000), HAPPY, NEUTRAL)
    intervals = find_intervals(smoothed_timeline(tmp_path / "a.parquet", time_ms, best))
    assert [name for name, *_ in edges(intervals)] == ["neutral", "happy", "neutral"]
    _, onset, offset = edges(intervals)[1]
    # Within one frame: the nearest frames on either side of the change.
    for known, found in ((4000, onset), (7000, offset)):
        after = int(np.searchsorted(time_ms, known))
        assert found in time_ms[after - 1 : after + 2]
    # The end of the last is its last frame, as long as the one before it.
    assert edges(intervals)[-1][2] == 2 * time_ms[-1] - time_ms[-2]
    for row in intervals.to_pylist():
        assert row["onset_us"] == 1000 * time_ms[row["onset_frame"]]
        assert row["apex_us"] == 1000 * time_ms[row["apex_frame"]]


def test_a_clip_and_its_reverse_have_the_same_intervals(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    best = np.repeat(rng.integers(0, 7, 25), rng.integers(2, 30, 25))
    time_ms = 40 * np.arange(len(best))
    there = find_intervals(smoothed_timeline(tmp_path / "a.parquet", time_ms, best))
    back = find_intervals(smoothed_timeline(tmp_path / "b.parquet", time_ms, best[::-1]))
    end = 40 * len(best)
    assert len(there) > 5
    turned = [(name, end - offset, end - onset) for name, onset, offset in edges(back)]
    assert edges(there) == turned[::-1]


def test_values_of_an_interval(tmp_path: Path) -> None:
    rows = rows_at(
        [0, 100, 300, 400],
        confidence=[0.5, 0.75, 1.0, 0.25],
        uncertain=[True, False, False, True],
    )
    (found,) = find_intervals(write_rows(tmp_path / "a.parquet", rows)).to_pylist()
    assert found == {
        "source": "in/clip.mov", "track": 0, "emotion": "neutral",
        "onset_us": 0, "apex_us": 300_000, "offset_us": 400_000,
        "onset_frame": 0, "apex_frame": 2, "offset_frame": 2, "duration_us": 400_000,
        "apex_probability": 1.0, "frames": 3,
        "mean_confidence": (0.5 * 100 + 0.75 * 200 + 1.0 * 100) / 400,
        "uncertain_share": 0.25, "cut_at_start": True, "cut_at_end": False, "identity": None,
    }  # fmt: skip


def test_enter_leave_and_the_shortest_duration(tmp_path: Path) -> None:
    values = [0.45, 0.65, 0.45, 0.35, 0.45, 0.45, 0.9, 0.3]
    timeline = write_rows(
        tmp_path / "a.parquet", rows_at([100 * i for i in range(8)], confidence=values)
    )
    rule = IntervalRule(min_duration=0.2)
    assert edges(find_intervals(timeline, rule)) == [("neutral", 0, 300), ("neutral", 400, 700)]
    assert edges(find_intervals(timeline, replace(rule, enter=0.7))) == [("neutral", 400, 700)]
    assert edges(find_intervals(timeline, replace(rule, min_duration=0.301))) == []
    short = IntervalRule(enter=0.6, leave=0.6, min_duration=0)
    assert edges(find_intervals(timeline, short)) == [("neutral", 100, 200), ("neutral", 600, 700)]


def contest(letters: str) -> list[Row]:
    """Rows of a tenth of a second: H, S likely; h, s likelier than the other by a hair; - none."""
    rows = []
    for frame, letter in enumerate(letters):
        first, second = (HAPPY, SAD) if letter in "Hh" else (SAD, HAPPY)
        confidence, runner_up = {"H": (0.8, 0.1), "S": (0.8, 0.1), "-": (0.3, 0.2)}.get(
            letter, (0.48, 0.46)
        )
        rows.append(Row(frame, 100_000 * frame, 0, first, confidence, False, second, runner_up))
    return rows


@pytest.mark.parametrize(
    ("letters", "found"),
    [
        ("HHhhssSS", [("happy", 0, 400), ("sad", 400, 800)]),
        ("HHhshhHH", [("happy", 0, 800)]),
        ("HHhshsSS", [("happy", 0, 300), ("sad", 500, 800)]),
        ("hshHHhsh", [("happy", 200, 600)]),
        ("hshshshs", []),
        ("HHs-sHH-", [("happy", 0, 200), ("happy", 500, 700)]),
    ],
)
def test_two_emotions_that_contest_a_face(
    tmp_path: Path, letters: str, found: list[tuple[str, int, int]]
) -> None:
    rule = IntervalRule(min_duration=0.2)
    timeline = write_rows(tmp_path / "a.parquet", contest(letters))
    assert edges(find_intervals(timeline, rule)) == found
    # The mean is of the interval's own emotion, also where the other one is likelier.
    for row in find_intervals(timeline, rule).to_pylist():
        letter = row["emotion"][0]
        frames = letters[row["onset_frame"] : row["offset_frame"] + 1]
        own = [0.8 if c.isupper() else 0.48 if c == letter else 0.46 for c in frames]
        assert row["mean_confidence"] == pytest.approx(np.mean(own))


@pytest.mark.parametrize(("missing", "pieces"), [(5, 1), (6, 2)])
def test_short_gaps_are_bridged(tmp_path: Path, missing: int, pieces: int) -> None:
    rows = [Row(i, 100_000 * i, None if 4 <= i < 4 + missing else 0) for i in range(8 + missing)]
    found = find_intervals(write_rows(tmp_path / "a.parquet", rows)).to_pylist()
    assert len(found) == pieces
    assert sum(row["frames"] for row in found) == 8
    assert found[-1]["offset_us"] == 100_000 * (8 + missing)
    assert found[0]["offset_us"] == (400_000 if pieces == 2 else 800_000 + missing * 100_000)


def test_bridged_time_does_not_make_an_interval_long_enough(tmp_path: Path) -> None:
    rows = [Row(i, 100_000 * i, 0 if i in (0, 4) else None) for i in range(6)]
    assert len(find_intervals(write_rows(tmp_path / "a.parquet", rows))) == 0


def test_another_emotion_after_a_gap_is_another_interval(tmp_path: Path) -> None:
    rows = [Row(i, 100_000 * i, None if i == 5 else 0, HAPPY if i < 5 else SAD) for i in range(10)]
    found = find_intervals(write_rows(tmp_path / "a.parquet", rows))
    assert edges(found) == [("happy", 0, 500), ("sad", 600, 1000)]


def test_few_analysed_frames_are_no_gaps(tmp_path: Path) -> None:
    rows = [Row(50 * i, 2_000_000 * i, 0) for i in range(5)]
    found = find_intervals(write_rows(tmp_path / "a.parquet", rows))
    assert edges(found) == [("neutral", 0, 10_000)]


def test_intervals_end_where_the_clock_steps_back(tmp_path: Path) -> None:
    time_ms = [*range(0, 1000, 100), *range(0, 1000, 100)]
    found = find_intervals(write_rows(tmp_path / "a.parquet", rows_at(time_ms)))
    assert edges(found) == [("neutral", 0, 1000)] * 2
    assert [row["frames"] for row in found.to_pylist()] == [10, 10]


def test_one_frame_and_no_frame_have_none(tmp_path: Path) -> None:
    rule = IntervalRule(min_duration=0)
    for rows in ([], [Row(0, 0, 0)], [Row(0, 0), Row(1, 40_000)]):
        assert len(find_intervals(write_rows(tmp_path / "a.parquet", rows), rule)) == 0


def ends_of(rows: Sequence[Row]) -> dict[int, int]:
    times = dict(sorted({row.frame: row.time_us for row in rows}.items()))
    lasting = [after - before for before, after in pairwise(times.values())]
    lasting.append(lasting[-1] if lasting else 0)
    return {f: t + d for (f, t), d in zip(times.items(), lasting, strict=True)}


def plainly(rows: Sequence[Row], rule: IntervalRule) -> list[tuple[int, int, int, int]]:
    """Track, onset, offset and frames, from the cores of each emotion outwards."""
    end_of, found = ends_of(rows), set()
    for track, emotion in product(range(3), range(len(EMOTIONS))):
        own = [row for row in rows if row.track == track]

        def near(i: int, own: list[Row] = own) -> bool:
            return own[i + 1].time_us - end_of[own[i].frame] <= rule.bridge * 1_000_000

        keeps = [(row.probability(emotion) or 0) >= np.float32(rule.leave) for row in own]
        leads = [kept and row.emotion == emotion for kept, row in zip(keeps, own, strict=True)]
        for core, row in enumerate(own):
            if not (leads[core] and row.confidence >= np.float32(rule.enter)):
                continue
            is_core = [
                led and one.confidence >= np.float32(rule.enter)
                for led, one in zip(leads, own, strict=True)
            ]
            first = last = core
            walk = core
            while walk > 0 and keeps[walk - 1] and near(walk - 1):
                walk -= 1
                first = walk if is_core[walk] else first
            while first > 0 and leads[first - 1] and near(first - 1):
                first -= 1
            walk = core
            while walk + 1 < len(own) and keeps[walk + 1] and near(walk):
                walk += 1
                last = walk if is_core[walk] else last
            while last + 1 < len(own) and leads[last + 1] and near(last):
                last += 1
            run = own[first : last + 1]
            shown = sum(end_of[row.frame] - row.time_us for row in run)
            if shown >= max(1, rule.min_duration * 1_000_000):
                found.add((track, run[0].time_us, end_of[run[-1].frame], len(run)))
    return sorted(found, key=lambda one: (one[1], one[0]))


@st.composite
def some_rows(draw: st.DrawFn) -> list[Row]:
    seed, frames = draw(st.integers(0, 10_000)), draw(st.integers(1, 80))
    rng = np.random.default_rng(seed)
    time_us = np.cumsum(rng.choice([0, 33_367, 40_000, 100_000, 700_000], frames))
    rows = []
    for frame in range(frames):
        shown = [track for track in range(3) if rng.random() < 0.8]
        rows += [some_row(rng, frame, int(time_us[frame]), track) for track in shown] or [
            Row(frame, int(time_us[frame]))
        ]
    return rows


def some_row(rng: np.random.Generator, frame: int, time_us: int, track: int) -> Row:
    first, second = rng.permutation([HAPPY, SAD] if rng.random() < 0.9 else [SAD, NEUTRAL])
    confidence = np.float32(rng.choice([0.3, 0.4, 0.45, 0.5, 0.6, 0.8]))
    runner_up = np.float32(min(confidence - np.float32(0.01), np.float32(1) - confidence))
    if rng.random() < 0.7:
        first, second = max(first, second), min(first, second)
    return Row(
        frame, time_us, track, int(first), float(confidence), bool(rng.random() < 0.3),
        int(second), float(runner_up),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(some_rows(), st.data())
def test_intervals_are_those_of_a_plain_walk_at_any_blocks(
    rows: list[Row], data: st.DataObject
) -> None:
    rule = IntervalRule(
        min_duration=data.draw(st.sampled_from([0.0, 0.1, 0.25])),
        bridge=data.draw(st.sampled_from([0.0, 0.1, 0.5])),
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=6)))
    with TemporaryDirectory() as folder:
        whole = find_intervals(write_rows(Path(folder) / "a.parquet", rows), rule)
        parts = find_intervals(write_rows(Path(folder) / "b.parquet", rows, cuts), rule)
    assert parts.equals(whole)
    found = whole.to_pylist()
    values = [(r["track"], r["onset_us"], r["offset_us"], r["frames"]) for r in found]
    assert values == plainly(rows, rule)
    for row in found:
        assert row["onset_us"] <= row["apex_us"] <= row["offset_us"]
        assert row["duration_us"] >= rule.min_duration * 1_000_000
        assert rule.leave - 1e-6 <= row["mean_confidence"] <= row["apex_probability"]
        assert row["apex_probability"] >= np.float32(rule.enter)
        assert 0 <= row["uncertain_share"] <= 1
    for before, after in pairwise(found):
        assert (before["onset_us"], before["track"]) <= (after["onset_us"], after["track"])
    for track in range(3):
        own = [row for row in found if row["track"] == track]
        for before, after in pairwise(own):
            assert before["offset_us"] <= after["onset_us"]


def test_noise_around_a_threshold_does_not_make_it_flicker(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    time_ms = 40 * np.arange(1000)
    noisy = rng.uniform(0.41, 0.7, 1000).tolist()
    timeline = write_rows(tmp_path / "a.parquet", rows_at(time_ms.tolist(), confidence=noisy))
    assert len(find_intervals(timeline)) == 1
    one_threshold = IntervalRule(enter=0.6, leave=0.6, min_duration=0)
    assert len(find_intervals(timeline, one_threshold)) > 100


def test_the_table_of_a_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    best = np.full(50, HAPPY)
    timelines = [tmp_path / name for name in ("b.x", "broken", "foreign", "c.x", "d.x")]
    smoothed_timeline(timelines[0], 40 * np.arange(50), best)
    timelines[1].write_bytes(timelines[0].read_bytes()[:-100])
    pq.write_table(pa.table({"x": [1]}), timelines[2])
    still = still_timeline("in/a.jpg", False, faces_of(np.zeros(1), best[:1]), Calibration(1, 0))
    with new_timeline(timelines[3], {}) as append:
        append(still)
    smoothed_timeline(timelines[4], 40 * np.arange(50), np.full(50, -1))
    path = tmp_path / "intervals.parquet"
    assert write_intervals(path, timelines) == 1
    assert [str(timelines[i]) in caplog.text for i in range(5)] == [False, True, True, False, False]
    table = pq.read_table(path)
    assert table.schema.equals(INTERVAL_SCHEMA)
    assert edges(table) == [("happy", 0, 2000)]
    assert b'"enter": 0.6' in table.schema.metadata[b"emotion_annotate"]
    with pytest.raises(OutputError, match=r"b\.x/intervals\.parquet: cannot be written"):
        write_intervals(timelines[0] / "intervals.parquet", [])


def test_unreadable_timelines_are_named(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.parquet", [Row(i, 40_000 * i, 0) for i in range(9)])
    rows = pq.read_table(path)
    lacking = tmp_path / "lacking.parquet"
    pq.write_table(rows.drop_columns(["p_sad"]), lacking)
    with pytest.raises(MediaError, match=r"lacking\.parquet: lacks columns \(p_sad\)"):
        find_intervals(lacking)


@pytest.mark.parametrize(
    "values",
    [
        {"leave": 0.39},
        {"leave": 0.7},
        {"enter": 0.49},
        {"enter": 1.1},
        {"bridge": -1},
        {"min_duration": np.inf},
    ],
)
def test_rules_that_cannot_be(values: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        IntervalRule(**values)
