"""What a timeline's footer holds: what is read from it, and no more."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from emotion_core.bundle import load_bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.errors import MediaError
from emotion_core.layout import model_card
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.provenance import made_by, timeline_metadata
from emotion_core.results.find import find_timelines
from emotion_core.results.merge import merge
from emotion_core.results.validate import find_faults
from emotion_core.timeline.build import still_timeline
from emotion_core.timeline.schema import SCHEMA
from emotion_core.timeline.store import (
    METADATA_KEY,
    new_timeline,
    read_blocks,
    read_metadata,
    read_rows,
)
from tests.emotion_core.timeline.test_build import make_faces

FOOTER_BYTES_MAX = 12_000
STILL_BYTES_MAX = 15_000


def in_footer(path: Path) -> bytes:
    found: bytes = pq.read_schema(path).metadata[METADATA_KEY]
    return found


def test_footers_hold_what_is_read_from_them(finished_run: Path) -> None:
    bundle = load_bundle()
    for path in find_timelines(finished_run):
        assert pq.read_metadata(path).serialized_size < FOOTER_BYTES_MAX
        model = read_metadata(path)["model"]
        assert f"{model['name']} {model['version']}" == bundle.name
        assert model["sha256"] == bundle.sha256
        assert Calibration.of_card(model) == Calibration.of(bundle)
        assert "training" not in model


def test_a_still_takes_little_room(finished_run: Path) -> None:
    stills = [path for path in find_timelines(finished_run) if "stills-" in path.name]
    alone = [path for path in stills if len(read_metadata(path)["inputs"]) == 1]
    assert alone
    for path in alone:
        assert path.stat().st_size <= STILL_BYTES_MAX


def test_a_still_with_a_long_name_takes_little_room(tmp_path: Path) -> None:
    """As long as file systems allow: the name stands in its rows and, twice, in the footer."""
    bundle, analysis = load_bundle(), AnalysisOptions()
    made = timeline_metadata(made_by(bundle, analysis), analysis, RenderOptions())
    source = f"study/{'long name ' * 25}.jpg"
    still = {"path": f"/data/{source}", "bytes": 1, "modified_ns": 1, "source": source}
    faces = make_faces([0], [10], [3])
    rows = still_timeline(source, False, faces, Calibration.of(bundle))
    with new_timeline(tmp_path / "a.parquet", {**made, "inputs": [still]}) as append:
        append(rows)
    assert len(rows) == 1
    assert pq.read_metadata(tmp_path / "a.parquet").serialized_size < FOOTER_BYTES_MAX
    assert (tmp_path / "a.parquet").stat().st_size <= STILL_BYTES_MAX


def test_the_card_stands_beside_the_timelines_once(finished_run: Path, tmp_path: Path) -> None:
    (card,) = (finished_run / "models").iterdir()
    assert card.read_bytes() == (DEFAULT_BUNDLE / "card.json").read_bytes()
    for path in find_timelines(finished_run):
        sha256 = read_metadata(path)["model"]["sha256"]
        assert card == model_card(finished_run, sha256)
        assert hashlib.sha256(card.read_bytes()).hexdigest() == sha256
    record = json.loads((finished_run / "run.json").read_text())
    assert record["model"]["card"] == json.loads(card.read_text())
    merge([finished_run], tmp_path)
    assert model_card(tmp_path, card.stem).read_bytes() == card.read_bytes()


def test_what_is_long_is_packed_and_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    still = {"bytes": 812_345, "modified_ns": 1796135443278809495, "pictures": 1}
    names = [f"{rng.integers(1e12):012}-portrait of participant {i:03}.jpg" for i in range(128)]
    inputs = [still | {"path": f"/data/study/{n}", "source": f"study/{n}"} for n in names]
    cuts = np.cumsum(rng.integers(20, 200, 1500)).tolist()
    path = tmp_path / "a.parquet"
    analysis = AnalysisOptions()
    made = timeline_metadata(made_by(load_bundle(), analysis), analysis, RenderOptions())
    wanted: dict[str, Any] = {**made, "inputs": inputs, "cuts": cuts}
    with new_timeline(path, wanted) as append:
        append(SCHEMA.empty_table())
    assert read_metadata(path) == {"schema_version": 1, **wanted}
    assert len(in_footer(path)) <= FOOTER_BYTES_MAX
    plain = json.loads(in_footer(path))
    assert {"inputs", "cuts"} == set(plain["deflated"])
    assert plain["model"]["name"] == wanted["model"]["name"]


def test_timelines_of_an_earlier_version_are_read(finished_run: Path, tmp_path: Path) -> None:
    bundle = load_bundle()
    (timeline,) = (path for path in find_timelines(finished_run) if "turned" in path.name)
    metadata = read_metadata(timeline)
    older = metadata | {"model": {"card": dict(bundle.card), "sha256": bundle.sha256}}
    table = pq.read_table(timeline)
    names = [name for name in table.column_names if name != "landmarks"]
    names.insert(names.index("quality"), "landmarks")
    table = table.select(names).replace_schema_metadata({METADATA_KEY: json.dumps(older)})
    pq.write_table(table, tmp_path / "older.parquet")
    (rows,) = read_blocks(tmp_path / "older.parquet")
    assert rows.equals(pq.read_table(timeline))
    assert read_rows(tmp_path / "older.parquet", 0, 9).equals(read_rows(timeline, 0, 9))
    assert len(in_footer(tmp_path / "older.parquet")) > FOOTER_BYTES_MAX
    assert read_metadata(tmp_path / "older.parquet") == metadata
    assert list(find_faults(tmp_path / "older.parquet")) == []


@pytest.mark.parametrize("packed", ["x", {"inputs": "x"}, {"inputs": "eJw="}, {"inputs": 3}])
def test_what_cannot_be_unpacked_is_no_timeline(tmp_path: Path, packed: object) -> None:
    content = json.dumps({"schema_version": 1, "deflated": packed})
    path = tmp_path / "a.parquet"
    pq.write_table(SCHEMA.with_metadata({METADATA_KEY: content}).empty_table(), path)
    with pytest.raises(MediaError, match=r"a\.parquet: has metadata that are no timeline's"):
        read_metadata(path)


def test_columns_are_counted_alike_by_readers_without_lists(finished_run: Path) -> None:
    """Readers that know no lists count leaves: up to the list, a leaf is a column."""
    for path in find_timelines(finished_run):
        leaves = [column.path for column in pq.ParquetFile(path).schema]
        assert leaves[:-1] == SCHEMA.names[:-1]
        assert leaves[-1].startswith("landmarks.")
