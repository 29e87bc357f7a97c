from __future__ import annotations

import statistics
from pathlib import Path

import pyarrow as pa
import pytest

from emotion_core.errors import UsageError
from emotion_core.labels import EMOTIONS
from emotion_core.results.conditions import read_conditions
from emotion_core.results.groups import MEASURES, summarise_files, summarise_groups
from emotion_core.timeline.summary import SUMMARY_SCHEMA

KINDS = ("share", "mean", "frame_share", "certain_share", "certain_mean")
SOURCES = ["in/a.mp4", "in/b.mp4", "in/c.mp4", "in/d.jpg", "other/a.mp4"]


def track(source: str, number: int | None, frames: int, happy: float, **more: object) -> dict:
    values = {f"{kind}_{name}": 0.0 for kind in KINDS for name in EMOTIONS}
    values |= {"share_happy": happy, "mean_happy": happy, "share_neutral": 1 - happy}
    values |= {"frame_share_happy": happy, "certain_share_happy": happy, "certain_us": frames}
    return values | {
        "source": source, "track": number, "frames": frames, "shown_us": frames,
        "uncertain_share": 0.0, "transitions": 0,
        "share_without_face": 0.0, "share_damaged": 0.0, **more,
    }  # fmt: skip


@pytest.fixture
def tracks() -> pa.Table:
    rows = [
        track("in/a.mp4", 0, 90, 1.0, duration_us=30_000_000, transitions=4),
        track("in/a.mp4", 1, 10, 0.0, duration_us=30_000_000, transitions=2),
        track("in/b.mp4", 0, 1000, 0.1, duration_us=120_000_000, share_without_face=0.5),
        {"source": "in/c.mp4", "frames": 50, "share_without_face": 1.0, "share_damaged": 0.3},
        track("in/d.jpg", None, 1, 1.0),
        track("other/a.mp4", 0, 10, 0.5, duration_us=0),
    ]
    return pa.Table.from_pylist(rows, SUMMARY_SCHEMA)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_each_file_counts_the_same(tmp_path: Path, tracks: pa.Table) -> None:
    csv = write(tmp_path / "c.csv", "source,group\nin/a.mp4,x\nb.mp4,x\nc,x\nd,still\n")
    conditions = read_conditions(csv, SOURCES)
    assert conditions.left_out == ("other/a.mp4",)
    x, still = summarise_groups(tracks, conditions).to_pylist()
    assert (x["group"], x["files"], x["files_with_face"], x["faces"]) == ("x", 3, 2, 3)
    assert x["face_seconds"] == 180
    # a.mp4: 90 of 100 rows of faces; b.mp4: a tenth, though it has ten times as many rows.
    assert x["share_happy"] == pytest.approx(0.5)
    assert x["share_happy_sd"] == pytest.approx(statistics.stdev([0.9, 0.1]))
    assert x["transitions_per_minute"] == pytest.approx((6 + 0) / 2)
    assert x["share_without_face"] == pytest.approx((0 + 0.5 + 1) / 3)
    assert x["share_damaged"] == pytest.approx(0.3 / 3)
    assert sum(x[f"share_{name}"] for name in EMOTIONS) == pytest.approx(1)
    assert (still["files"], still["faces"], still["share_happy"]) == (1, 1, 1)
    assert still["transitions_per_minute"] is None
    assert all(still[f"{name}_sd"] is None for name in MEASURES)


def test_files_keep_their_conditions_and_figures(tmp_path: Path, tracks: pa.Table) -> None:
    csv = write(tmp_path / "c.csv", "source,person,group\nd,3,y\nin/a.mp4,1,x\nc,2,x\nb.mp4,1,x\n")
    conditions = read_conditions(csv, SOURCES)
    files = summarise_files(tracks, conditions)
    assert files.column_names[:5] == ["source", "person", "group", "faces", "face_seconds"]
    rows = files.to_pylist()
    assert [(row["source"], row["person"], row["group"], row["faces"]) for row in rows] == [
        ("in/d.jpg", "3", "y", 1), ("in/a.mp4", "1", "x", 2), ("in/b.mp4", "1", "x", 1),
        ("in/c.mp4", "2", "x", 0),
    ]  # fmt: skip
    assert rows[1]["share_happy"] == pytest.approx(0.9)
    assert rows[3]["share_happy"] is None
    assert rows[3]["share_without_face"] == 1
    clash = write(tmp_path / "clash.csv", "file,faces\nin/a.mp4,many\n")
    with pytest.raises(UsageError, match="cannot be called 'faces'"):
        summarise_files(tracks, read_conditions(clash, SOURCES))


