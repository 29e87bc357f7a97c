"""Pictures are looked at by their pixels: what is drawn is there, in the emotion's colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from PIL import Image

from emotion_core.labels import COLOURS, EMOTIONS
from emotion_core.plots.clock_axis import clock
from emotion_core.plots.over_time import STATUS_IN
from emotion_core.plots.shares import BARS_MAX, Bar, bars_of_tracks
from emotion_core.plots.style import CONTRAST_MIN, edge_of, luminance
from emotion_core.plots.write import DPI, plot_shares, plot_video
from emotion_core.results.find import find_timelines
from emotion_core.timeline.summary import SUMMARY_SCHEMA, summarise_tracks

CLIPS = Path("timelines") / "sample_media" / "clips"


def pixels(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


def share_of(picture: NDArray[np.uint8], emotion: str) -> float:
    return float((picture == COLOURS[emotion]).all(axis=2).mean())


def test_a_video_as_png_and_svg(finished_run: Path, tmp_path: Path) -> None:
    timeline = finished_run / CLIPS / "phone" / "variable_rate.mp4.parquet"
    png, svg = plot_video(timeline, tmp_path / "a.mp4", ("png", "svg"), 8)
    assert (png.name, svg.name) == ("a.mp4.png", "a.mp4.svg")
    picture = pixels(png)
    assert (picture[0] == 255).all()
    # Always happy: its line and the ribbon below; of the others little more than the legend.
    assert share_of(picture, "happy") > 3 * share_of(picture, "angry") > 0
    assert svg.read_bytes().startswith(b"<?xml")
    again = plot_video(timeline, tmp_path / "b.mp4", ("png", "svg"), 8)
    assert [path.read_bytes() for path in again] == [png.read_bytes(), svg.read_bytes()]


def test_stills_have_no_picture_over_time(finished_run: Path, tmp_path: Path) -> None:
    for timeline in (finished_run / CLIPS.parent / "portraits").rglob("*.parquet"):
        assert plot_video(timeline, tmp_path / "a", ("png",), 8) == []


@pytest.mark.parametrize("name", ["odd/broken.mp4", "sample_media/clips/coming_and_going.mp4"])
def test_each_kind_of_missing_frame_has_a_line(
    finished_run: Path, tmp_path: Path, name: str
) -> None:
    timeline = finished_run / "timelines" / f"{name}.parquet"
    (path,) = plot_video(timeline, tmp_path / "a", ("png",), 1)
    whole = finished_run / CLIPS / "phone" / "variable_rate.mp4.parquet"
    (without,) = plot_video(whole, tmp_path / "b", ("png",), 1)
    missing = set(pq.read_table(timeline)["status"].to_pylist()) - {"ok"}
    assert missing
    lines = (pixels(path).shape[0] - pixels(without).shape[0]) / (STATUS_IN * DPI)
    assert lines == pytest.approx(len(missing), abs=0.1)


def test_shares_of_tracks_and_folders_of_stills(finished_run: Path, tmp_path: Path) -> None:
    tracks = pa.concat_tables(map(summarise_tracks, find_timelines(finished_run)))
    bars = {bar.name: bar for bar in bars_of_tracks(tracks)}
    assert bars["sample_media/portraits/ (stills)"].note == "2 faces"
    group = bars["sample_media/portraits/group/ (stills)"]
    assert group.shares is not None
    assert group.shares[EMOTIONS.index("happy")] == pytest.approx(2 / 3)
    (path,) = plot_shares(list(bars.values()), tmp_path / "shares", ("png",))
    picture = pixels(path)
    assert share_of(picture, "happy") > 0.1
    assert share_of(picture, "fear") < 0.01


def test_a_file_without_a_face_has_an_empty_bar(tmp_path: Path) -> None:
    row = {"source": "in/empty.mp4", "frames": 9, "share_without_face": 1.0}
    bars = bars_of_tracks(pa.Table.from_pylist([row], SUMMARY_SCHEMA))
    assert bars == [Bar("in/empty.mp4", "no face", None)]
    (path,) = plot_shares(bars, tmp_path / "shares", ("png",))
    assert share_of(pixels(path), "happy") < 0.01


def test_many_bars_take_several_pictures(tmp_path: Path) -> None:
    bars = [Bar(f"in/{'long ' * 20}$x_{n}$.mp4", "", (1, 0, 0, 0, 0, 0, 0)) for n in range(50)]
    paths = list(plot_shares(bars, tmp_path / "shares", ("png",)))
    assert [path.name for path in paths] == ["shares-1.png", "shares-2.png"]
    heights = [pixels(path).shape[0] for path in paths]
    assert heights[0] - heights[1] == pytest.approx((2 * BARS_MAX - 50) * 0.28 * 150, abs=2)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_emotion_can_be_seen_on_white(emotion: str) -> None:
    assert 1.05 / (luminance(edge_of(emotion)) + 0.05) >= CONTRAST_MIN


def test_times_from_seconds_to_hours() -> None:
    assert [clock(value) for value in (5, 65, 3599.6, 7325)] == [
        "0:05",
        "1:05",
        "1:00:00",
        "2:02:05",
    ]
