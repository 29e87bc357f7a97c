"""A bundle on videos that each show one emotion."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner
from rich.console import Console

from emotion_core import annotate_media
from emotion_core.labels import EMOTIONS
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import AnalysisOptions
from tests import clips
from training.cli import main
from training.data.labelled_videos import read_labelled_videos
from training.errors import DatasetError
from training.evaluation.video_tables import describe_videos
from training.evaluation.videos import (
    BY_FRAMES,
    BY_MEAN,
    VideoEvaluation,
    evaluate_videos,
    largest_face,
)

SAMPLES = Path(__file__).resolve().parents[3] / "sample_media" / "clips"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips with faces, one without, and one that is none."""
    folder = tmp_path_factory.mktemp("labelled")
    shutil.copy(SAMPLES / "phone" / "variable_rate.mp4", folder / "her.mp4")
    shutil.copy(SAMPLES / "phone" / "turned.mov", folder / "him.mov")
    clips.make_h264(folder / "nobody.mkv", width=64, height=48)
    (folder / "broken.mp4").write_text("no video")
    table = folder / "labels.csv"
    table.write_text(
        "Label,file,person\nHappiness,her.mp4,a\nneutral,him.mov,b\nsad,nobody.mkv,c\n"
        "fear,broken.mp4,d\n"
    )
    return table


@pytest.fixture(scope="module")
def found(table: Path) -> VideoEvaluation:
    return evaluate_videos(DEFAULT_BUNDLE, table, AnalysisOptions())


def test_labels_and_seconds_equal_those_of_the_timelines(
    table: Path, found: VideoEvaluation
) -> None:
    expected = {BY_FRAMES: 0, BY_MEAN: 0}
    seconds, certain = 0.0, []
    for name, label in (("her.mp4", "happy"), ("him.mov", "neutral")):
        rows = annotate_media(table.parent / name).to_pandas()
        seconds += rows.time_us.max() / 1e6
        faces = rows.dropna(subset="emotion")
        face = faces[faces.track == (faces.box_w * faces.box_h).groupby(faces.track).sum().idxmax()]
        certain.append(1 - face.uncertain.astype(float).mean())
        expected[BY_FRAMES] += face.emotion.astype(str).value_counts().idxmax() == label
        means = face[[f"p_{emotion}" for emotion in EMOTIONS]].mean()
        expected[BY_MEAN] += means.idxmax() == f"p_{label}"
    for name, right in expected.items():
        assert found.scores[name].rows == 2
        assert found.scores[name].accuracy == right / 2
        assert found.scores[name].confusion[EMOTIONS.index("sad")].sum() == 0
    assert found.seconds == pytest.approx(seconds)
    assert found.certain == pytest.approx(np.mean(certain), abs=1e-6)
    assert found.people == 2


def test_what_could_not_be_measured_is_named(found: VideoEvaluation) -> None:
    assert found.videos == 3
    assert found.without_face == ("nobody.mkv",)
    ((name, reason),) = found.failed
    assert name == "broken.mp4"
    assert "no video" in reason
    shown = io.StringIO()
    for part in describe_videos(found):
        Console(file=shown, width=80).print(part, markup=False)
    text = " ".join(shown.getvalue().split())
    assert "no face found in: nobody.mkv" in text
    assert "could not be read: broken.mp4 (is no video" in text
    assert "2 videos with a face, 2 people" in text
    assert "People are the ceiling" in text
    assert max(map(len, shown.getvalue().splitlines())) <= 80


def rows_of(tracks: list[tuple[int, float, str]]) -> pa.Table:
    frame = pd.DataFrame(
        [
            {
                "track": track,
                "box_w": side,
                "box_h": side,
                "emotion": emotion,
                "uncertain": emotion == "sad",
                "time_us": number * 40_000,
                **{f"p_{name}": float(name == emotion) for name in EMOTIONS},
            }
            for number, (track, side, emotion) in enumerate(tracks)
        ]
    )
    return pa.Table.from_pandas(frame)


def test_the_largest_face_is_that_of_the_track_with_the_most_area() -> None:
    rows = rows_of([(0, 50, "happy"), (1, 80, "sad"), (0, 50, "happy"), (0, 50, "angry")])
    face = largest_face(rows)
    assert face is not None
    assert face.share[EMOTIONS.index("happy")] == pytest.approx(2 / 3)
    assert face.mean[EMOTIONS.index("angry")] == pytest.approx(1 / 3)
    assert face.certain == 1
    assert face.seconds == pytest.approx(0.12)
    larger = largest_face(rows_of([(0, 50, "happy"), (1, 80, "sad")]))
    assert larger is not None
    assert larger.share[EMOTIONS.index("sad")] == 1
    assert larger.certain == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,emotion\na.mp4,sad\n", "no column label"),
        ("", "no column file, label"),
        ("file,label\n", "names no video"),
        ("file,label\nher.mp4,joy\n", "line 2: 'joy' is none of angry"),
        ("file,label\nhers.mp4,sad\n", "line 2: no file 'hers.mp4'"),
        ("file,label\nher.mp4,sad\n./her.mp4,sad\n", "line 3 names './her.mp4' again"),
        ("file,label\nher.mp4\n", "line 2: 1 cells for 2 columns"),
        ("file,label\nher.mp4,\n", "line 2 has no label"),
        ("file,label\n" + "x.mp4,sad\n" * 9, "and 4 more"),
    ],
)
def test_bad_tables_are_refused_by_line(table: Path, text: str, words: str) -> None:
    bad = table.with_name("bad.csv")
    bad.write_text(text)
    with pytest.raises(DatasetError, match=words):
        read_labelled_videos(bad)


def test_no_video_with_a_face_is_an_error(table: Path) -> None:
    only = table.with_name("only.csv")
    only.write_text("file,label\nnobody.mkv,sad\n")
    with pytest.raises(DatasetError, match="no face was found in any"):
        evaluate_videos(DEFAULT_BUNDLE, only, AnalysisOptions())


def test_the_command_writes_report_figures_and_card(table: Path, tmp_path: Path) -> None:
    bundle, out = tmp_path / "bundle", tmp_path / "out"
    shutil.copytree(DEFAULT_BUNDLE, bundle)
    arguments = ["--bundle", str(bundle), "--videos", str(table), "--output", str(out), "--card"]
    result = CliRunner().invoke(main, ["evaluate", *arguments])
    assert result.exit_code == 0, result.output
    figures = json.loads((out / "figures.json").read_text("utf-8"))
    card = json.loads((bundle / "card.json").read_text("utf-8"))
    assert card["metrics"]["videos"]["labels.csv"] == figures
    assert figures["without_a_face"] == ["nobody.mkv"]
    assert "People are the ceiling" in (out / "report.html").read_text("utf-8")
    assert (out / "confusion_1.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [([], "Pass --data, or --videos"), (["--videos", "a.csv", "--detect"], "stands alone")],
)
def test_what_is_measured_must_be_said_once(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(main, ["evaluate", "--bundle", str(DEFAULT_BUNDLE), *arguments])
    assert result.exit_code == 2
    assert words in result.output
