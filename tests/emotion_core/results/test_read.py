from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import emotion_core
from emotion_core.errors import MediaError, UsageError
from emotion_core.results.find import find_timelines, name_below
from emotion_core.timeline.schema import SCHEMA
from emotion_core.timeline.store import METADATA_KEY

CLIP = Path("timelines") / "sample_media" / "clips" / "phone" / "turned.mov.parquet"


def test_a_run_a_folder_and_a_timeline(finished_run: Path) -> None:
    table = emotion_core.read_timeline(finished_run)
    assert table.schema.equals(SCHEMA)
    rows = sum(pq.read_metadata(path).num_rows for path in find_timelines(finished_run))
    assert len(table) == rows
    assert emotion_core.read_timeline(str(finished_run / "timelines")).equals(table)
    clip = emotion_core.read_timeline(finished_run / CLIP)
    assert clip.to_pylist() == pq.read_table(finished_run / CLIP).to_pylist()


def test_columns_come_in_the_order_asked_for(finished_run: Path) -> None:
    table = emotion_core.read_timeline(finished_run, columns=["p_sad", "frame"])
    assert table.column_names == ["p_sad", "frame"]
    with pytest.raises(UsageError, match="no column mood"):
        emotion_core.read_timeline(finished_run, columns=["mood"])


def test_sources_are_found_by_what_users_call_them(finished_run: Path) -> None:
    def rows_of(*names: str) -> list[str]:
        table = emotion_core.read_timeline(finished_run, columns=["source"], sources=names)
        return sorted(table["source"].unique().to_pylist())

    assert rows_of("turned") == ["sample_media/clips/phone/turned.mov"]
    assert rows_of("phone/turned.mov", "grace_hopper.jpg") == [
        "sample_media/clips/phone/turned.mov",
        "sample_media/portraits/grace_hopper.jpg",
    ]
    (one,) = rows_of("turned")
    table = emotion_core.read_timeline(finished_run, columns=["source"], sources="turned")
    assert table["source"].unique().to_pylist() == [one]
    with pytest.raises(UsageError, match="'nobody' has no timeline"):
        rows_of("nobody")


def test_a_name_that_fits_two_files_is_refused(tmp_path: Path, finished_run: Path) -> None:
    for name in ("clip.mp4", "clip.mov"):
        source = pa.array([f"in/{name}"]).dictionary_encode()
        table = pq.read_table(finished_run / CLIP).slice(0, 1)
        table = table.set_column(0, "source", source).cast(pq.read_schema(finished_run / CLIP))
        pq.write_table(table, tmp_path / f"{name}.parquet")
    with pytest.raises(UsageError, match=r"fits in/clip\.mov, in/clip\.mp4"):
        emotion_core.read_timeline(tmp_path, sources=["clip"])
    assert len(emotion_core.read_timeline(tmp_path, sources=["clip.mov"])) == 1


def test_what_cannot_be_read_is_named(tmp_path: Path, finished_run: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        emotion_core.read_timeline(tmp_path / "none")
    with pytest.raises(UsageError, match="holds no timeline"):
        emotion_core.read_timeline(tmp_path)
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(MediaError, match=r"a\.parquet: is not a timeline"):
        emotion_core.read_timeline(path)
    content = (finished_run / CLIP).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(MediaError, match=r"a\.parquet: is not a readable Parquet file"):
        emotion_core.read_timeline(path)
    other = SCHEMA.with_metadata({METADATA_KEY: b'{"schema_version": 99}'})
    pq.write_table(other.empty_table(), path)
    with pytest.raises(MediaError, match="schema version 99"):
        emotion_core.read_timeline(path)


def test_data_damaged_within_the_file(tmp_path: Path, finished_run: Path) -> None:
    content = bytearray((finished_run / CLIP).read_bytes())
    content[4:600] = bytes(596)
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"a\.parquet: is damaged"):
        emotion_core.read_timeline(path)


def test_a_timeline_without_rows(tmp_path: Path, finished_run: Path) -> None:
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, pq.read_schema(finished_run / CLIP)):
        pass
    assert emotion_core.read_timeline(path).num_rows == 0


def test_an_input_folder_called_timelines(tmp_path: Path, finished_run: Path) -> None:
    (tmp_path / "run.json").touch()
    for name in ("timelines", "other"):
        (tmp_path / "timelines" / name).mkdir(parents=True)
        shutil.copy(finished_run / CLIP, tmp_path / "timelines" / name / "a.mov.parquet")
    assert len(find_timelines(tmp_path)) == len(find_timelines(tmp_path / "timelines")) == 2
    names = {str(name_below(tmp_path, path)) for path in find_timelines(tmp_path)}
    assert names == {"timelines/a.mov", "other/a.mov"}


def test_importing_the_package_costs_nothing() -> None:
    code = "import sys, emotion_core; print({'numpy', 'pyarrow', 'av'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.strip() == "set()"


def test_a_run_in_which_all_failed(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "failures.jsonl").write_text("{}\n")
    (tmp_path / "summary.parquet").touch()
    with pytest.raises(UsageError, match=r"holds no timeline: all files failed, failures\.jsonl"):
        find_timelines(tmp_path)


def test_a_video_is_no_timeline(tmp_path: Path) -> None:
    (tmp_path / "clip.MP4").touch()
    with pytest.raises(UsageError, match=r"clip\.MP4: is no timeline: annotate it"):
        find_timelines(tmp_path / "clip.MP4")
