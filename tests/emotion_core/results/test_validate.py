"""A timeline as written has no fault; each value that is spoilt is found, with its row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emotion_core.labels import EMOTIONS
from emotion_core.results.find import find_timelines
from emotion_core.results.validate import find_faults
from emotion_core.timeline.store import METADATA_KEY

CLIP = Path("timelines") / "sample_media" / "clips" / "coming_and_going.mp4.parquet"
BROKEN = Path("timelines") / "odd" / "broken.mp4.parquet"
PORTRAITS = Path("timelines") / "sample_media" / "portraits"

Rows = list[dict[str, Any]]
Spoil = Callable[[Rows, int], object]


def spoil(timeline: Path, copy: Path, change: Spoil) -> int:
    """Write a copy with a change at its second face; the number of that row."""
    table = pq.read_table(timeline)
    rows = table.to_pylist()
    row = [number for number, values in enumerate(rows) if values["emotion"]][1]
    change(rows, row)
    # Small groups, so that what spans several rows is looked at across their borders, too.
    pq.write_table(pa.Table.from_pylist(rows, table.schema), copy, row_group_size=5)
    return row


def put(**values: Any) -> Spoil:
    return lambda rows, row: rows[row].update(values)


def doubt_what_is_sure(rows: Rows, row: int) -> None:
    sure = {f"p_{name}": float(name == "happy") for name in EMOTIONS}
    rows[row].update(sure, emotion="happy", confidence=1.0, uncertain=True)


def faults(timeline: Path) -> list[str]:
    return [str(fault).removeprefix(f"{timeline}: ") for fault in find_faults(timeline)]


def test_what_is_written_has_no_fault(finished_run: Path) -> None:
    timelines = find_timelines(finished_run)
    assert len(timelines) == 7
    assert [fault for timeline in timelines for fault in find_faults(timeline)] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put(source=None), "source is missing"),
        (put(status="no_face"), "there is a face, but status says"),
        (put(quality=None), "some columns of the face are null"),
        (put(box_w=0.0), "the box is not finite, or has no area"),
        (put(box_x=float("nan")), "the box is not finite, or has no area"),
        (put(landmarks=[float("inf")] * 10), "landmarks are not finite"),
        (put(detection_score=1.5), "detection_score is outside 0-1"),
        (put(quality=float("nan")), "quality is outside 0-1"),
        (put(raw_sad=-0.25), "raw_sad is outside 0-1"),
        (put(raw_sad=0.75), "the raw_… do not sum to 1"),
        (put(p_fear=float("nan")), "p_fear is outside 0-1"),
        (put(emotion="disgust"), "emotion is not the one with the largest p_…"),
        (put(confidence=0.5), "confidence is not the largest p_…"),
        (doubt_what_is_sure, "uncertain is not: confidence below the model's threshold"),
        (put(frame=225), "frame is missing or outside the video's 225"),
        (put(pts=None), "pts or time_us is missing"),
        (
            put(time_us=1),
            "time_us is not what pts, time base, first pts and jumps of the clock say",
        ),
        (put(track=None), "track is missing, or there without a face"),
        (put(source="other.mp4"), "source changes within a video"),
    ],
)
def test_a_spoilt_row_is_named(
    tmp_path: Path, finished_run: Path, change: Spoil, message: str
) -> None:
    copy = tmp_path / "spoilt.parquet"
    row = spoil(finished_run / CLIP, copy, change)
    found = faults(copy)
    assert any(fault.startswith(f"row {row}: {message}") for fault in found), found


def test_a_frame_that_could_not_be_decoded_is_not_ok(tmp_path: Path, finished_run: Path) -> None:
    table, copy = pq.read_table(finished_run / BROKEN), tmp_path / "spoilt.parquet"
    rows = table.to_pylist()
    rows[20]["status"] = "ok"
    pq.write_table(pa.Table.from_pylist(rows, table.schema), copy)
    assert faults(copy) == ["row 20: status is ok, but there is no face"]


def test_rows_out_of_order_missing_and_doubled(tmp_path: Path, finished_run: Path) -> None:
    copy = tmp_path / "spoilt.parquet"

    def swap(rows: Rows, row: int) -> None:
        rows[row], rows[row + 1] = rows[row + 1], rows[row]

    row = spoil(finished_run / CLIP, copy, swap)
    assert f"row {row + 1}: rows are not in the order of their frames" in faults(copy)
    spoil(finished_run / CLIP, copy, lambda rows, row: rows.insert(row, rows[row]))
    assert f"row {row + 1}: tracks of a frame do not rise" in faults(copy)
    spoil(finished_run / CLIP, copy, lambda rows, _: rows.pop(3))
    assert faults(copy) == [
        "frame 3 has no row, though it was to be analysed (1 such frames)",
    ]
    spoil(finished_run / CLIP, copy, lambda rows, _: rows.pop())
    assert faults(copy)[0].startswith("frame 224 has no row")


def test_stills(tmp_path: Path, finished_run: Path) -> None:
    copy = tmp_path / "spoilt.parquet"
    (stills,) = (finished_run / PORTRAITS).glob("stills-*.parquet")
    spoil(stills, copy, put(pts=1, frame=2))
    assert {fault.partition(": ")[2] for fault in faults(copy)} == {
        "a still has a pts", "frame of a still is not 0",
    }  # fmt: skip
    spoil(stills, copy, lambda rows, _: rows.pop())
    assert faults(copy) == ["rows of 1 stills, but 2 were analysed"]
    spoil(stills, copy, lambda rows, _: rows.append(rows[0]))
    assert faults(copy) == ["row 2: rows of a file do not follow each other"]


def test_files_that_are_not_what_they_should_be(tmp_path: Path, finished_run: Path) -> None:
    copy = tmp_path / "a.parquet"
    copy.write_bytes((finished_run / CLIP).read_bytes()[:900])
    assert "is not a readable Parquet file" in faults(copy)[0]
    table = pq.read_table(finished_run / CLIP)
    pq.write_table(table.drop_columns("gap"), copy)
    assert faults(copy) == ["lacks columns (gap): annotate it again"]
    quality = table.schema.get_field_index("quality")
    pq.write_table(table.set_column(quality, "quality", table["quality"].cast("double")), copy)
    assert faults(copy) == ["quality has type double, not float: annotate it again"]
    bare = table.replace_schema_metadata({"emotion_annotate": '{"schema_version": 1}'})
    pq.write_table(bare, copy)
    assert faults(copy) == ["its metadata lack or garble 'model'"]


def test_clocks_and_tracks_that_cannot_be(tmp_path: Path, finished_run: Path) -> None:
    copy = tmp_path / "spoilt.parquet"

    def step_back(rows: Rows, row: int) -> None:
        rows[row + 2]["time_us"] = rows[row]["time_us"] - 1

    row = spoil(finished_run / CLIP, copy, step_back)
    assert f"row {row + 2}: the clock steps back" in faults(copy)

    def track_anew(rows: Rows, _: int) -> None:
        for number, values in enumerate(rows):
            values["track"] = None if values["track"] is None else number

    spoil(finished_run / CLIP, copy, track_anew)
    (found,) = faults(copy)
    assert re.fullmatch(r"(\d+) of \1 rows with a face are alone in their track", found)


def with_metadata(timeline: Path, copy: Path, **values: Any) -> None:
    table = pq.read_table(timeline)
    metadata = json.loads(table.schema.metadata[METADATA_KEY]) | values
    pq.write_table(
        table.replace_schema_metadata({METADATA_KEY: json.dumps(metadata).encode()}), copy
    )


def test_frames_that_no_decoder_lost(tmp_path: Path, finished_run: Path) -> None:
    copy = tmp_path / "spoilt.parquet"
    assert faults(finished_run / BROKEN) == []
    with_metadata(finished_run / BROKEN, copy, decode_errors=0)
    assert faults(copy) == ["row 20: status is undecodable, though no decoder reported an error"]


def test_times_follow_the_jumps_of_the_clock(tmp_path: Path, finished_run: Path) -> None:
    copy = tmp_path / "spoilt.parquet"
    with_metadata(finished_run / CLIP, copy, clock_jumps=[[3, 40]])
    wrong = "row 3: time_us is not what pts, time base, first pts and jumps of the clock say"
    assert faults(copy) == [wrong]
    with_metadata(finished_run / CLIP, copy, clock_jumps=[[200, 0]] * 100)
    assert faults(copy) == []
    with_metadata(finished_run / CLIP, copy, clock_jumps=[3])
    assert "its metadata lack or garble" in faults(copy)[0]
