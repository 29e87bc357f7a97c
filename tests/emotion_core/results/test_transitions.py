from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emotion_core.errors import MediaError
from emotion_core.labels import EMOTIONS
from emotion_core.results.find import find_timelines
from emotion_core.results.transitions import count_transitions
from emotion_core.timeline.schema import SCHEMA
from emotion_core.timeline.store import new_timeline
from emotion_core.timeline.summary import summarise_tracks


def write(path: Path, shown: list[tuple[int, int | None, str | None]], cut: int = 0) -> Path:
    """A timeline of time in s, track and emotion, in blocks up to the row `cut` and after."""
    columns: dict[str, list[Any]] = {
        "source": ["in/a.mp4"] * len(shown),
        "time_us": [1_000_000 * time for time, *_ in shown],
        "frame": [time for time, *_ in shown],
        "track": [track for _, track, _ in shown],
        "box_x": [None if track is None else 1.0 for _, track, _ in shown],
        "emotion": [emotion for *_, emotion in shown],
        "uncertain": [None if track is None else False for _, track, _ in shown],
        "status": ["no_face" if track is None else "ok" for _, track, _ in shown],
    }
    for name in EMOTIONS:
        columns[f"p_{name}"] = [0.1] * len(shown)
    table = pa.table(
        [pa.array(columns.get(f.name, [None] * len(shown))).cast(f.type) for f in SCHEMA],
        schema=SCHEMA,
    )
    with new_timeline(path, {}) as append:
        append(table.slice(0, cut))
        append(table.slice(cut))
    return path


SHOWN = [
    (0, 0, "happy"), (0, 1, "sad"), (10, 0, "sad"), (10, 1, "sad"), (20, None, None),
    (30, 0, "happy"), (40, 0, "sad"), (60, 0, "fear"), (60, 2, "fear"),
]  # fmt: skip


@pytest.mark.parametrize("cut", range(len(SHOWN) + 1))
def test_pairs_are_counted_per_track(tmp_path: Path, cut: int) -> None:
    rows = count_transitions([write(tmp_path / "a.parquet", SHOWN, cut)]).to_pylist()
    assert len(rows) == 3 * 7 * 6
    assert all(row["from"] != row["to"] for row in rows)
    counted = {(r["track"], r["from"], r["to"]): r["count"] for r in rows if r["count"]}
    assert counted == {(0, "happy", "sad"): 2, (0, "sad", "happy"): 1, (0, "sad", "fear"): 1}
    rates = {(r["track"], r["per_minute"]) for r in rows if r["count"] or r["track"]}
    assert rates == {(0, 2.0), (0, 1.0), (1, 0.0), (2, None)}
    assert {(r["track"], r["face_seconds"]) for r in rows} == {(0, 60.0), (1, 10.0), (2, 0.0)}


def test_counts_add_up_to_those_of_the_summary(finished_run: Path, tmp_path: Path) -> None:
    timelines = [*find_timelines(finished_run), write(tmp_path / "a.parquet", SHOWN)]
    summed: dict[tuple[str, int], int] = defaultdict(int)
    for row in count_transitions(timelines).to_pylist():
        summed[row["source"], row["track"]] += row["count"]
    known = {
        (row["source"], row["track"]): row["transitions"]
        for timeline in timelines
        for row in summarise_tracks(timeline).to_pylist()
        if row["duration_us"] is not None
    }
    assert summed == known
    assert sum(known.values()) >= 4


def test_words_that_are_no_emotions_are_refused(tmp_path: Path) -> None:
    rows = pq.read_table(write(tmp_path / "a.parquet", SHOWN))
    words = pa.array([None if e is None else "bored" for *_, e in SHOWN]).dictionary_encode()
    path = tmp_path / "words.parquet"
    pq.write_table(rows.set_column(rows.column_names.index("emotion"), "emotion", words), path)
    with pytest.raises(MediaError, match=r"words\.parquet: holds an emotion that there is not"):
        count_transitions([path])
