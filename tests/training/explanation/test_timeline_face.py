from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from emotion_core.analyse import Analyser
from emotion_core.bundle import load_bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.emotions.classifier import Classifier
from emotion_core.errors import MediaError
from emotion_core.faces.between import Sample
from emotion_core.labels import EMOTIONS
from emotion_core.media.index import index_video
from emotion_core.media.video import read_frames, split
from emotion_core.options import AnalysisOptions
from emotion_core.timeline.build import video_timeline
from emotion_core.timeline.store import new_timeline, read_rows
from training.cli import main
from training.explanation.timeline_face import face_of_timeline

CLIP = Path(__file__).resolve().parents[3] / "sample_media" / "clips" / "coming_and_going.mp4"
FRAMES = (0, 60, 70)


@pytest.fixture(scope="module")
def made(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A timeline of three frames of a clip, two with faces, and the clip."""
    folder = tmp_path_factory.mktemp("timeline")
    clip = folder / CLIP.name
    shutil.copy2(CLIP, clip)
    bundle = load_bundle(bundle_folder)
    index = index_video(clip)
    sampled = np.isin(np.arange(len(index)), FRAMES)
    (segment,) = split(index, 0, len(index), len(index))
    analyser = Analyser(bundle, AnalysisOptions())
    samples = (
        Sample(frame.number, frame.pts, frame.planes, searched=True)
        for frame in read_frames(segment, sampled)
    )
    parts = list(analyser.analyse(samples, range(len(index))))
    status = clip.stat()
    metadata = {
        "model": {"card": dict(bundle.card), "sha256": bundle.sha256},
        "input": {
            "path": str(clip), "bytes": status.st_size, "modified_ns": status.st_mtime_ns,
        },
    }  # fmt: skip
    timeline = folder / "clip.parquet"
    with new_timeline(timeline, metadata) as append:
        for rows in video_timeline("clip", index, sampled, parts, Calibration.of(bundle)):
            append(rows)
    return SimpleNamespace(timeline=timeline, clip=clip, bundle=bundle, metadata=metadata)


def rows_of(timeline: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = read_rows(timeline, 0, 1_000).to_pylist()
    return rows


def test_the_crop_is_the_one_that_annotation_classified(made: SimpleNamespace) -> None:
    rows = [row for row in rows_of(made.timeline) if row["track"] is not None]
    assert len(rows) > 2
    for row in rows:
        face = face_of_timeline(made.timeline, row["frame"], row["track"], made.bundle)
        logits = Classifier(made.bundle).logits(face.crop[None])
        quality = np.array([face.quality], np.float32)
        (found,) = Calibration.of(made.bundle).probabilities(logits, quality)
        wanted = [row[f"raw_{name}"] for name in EMOTIONS]
        np.testing.assert_allclose(found, wanted, atol=1e-4)
        (note,) = face.notes
        assert "The timeline says" in note


def test_rows_that_are_not_there_are_named(made: SimpleNamespace) -> None:
    with pytest.raises(MediaError, match=r"clip\.parquet: has no row of frame 61"):
        face_of_timeline(made.timeline, 61, 0, made.bundle)
    with pytest.raises(MediaError, match=r"frame 0 has no face \(no_face\)"):
        face_of_timeline(made.timeline, 0, 0, made.bundle)
    with pytest.raises(MediaError, match="frame 60 has no track 99, but 0"):
        face_of_timeline(made.timeline, 60, 99, made.bundle)
    with pytest.raises(MediaError, match="is not a readable Parquet file"):
        face_of_timeline(made.clip, 60, 0, made.bundle)


def test_a_timeline_of_pictures_is_sent_to_the_other_option(
    made: SimpleNamespace, tmp_path: Path
) -> None:
    with new_timeline(tmp_path / "stills.parquet", {"inputs": []}):
        pass
    with pytest.raises(MediaError, match="pass them with --image"):
        face_of_timeline(tmp_path / "stills.parquet", 0, 0, made.bundle)


def copied(made: SimpleNamespace, folder: Path, table: pa.Table, **changes: object) -> Path:
    path = folder / "copy.parquet"
    metadata = {**made.metadata, "input": {**made.metadata["input"], **changes}}
    with new_timeline(path, metadata) as append:
        append(table)
    return path


def test_a_source_that_is_gone_or_changed_is_reported(
    made: SimpleNamespace, tmp_path: Path
) -> None:
    table = read_rows(made.timeline, 60, 61)
    track = table["track"][0].as_py()
    gone = copied(made, tmp_path, table, path=str(tmp_path / "gone.mp4"))
    with pytest.raises(MediaError, match=r"gone\.mp4: cannot be read .* put it back there"):
        face_of_timeline(gone, 60, track, made.bundle)
    touched = tmp_path / "touched.mp4"
    shutil.copy2(made.clip, touched)
    os.utime(touched, (1, 1))
    changed = copied(made, tmp_path, table, path=str(touched))
    note, _ = face_of_timeline(changed, 60, track, made.bundle).notes
    assert "its time of modification changed since" in note
    shifted = table.set_column(2, "pts", pa.array([1] * len(table), pa.int64()))
    other = copied(made, tmp_path, shifted)
    with pytest.raises(MediaError, match="has no frame 60 at the time"):
        face_of_timeline(other, 60, track, made.bundle)


def test_of_a_mirrored_timeline_it_says_so(made: SimpleNamespace, tmp_path: Path) -> None:
    table = read_rows(made.timeline, 60, 61)
    path = tmp_path / "mirrored.parquet"
    with new_timeline(path, made.metadata | {"analysis": {"mirror": True}}) as append:
        append(table)
    notes = face_of_timeline(path, 60, table["track"][0].as_py(), made.bundle).notes
    assert "mean with the mirror image (--mirror)" in notes[1]


def test_the_command_explains_a_row(
    made: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    source = ["--bundle", str(bundle_folder), "--timeline", str(made.timeline)]
    track = rows_of(made.timeline)[1]["track"]
    row = ["--frame", "60", "--track", str(track)]
    result = CliRunner().invoke(main, ["explain", *source, *row, "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert f"{CLIP.name}, frame 60, track {track}: " in result.output
    assert (tmp_path / "report.html").is_file()
    result = CliRunner().invoke(main, ["explain", *source, "--output", str(tmp_path)])
    assert result.exit_code == 2
    assert "pass --frame and --track" in result.output
