"""What a study asks of timelines, against own computations on their rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_core.errors import UsageError
from emotion_core.labels import EMOTIONS
from emotion_core.results.conditions import read_conditions
from emotion_core.results.export import write_table
from emotion_core.results.first_times import first_times
from emotion_core.results.rest_files import take_baselines
from emotion_core.results.rows_out import CsvLook, row_writer
from emotion_core.results.step_means import step_means
from emotion_core.results.tracks import of_certain_rows, with_conditions
from emotion_core.results.units import bootstrap_interval, summarise_units
from emotion_core.results.windows import read_windows, summarise_windows
from emotion_core.timeline.intervals import find_intervals
from emotion_core.timeline.schema import SCHEMA
from emotion_core.timeline.store import new_timeline
from emotion_core.timeline.summary import SUMMARY_SCHEMA, summarise_tracks


def rows_of(time_us: list[int], emotions: list[str | None], source: str = "in/a.mp4") -> pa.Table:
    """One face; None: no face."""
    n = len(time_us)
    shown = np.array([emotion is not None for emotion in emotions])
    columns: dict[str, pa.Array] = {
        "source": pa.array([source] * n).dictionary_encode(),
        "frame": pa.array(range(n), pa.int64()),
        "time_us": pa.array(time_us, pa.int64()),
        "status": pa.array(["ok" if s else "no_face" for s in shown]).dictionary_encode(),
        "track": pa.array([0 if s else None for s in shown], pa.int32()),
        "box_x": pa.array([400.0 if s else None for s in shown], pa.float32()),
        "box_w": pa.array([100.0 if s else None for s in shown], pa.float32()),
        "emotion": pa.array(emotions).dictionary_encode(),
        "uncertain": pa.array([i % 3 == 0 if s else None for i, s in enumerate(shown)]),
    }
    for name in EMOTIONS:
        p = [None if e is None else 0.7 if e == name else 0.05 for e in emotions]
        columns[f"p_{name}"] = pa.array(p, pa.float32())
    missing = {f.name: pa.nulls(n, f.type) for f in SCHEMA if f.name not in columns}
    return pa.table({f.name: columns.get(f.name, missing.get(f.name)) for f in SCHEMA}).cast(SCHEMA)


def write(path: Path, rows: pa.Table, blocks: int = 1) -> Path:
    step = -(-len(rows) // blocks)
    with new_timeline(path, {"width": 600}) as append:
        for start in range(0, len(rows), step):
            append(rows.slice(start, step))
    return path


TIMES = st.lists(st.integers(1, 400_000), min_size=1, max_size=30)


@settings(deadline=None, max_examples=30)
@given(TIMES, st.data())
def test_shares_are_of_time(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], data: st.DataObject
) -> None:
    times = np.cumsum([0, *steps]).tolist()
    shown = st.sampled_from(["happy", "neutral", "sad", None])
    emotions = data.draw(st.lists(shown, min_size=len(times), max_size=len(times)))
    emotions[0] = "happy"
    folder = tmp_path_factory.mktemp("t")
    rows = rows_of(times, emotions)
    (row,) = summarise_tracks(write(folder / "a.parquet", rows)).to_pylist()
    (again,) = summarise_tracks(write(folder / "b.parquet", rows, 4)).to_pylist()
    assert row == again
    frame = rows.to_pandas().assign(us=[*steps, steps[-1]])
    face = frame[frame.track.notna()]
    certain = face[face.uncertain == False]  # noqa: E712
    for name in EMOTIONS:
        own = face.us[face.emotion == name].sum() / face.us.sum()
        assert row[f"share_{name}"] == pytest.approx(own)
        assert row[f"frame_share_{name}"] == pytest.approx((face.emotion == name).mean())
        assert row[f"mean_{name}"] == pytest.approx(np.average(face[f"p_{name}"], weights=face.us))
        if len(certain):
            own = certain.us[certain.emotion == name].sum() / certain.us.sum()
            assert row[f"certain_share_{name}"] == pytest.approx(own)
    assert sum(row[f"share_{name}"] for name in EMOTIONS) == pytest.approx(1)
    assert (row["file_us"], row["shown_us"]) == (frame.us.sum(), face.us.sum())
    assert (row["certain_us"], row["with_face_us"]) == (certain.us.sum(), face.us.sum())
    assert row["share_without_face"] == pytest.approx(1 - face.us.sum() / frame.us.sum())
    assert row["centre_x"] == pytest.approx(450 / 600)
    # Windows that part the file part its sums.
    middle, end = times[len(times) // 2], times[-1] + steps[-1]
    if middle > 0:
        parts = summarise_tracks(folder / "a.parquet", [(0, middle), (middle, end)]).to_pylist()
        assert sum(part["shown_us"] or 0 for part in parts) == face.us.sum()
    # And so do steps.
    means = step_means([rows.slice(0, 3), rows.slice(3)], 100_000).to_pandas()
    seen = means[means.track.notna()]
    assert seen.shown_us.sum() == face.us.sum()
    own = np.average(face.p_happy.astype(float), weights=face.us)
    assert np.average(seen.p_happy, weights=seen.shown_us) == pytest.approx(own)


def test_nothing_lasts_over_a_gap(tmp_path: Path) -> None:
    rows = rows_of([0, 100_000, 200_000, 9_000_000], ["happy", "happy", "neutral", "sad"])
    gap = pa.array([False, False, False, True])
    rows = rows.set_column(rows.column_names.index("gap"), "gap", gap).cast(SCHEMA)
    (row,) = summarise_tracks(write(tmp_path / "a.parquet", rows)).to_pylist()
    assert (row["file_us"], row["share_happy"]) == (400_000, 0.5)


def tracks_of(values: dict[str, float]) -> pa.Table:
    rows = [
        {
            "source": source, "track": 0, "frames": 10, "shown_us": 400_000, "certain_us": 0,
            "transitions": 0, "duration_us": 360_000, "share_without_face": 0.0,
            "share_damaged": 0.0, "uncertain_share": 0.0,
            **{f"{k}_{e}": 0.0 for k in ("share", "mean", "frame_share") for e in EMOTIONS},
            "share_happy": value,
        }
        for source, value in values.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, SUMMARY_SCHEMA)


def test_people_count_the_same(tmp_path: Path) -> None:
    values = {"in/a.mp4": 0.2, "in/b.mp4": 0.4, "in/c.mp4": 0.9, "in/d.mp4": 0.5}
    table = tmp_path / "c.csv"
    table.write_text("file,who,note,film\na,1,,x\nb,1,,x\nc,2,,x\nd,2,,y\n")
    conditions = read_conditions(table, values, ("film",), "who")
    x, y = summarise_units(tracks_of(values), conditions).to_pylist()
    assert (x["film"], x["units"], x["files"], x["share_happy_n"]) == ("x", 2, 3, 2)
    assert x["share_happy"] == pytest.approx((0.3 + 0.9) / 2)
    assert (x["share_happy_low"], x["share_happy_high"]) == pytest.approx((0.3, 0.9))
    assert (y["units"], y["share_happy_low"]) == (1, None)
    rng = np.random.default_rng(1)
    people = rng.normal(0.5, 0.1, 40).tolist()
    low, high = bootstrap_interval(people)
    assert low is not None
    assert high is not None
    half = 1.96 * np.std(people) / np.sqrt(40)
    assert (low, high) == pytest.approx((np.mean(people) - half, np.mean(people) + half), abs=0.01)
    assert (low, high) == bootstrap_interval(people)
    with pytest.raises(UsageError, match=r"c\.csv: line 1 has no column 'age'"):
        read_conditions(table, values, (), "age")
    by_track = with_conditions(tracks_of(values), conditions).to_pylist()
    assert [(row["film"], row["who"]) for row in by_track][2:] == [("x", "2"), ("y", "2")]


def test_windows(tmp_path: Path) -> None:
    times = list(range(0, 10_000_000, 500_000))
    rows = rows_of(times, ["happy"] * 10 + ["sad"] * 10)
    timeline = write(tmp_path / "a.parquet", rows)
    table = tmp_path / "w.csv"
    table.write_text("file;start;end;label\na;0:04;6,25;film\na;9;12;end\na;50;60;late\n")
    windows = read_windows(table, ["in/a.mp4"])
    tracks, notes = summarise_windows({"in/a.mp4": timeline}, windows)
    film, end = tracks.to_pylist()
    assert (film["window"], film["shown_us"], end["shown_us"]) == ("film", 2_250_000, 1_000_000)
    assert film["share_happy"] == pytest.approx(1 / 2.25)
    assert len(notes) == 2
    assert "'end' has 1.000 of its 3.000 s" in notes[0]
    for line, complaint in [
        ("a,1,x,l", "line 2: '1' to 'x' are no times"),
        ("a,2,1,l", "line 2: the end, 1, is not after"),
        ("z,1,2,l", "line 2: 'z' has no timeline"),
        ("a,1,2,", "line 2 has no label"),
        ("a,1,2,l\na,3,4,l", "lines 2 and 3 both call"),
    ]:
        table.write_text(f"file,start,end,label\n{line}\n")
        with pytest.raises(UsageError) as caught:
            read_windows(table, ["in/a.mp4"])
        assert complaint in str(caught.value)
        assert "w.csv" in str(caught.value)


def test_tables_for_spreadsheets(tmp_path: Path) -> None:
    table = pa.table({"name": ["=1+1", "Zoë;x", None, "a\x07"], "x": [0.5, 1e-7, None, 2.0]})
    file = io.BytesIO()
    row_writer("csv", file, CsvLook(",", safe=True))(table)
    assert file.getvalue().startswith(b"\xef\xbb\xbf")
    text = file.getvalue().decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert lines[:3] == [["name", "x"], ["'=1+1", "0,5"], ["Zoë;x", "1e-07"]]
    read = pd.read_csv(io.StringIO(text), sep=";", decimal=",")
    assert read.x[:2].tolist() == [0.5, 1e-7]
    plain, safe = io.BytesIO(), io.BytesIO()
    row_writer("csv", plain)(table)
    row_writer("csv", safe, CsvLook(safe=True))(table)
    assert b'"=1+1"' in plain.getvalue()
    assert b'"\'=1+1"' in safe.getvalue()
    write_table(table, tmp_path / "a.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = list(book["table"].values)
    book.close()
    assert cells == [("name", "x"), ("=1+1", 0.5), ("Zoë;x", 1e-7), (None, None), ("a?", 2)]
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["table"]["A2"].data_type == "s"


def test_certain_rows_alone(tmp_path: Path) -> None:
    rows = rows_of([0, 100_000, 200_000, 300_000], ["sad", "happy", "happy", "sad"])
    tracks = summarise_tracks(write(tmp_path / "a.parquet", rows))
    assert tracks["share_sad"].to_pylist() == [0.5]
    assert of_certain_rows(tracks)["share_sad"].to_pylist() == [0.0]


def with_probabilities(rows: pa.Table, sad: float) -> pa.Table:
    """The same rows, in each of which the face is sad to some degree, and else neutral."""
    n = len(rows)
    for name in EMOTIONS:
        value = {"sad": sad, "neutral": 0.95 - sad}.get(name, 0.01)
        place = rows.column_names.index(f"p_{name}")
        rows = rows.set_column(place, f"p_{name}", pa.array([value] * n, pa.float32()))
    place = rows.column_names.index("quality")
    return rows.set_column(place, "quality", pa.array([1.0] * n, pa.float32())).cast(SCHEMA)


def test_a_baseline_from_another_file(tmp_path: Path) -> None:
    times = list(range(0, 4_000_000, 100_000))
    rest = with_probabilities(rows_of(times, ["sad"] * 40, "in/rest.mp4"), 0.6)
    film = with_probabilities(rows_of(times, ["sad"] * 40, "in/film.mp4"), 0.8)
    write(tmp_path / "out" / "rest.parquet", rest)
    write(tmp_path / "out" / "film.parquet", film)
    table = tmp_path / "rest.csv"
    table.write_text("file,baseline\nfilm,rest\n")
    (made,) = take_baselines(tmp_path / "out", table, tmp_path / "new")
    found = pq.read_table(made)
    # Log odds of the film's face, less those by which the face at rest exceeds a neutral one.
    odds_at_rest = np.log(0.6 / 0.35) - np.log(0.1 / 6 / 0.9)
    odds = np.log(0.8 / 0.15) - odds_at_rest
    ratio = found["baseline_sad"][0].as_py() / found["baseline_neutral"][0].as_py()
    assert np.log(ratio) == pytest.approx(odds, abs=1e-3)
    assert sum(found[f"baseline_{name}"][0].as_py() for name in EMOTIONS) == pytest.approx(1)
    names = [name for name in SCHEMA.names if not name.startswith("baseline_")]
    assert found.select(names).equals(film.select(names))
    table.write_text("file,baseline\nfilm,none\n")
    with pytest.raises(UsageError, match=r"rest\.csv: line 2: 'none' has no timeline"):
        take_baselines(tmp_path / "out", table, tmp_path / "other")


def test_intervals_say_where_they_are_cut(tmp_path: Path) -> None:
    times = list(range(0, 6_000_000, 100_000))
    emotions: list[str | None] = ["happy"] * 10 + ["sad"] * 10 + ["neutral"] * 10
    emotions += [None] * 10 + ["sad"] * 10 + ["happy"] * 10
    found = find_intervals(write(tmp_path / "a.parquet", rows_of(times, emotions), 7))
    cuts = [(row["emotion"], row["cut_at_start"], row["cut_at_end"]) for row in found.to_pylist()]
    assert cuts == [
        ("happy", True, False), ("sad", False, False), ("neutral", False, True),
        ("sad", True, False), ("happy", False, True),
    ]  # fmt: skip
    first = {row["emotion"]: row["latency_seconds"] for row in first_times(found).to_pylist()}
    assert first == {"happy": None, "sad": 1.0, "neutral": 2.0}
