from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from emotion_core.errors import MediaError, OutputError
from emotion_core.results.export import export_all, export_each
from emotion_core.results.find import find_timelines
from emotion_core.results.rows_out import LANDMARK_COLUMNS

CLIP = Path("timelines") / "sample_media" / "clips" / "coming_and_going.mp4.parquet"


def written_rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a CSV file, each read as the type that its text has."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: text or None for name, text in row.items()} for row in rows]


def test_csv_keeps_every_value(finished_run: Path, tmp_path: Path) -> None:
    (path,) = export_each(finished_run / CLIP, tmp_path, "csv")
    assert path == tmp_path / "coming_and_going.mp4.csv"
    written, rows = written_rows(path), pq.read_table(finished_run / CLIP).to_pylist()
    assert len(written) == len(rows)
    for text, row in zip(written, rows, strict=True):
        points = row.pop("landmarks") or [None] * 10
        row |= dict(zip(LANDMARK_COLUMNS, points, strict=True))
        assert text.keys() == row.keys()
        for name, value in row.items():
            shown = text[name]
            if isinstance(value, float):
                assert shown is not None
                assert float(shown) == value
                assert np.float32(shown) == np.float32(value)
            elif isinstance(value, bool):
                assert shown == str(value).lower()
            else:
                assert shown == (None if value is None else str(value))


def test_json_keeps_every_value(finished_run: Path, tmp_path: Path) -> None:
    paths = list(export_each(finished_run, tmp_path, "json"))
    timelines = find_timelines(finished_run)
    assert any(path.match("sample_media/portraits/stills-*.jsonl") for path in paths)
    for path, timeline in zip(paths, timelines, strict=True):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert list(map(json.loads, lines)) == pq.read_table(timeline).to_pylist()


@pytest.mark.parametrize("form", ["csv", "json"])
def test_all_in_one_file(finished_run: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / "deep" / "all"
    export_all(finished_run, path, form)
    rows = sum(pq.read_metadata(timeline).num_rows for timeline in find_timelines(finished_run))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == rows + (form == "csv")
    assert sum(line.startswith('"source"') for line in lines) == (form == "csv")


def test_nothing_half_written_is_left(finished_run: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.parquet").write_bytes((finished_run / CLIP).read_bytes())
    (tmp_path / "in" / "b.parquet").write_bytes(b"PAR1")
    with pytest.raises(MediaError, match=r"b\.parquet"):
        export_all(tmp_path / "in", tmp_path / "out" / "all.csv", "csv")
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(OutputError, match=r"a\.parquet/x\.csv: cannot be written"):
        export_all(tmp_path / "in", tmp_path / "in" / "a.parquet" / "x.csv", "csv")
