from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emotion_core import annotate_media, read_timeline
from emotion_core.annotation import Annotation
from emotion_core.errors import UsageError
from emotion_core.labels import EMOTIONS
from emotion_core.options import AnalysisOptions
from emotion_core.results.validate import find_faults
from emotion_core.timeline.baseline import (
    NEUTRAL,
    NEUTRAL_AT_REST,
    Rest,
    offset_at_rest,
    offsets_of,
    rows_at_rest,
    without_offset,
)
from jobs.config import JobConfig, RunOptions
from jobs.run import annotate

CLIP = Path(__file__).parents[3] / "sample_media" / "clips" / "phone" / "variable_rate.mp4"
BASELINE = [f"baseline_{name}" for name in EMOTIONS]
P = [f"p_{name}" for name in EMOTIONS]
SAD = EMOTIONS.index("sad")


def offsets_of_tracks(blocks: Iterable[pa.Table], rest: Rest) -> dict[int, np.ndarray]:
    return offsets_of([rows_at_rest(blocks, rest)], rest)


def probabilities(rows: int, **shares: float) -> np.ndarray:
    """The same in each row; what is left over is spread over the other emotions."""
    rest = (1 - sum(shares.values())) / (len(EMOTIONS) - len(shares))
    row = [shares.get(name, rest) for name in EMOTIONS]
    return np.tile(np.array(row, np.float32), (rows, 1))


def test_a_sad_face_at_rest_reads_as_neutral_and_its_smile_as_a_smile() -> None:
    at_rest = probabilities(50, sad=0.7, neutral=0.2)
    offset = offset_at_rest(at_rest, np.ones(50, np.float32))
    corrected = without_offset(at_rest, offset)
    assert corrected[:, NEUTRAL] == pytest.approx(NEUTRAL_AT_REST, abs=0.02)
    smile = without_offset(probabilities(1, happy=0.9, sad=0.06), offset)[0]
    assert smile[EMOTIONS.index("happy")] > 0.8
    sadder = without_offset(probabilities(1, sad=0.99, neutral=0.005), offset)[0]
    assert sadder.argmax() == SAD


def test_a_face_that_is_neutral_at_rest_stays_as_it_is() -> None:
    p = probabilities(5, neutral=0.96)
    offset = offset_at_rest(p, np.ones(5, np.float32))
    assert offset == pytest.approx(0)
    assert without_offset(p, offset) == pytest.approx(p, abs=1e-6)


def test_a_minority_and_what_is_hardly_seen_do_not_count() -> None:
    p = np.concatenate([probabilities(60, neutral=0.96), probabilities(40, sad=0.98)])
    quality = np.ones(100, np.float32)
    assert offset_at_rest(p, quality)[SAD] == 0
    quality[:60] = 0.1
    assert offset_at_rest(p, quality)[SAD] > 3


def test_probabilities_of_nothing_stay_nothing() -> None:
    p = np.zeros((3, len(EMOTIONS)), np.float32)
    p[:, SAD] = 1
    corrected = without_offset(p, offset_at_rest(p, np.ones(3, np.float32)))
    assert np.isfinite(corrected).all()
    assert corrected.sum(axis=1) == pytest.approx(1)


@pytest.fixture(scope="module")
def clip() -> Annotation:
    return annotate_media(CLIP, analysis=AnalysisOptions(baseline="auto"))


def test_both_values_are_kept(clip: Annotation) -> None:
    plain = annotate_media(CLIP)
    kept = [name for name in plain.rows.column_names if name not in BASELINE]
    assert clip.rows.select(kept) == plain.rows.select(kept)
    assert all(plain.rows[name].null_count == len(plain.rows) for name in BASELINE)
    faces = clip.to_pandas().dropna(subset="emotion")
    # She smiles all the time, which is typical of her here.
    assert (faces.emotion == "happy").mean() > 0.9
    assert faces.baseline_neutral.median() == pytest.approx(NEUTRAL_AT_REST, abs=0.05)


def test_the_range_counts_and_must_show_the_face(clip: Annotation) -> None:
    whole = offsets_of_tracks([clip.rows], Rest())
    part = offsets_of_tracks([clip.rows], Rest(0, 2_000_000))
    assert list(whole) == list(part) == [0]
    assert not np.array_equal(whole[0], part[0])
    assert offsets_of_tracks([clip.rows.slice(0, 20)], Rest()) == {}
    assert offsets_of_tracks([clip.rows], Rest(60_000_000, 70_000_000)) == {}
    assert offsets_of_tracks([], Rest()) == {}


def test_blocks_workers_and_segments_change_nothing(tmp_path: Path, clip: Annotation) -> None:
    halves = [clip.rows.slice(0, 50), clip.rows.slice(50)]
    whole, parts = (offsets_of_tracks(blocks, Rest()) for blocks in ([clip.rows], halves))
    assert np.array_equal(whole[0], parts[0])
    for name, run in {
        "one": RunOptions(workers=0, video=False),
        "two": RunOptions(workers=2, video=False, segment_frames=17),
    }.items():
        analysis = AnalysisOptions(baseline="auto")
        annotate(JobConfig((str(CLIP),), tmp_path / name, analysis=analysis, run=run))
    one, two = (read_timeline(tmp_path / name) for name in ("one", "two"))
    assert one == two
    assert one.select(BASELINE) == clip.rows.select(BASELINE)
    (timeline,) = (tmp_path / "one").rglob("variable_rate.mp4.parquet")
    assert list(find_faults(timeline)) == []
    assert b'"baseline": "auto"' in pq.read_schema(timeline).metadata[b"emotion_annotate"]
    # Timelines made without it are as valid as before.
    spoilt = pq.read_table(timeline)
    column = spoilt.column_names.index("baseline_sad")
    spoilt = spoilt.set_column(column, "baseline_sad", spoilt["p_sad"])
    pq.write_table(spoilt, tmp_path / "spoilt.parquet")
    assert "the baseline_… do not sum to 1" in str(*find_faults(tmp_path / "spoilt.parquet"))


@pytest.mark.parametrize("text", ["", "neutral", "5", "5-5.5", "9-3", "1:2:3:4-9", "a-b", "1-2-3"])
def test_what_is_no_baseline(text: str) -> None:
    with pytest.raises(UsageError, match="--baseline"):
        AnalysisOptions(baseline=text)
