from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.errors import UsageError
from emotion_core.results.resample import RESAMPLED, export_resampled, resample

CLIPS = Path("timelines") / "sample_media" / "clips"


def rows_of(shown: list[tuple[int, int, int | None]]) -> pa.Table:
    """Frame, time in µs and track of each row."""
    frame, time_us, track = zip(*shown, strict=True) if shown else ((), (), ())
    return pa.table({
        "frame": pa.array(frame, pa.int64()),
        "time_us": pa.array(time_us, pa.int64()),
        "track": pa.array(track, pa.int32()),
    })  # fmt: skip


def at_steps(shown: list[tuple[int, int, int | None]], every: int, cuts: list[int]) -> list[tuple]:
    table, bounds = rows_of(shown), [0, *sorted(cuts), len(shown)]
    blocks = [table.slice(start, stop - start) for start, stop in pairwise(bounds)]
    found = pa.concat_tables(resample(blocks, every)).to_pydict()
    return list(zip(found["time_us"], found["frame"], found["track"], strict=True))


def test_a_step_has_the_frame_on_display() -> None:
    shown = [(0, 0, 0), (0, 0, 1), (1, 90, None), (2, 250, 0), (3, 260, 0), (4, 300, 0)]
    assert at_steps(shown, 50, []) == [
        (0, 0, 0), (0, 0, 1), (50, 0, 0), (50, 0, 1), (100, 1, None), (150, 1, None),
        (200, 1, None), (250, 2, 0), (300, 4, 0),
    ]  # fmt: skip
    assert at_steps([(7, 120, 0), (8, 220, 0)], 100, []) == [(200, 7, 0), (300, 8, 0)]
    assert at_steps([], 100, []) == []


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3)), min_size=1, max_size=40),
    st.integers(1, 300),
    st.data(),
)
def test_steps_do_not_depend_on_blocks(
    frames: list[tuple[int, int]], every: int, data: st.DataObject
) -> None:
    times = np.cumsum([wait for wait, _ in frames]).tolist()
    shown: list[tuple[int, int, int | None]] = []
    for number, (time, (_, faces)) in enumerate(zip(times, frames, strict=True)):
        shown += [(number, time, track) for track in range(faces)] or [(number, time, None)]
    cuts = data.draw(st.lists(st.integers(0, len(shown)), max_size=5))
    found = at_steps(shown, every, cuts)
    lasting = [*np.diff(times).tolist(), times[-1] - times[-2] if len(times) > 1 else 0]
    wanted = []
    for step in range(0, times[-1] + lasting[-1] + 1, every):
        on_display = [
            number for number, time in enumerate(times) if time <= step < time + lasting[number]
        ]
        wanted += [(step, n, track) for n, _, track in shown if n in on_display]
    assert found == wanted


def test_files_of_a_run(finished_run: Path, tmp_path: Path) -> None:
    paths = list(export_resampled(finished_run, tmp_path, "csv", 100_000))
    assert len(paths) == 5
    table = pa.csv.read_csv(tmp_path / "sample_media" / "clips" / "coming_and_going.mp4.csv")
    assert tuple(table.column_names) == RESAMPLED
    timeline = pq.read_table(finished_run / CLIPS / "coming_and_going.mp4.parquet")
    # 25 frames a second: every step is there, and with the rows of its frame.
    end_us = timeline["time_us"].to_pylist()[-1] + 40_000
    assert sorted(set(table["time_us"].to_pylist())) == list(range(0, end_us, 100_000))
    rows = timeline.select(RESAMPLED).to_pylist()
    for step in (0, 2_000_000, 7_900_000):
        frame = step // 40_000
        found = [row for row in table.to_pylist() if row["time_us"] == step]
        known = [row for row in rows if row["frame"] == frame]
        assert [(r["frame"], r["track"], r["p_happy"]) for r in found] == [
            (r["frame"], r["track"], r["p_happy"]) for r in known
        ]
    stills = finished_run / "timelines" / "sample_media" / "portraits"
    with pytest.raises(UsageError, match="holds no timeline of a video"):
        list(export_resampled(stills, tmp_path, "csv", 1))