def test_groups_are_the_combinations_of_conditions(tmp_path: Path, tracks: pa.Table) -> None:
    csv = write(
        tmp_path / "c.csv",
        "\ufefftime;file;drug\npre;in/a.mp4;no\n\npost;b;no\npre;c.mp4;no\npre;other/a;yes\n",
    )
    rows = summarise_groups(tracks, read_conditions(csv, SOURCES)).to_pylist()
    assert [(row["time"], row["drug"], row["files"]) for row in rows] == [
        ("pre", "no", 2), ("post", "no", 1), ("pre", "yes", 1),
    ]  # fmt: skip
    assert rows[2]["files_timed"] == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("file,group\nz.mp4,x\n", "line 2: 'z.mp4' has no timeline"),
        ("file,group\na.mp4,x\n", "line 2: 'a.mp4' fits in/a.mp4, other/a.mp4"),
        ("file,group\nin/a.mp4,x\nb,x\nin/a,y\n", "lines 2 and 4 both name in/a.mp4"),
        ("file\nb.mp4\n", "no condition"),
        ("file,group\n", "names no file"),
        ("", "names no file"),
        ("file,group\nb.mp4,x,y\n", "line 2 has 3 cells, the heading 2"),
        ("file,group,group\nb,x,y\n", "twice"),
        ("file,group\nb,\n", "line 2 says nothing of group"),
        (
            "file,group\nB.MP4,x\n",
            "'B.MP4' has no timeline: not annotated, failed, or misspelt (is 'b.mp4' meant?)",
        ),
        (
            "file,group\nb,x\nnone,x\nd,x,y\n",
            "line 3: 'none' has no timeline: not annotated, "
            "failed, or misspelt; line 4 has 3 cells",
        ),
        (
            "nr,file name,group\n1,b,x\n",
            "(no heading is 'source' or 'file' but 'nr', 'file name', "
            "'group', so the first was taken for the names of files)",
        ),
    ],
)
def test_faults_of_a_table_of_conditions(tmp_path: Path, text: str, complaint: str) -> None:
    csv = write(tmp_path / "c.csv", text)
    with pytest.raises(UsageError) as caught:
        read_conditions(csv, SOURCES)
    assert complaint in str(caught.value)
    assert str(csv) in str(caught.value)


def test_files_that_are_no_table(tmp_path: Path, tracks: pa.Table) -> None:
    with pytest.raises(UsageError, match=r"none\.csv: cannot be read \(No such file"):
        read_conditions(tmp_path / "none.csv", SOURCES)
    (tmp_path / "c.csv").write_bytes(b"file,group\n\xff\xfe,x\n")
    with pytest.raises(UsageError, match="not in UTF-8: save it again, in Excel as"):
        read_conditions(tmp_path / "c.csv", SOURCES)
    clash = write(tmp_path / "c.csv", "file,faces\nb,x\n")
    with pytest.raises(UsageError, match="cannot be called 'faces'"):
        summarise_groups(tracks, read_conditions(clash, SOURCES))


def test_values_less_a_baseline_count_where_there_are_some(tmp_path: Path) -> None:
    at_rest = {f"mean_baseline_{name}": 0.1 for name in EMOTIONS}
    rows = [
        track("in/a.mp4", 0, 30, 1.0, **at_rest | {"mean_baseline_happy": 0.2}),
        track("in/a.mp4", 1, 10, 1.0, **at_rest | {"mean_baseline_happy": 0.6}),
        track("in/a.mp4", 2, 500, 1.0),  # seen too shortly for a baseline
        track("in/b.mp4", 0, 10, 0.5, **at_rest | {"mean_baseline_happy": 0.9}),
        track("in/c.mp4", 0, 10, 0.5),
    ]
    csv = write(tmp_path / "c.csv", "file,group\na,x\nb,x\nc,x\n")
    conditions = read_conditions(csv, ["in/a.mp4", "in/b.mp4", "in/c.mp4"])
    (x,) = summarise_groups(pa.Table.from_pylist(rows, SUMMARY_SCHEMA), conditions).to_pylist()
    assert (x["files_with_face"], x["files_with_baseline"]) == (3, 2)
    of_a = (30 * 0.2 + 10 * 0.6) / 40
    assert x["mean_baseline_happy"] == pytest.approx((of_a + 0.9) / 2)
    assert x["mean_baseline_happy_sd"] == pytest.approx(statistics.stdev([of_a, 0.9]))
    assert x["mean_happy"] == pytest.approx((1 + 0.5 + 0.5) / 3)
