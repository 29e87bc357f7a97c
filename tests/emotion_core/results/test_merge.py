from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from emotion_core.errors import MediaError, UsageError
from emotion_core.results.find import find_timelines
from emotion_core.results.merge import merge
from emotion_core.results.read import read_timeline
from emotion_core.timeline.store import read_blocks


def parts_of(finished_run: Path) -> tuple[Path, Path]:
    """Folders of timelines that have no file in common."""
    timelines = finished_run / "timelines"
    return timelines / "sample_media" / "clips", timelines / "odd"


def test_parts_become_one_run(finished_run: Path, tmp_path: Path) -> None:
    parts = parts_of(finished_run)
    copies = merge(parts, tmp_path / "all")
    assert find_timelines(tmp_path / "all") == copies
    wanted = [path for part in parts for path in find_timelines(part)]
    assert sorted(p.read_bytes() for p in copies) == sorted(p.read_bytes() for p in wanted)
    assert len(read_timeline(tmp_path / "all")) == sum(
        len(rows) for path in wanted for rows in read_blocks(path, ["frame"])
    )
    for name in ("summary", "intervals"):
        rows = pq.read_table(tmp_path / "all" / f"{name}.parquet").to_pylist()
        known = pq.read_table(finished_run / f"{name}.parquet").to_pylist()
        assert sorted(map(str, rows)) == sorted(
            str(r) for r in known if "portraits" not in r["source"]
        )
    with pytest.raises(UsageError, match="holds timelines already"):
        merge(parts, tmp_path / "all")


def test_a_file_that_is_there_twice_is_refused(finished_run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"turned\.mov"):
        merge([finished_run, parts_of(finished_run)[0] / "phone"], tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_another_file_at_the_same_place_is_refused(finished_run: Path, tmp_path: Path) -> None:
    clips, odd = parts_of(finished_run)
    for number, source in enumerate((next(clips.glob("*.parquet")), next(odd.glob("*.parquet")))):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "a.parquet").write_bytes(source.read_bytes())
    with pytest.raises(UsageError, match=r"1/a\.parquet: has a\.parquet, which .*0/a\.parquet"):
        merge([tmp_path / "0", tmp_path / "1"], tmp_path / "all")
    (tmp_path / "1" / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(MediaError, match=r"1/a\.parquet: is not a readable Parquet file"):
        merge([tmp_path / "0", tmp_path / "1"], tmp_path / "all")
    assert not (tmp_path / "all").exists()
