from __future__ import annotations

import numpy as np
import pyarrow as pa

from emotion_core.labels import EMOTIONS
from emotion_core.plots.series import BINS_MAX, SERIES_COLUMNS, video_series
from emotion_core.timeline.schema import SCHEMA


def rows_of(frames: int, tracks: dict[int, range], step_us: int = 40_000) -> pa.Table:
    """A face is happy; in frame 7 surprised, and uncertain."""
    rows = []
    for frame in range(frames):
        shown = [track for track, seen in tracks.items() if frame in seen]
        for track in shown or [None]:
            row = {"frame": frame, "time_us": frame * step_us, "track": track, "status": "no_face"}
            if track is not None:
                best = "surprise" if frame == 7 else "happy"
                row |= {f"{kind}_{name}": 0.0 for kind in ("raw", "p") for name in EMOTIONS}
                row |= {"status": "ok", "uncertain": frame == 7, f"p_{best}": 1, f"raw_{best}": 1}
            rows.append(row)
    schema = pa.schema([SCHEMA.field(name) for name in SERIES_COLUMNS])
    return pa.Table.from_pylist(rows, schema)


def test_a_short_video_is_drawn_frame_by_frame() -> None:
    series = video_series(rows_of(20, {0: range(5, 10), 3: range(6, 20)}), 8)
    assert series.frames_per_bin == 1
    assert series.edges_s.tolist() == np.array(range(21)).dot(0.04).tolist()
    assert np.flatnonzero(series.missing["no_face"]).tolist() == [0, 1, 2, 3, 4]
    first, second = series.tracks
    assert (first.number, second.number) == (0, 3)
    happy, surprise = EMOTIONS.index("happy"), EMOTIONS.index("surprise")
    shown = [happy, happy, surprise, happy, happy]
    assert first.leading.tolist() == [-1] * 5 + shown + [-1] * 10
    assert np.flatnonzero(first.uncertain).tolist() == [7]
    assert np.isnan(first.smoothed[10:]).all()


def test_a_long_video_is_reduced_and_keeps_its_extremes() -> None:
    rows = rows_of(10 * BINS_MAX, {0: range(10 * BINS_MAX)})
    track = (series := video_series(rows, 8)).tracks[0]
    assert len(series.edges_s) == BINS_MAX + 1
    assert series.frames_per_bin == 10
    surprise = EMOTIONS.index("surprise")
    assert track.smoothed[0, surprise] == 0.1
    assert (track.raw_low[0, surprise], track.raw_high[0, surprise]) == (0, 1)
    assert track.raw_high[1, surprise] == 0
    assert not track.uncertain.any()


def test_the_longest_tracks_are_drawn() -> None:
    series = video_series(rows_of(30, {0: range(3), 1: range(20), 2: range(5, 30)}), 2)
    assert [track.number for track in series.tracks] == [1, 2]
    assert series.tracks_total == 3


def test_one_damaged_frame_marks_its_bin() -> None:
    rows = rows_of(4 * BINS_MAX, {0: range(4 * BINS_MAX)})
    status = rows["status"].to_pylist()
    status[401] = "damaged"
    column = rows.schema.get_field_index("status")
    rows = rows.set_column(column, "status", pa.array(status).dictionary_encode())
    assert np.flatnonzero(video_series(rows, 1).missing["damaged"]).tolist() == [100]


def test_a_single_frame_and_a_video_without_a_face() -> None:
    series = video_series(rows_of(1, {}), 8)
    assert (series.tracks, series.tracks_total, len(series.edges_s)) == ((), 0, 2)
    assert series.missing["no_face"].all()


def test_values_less_a_baseline_are_of_the_tracks_that_have_them() -> None:
    rows = rows_of(30, {0: range(30), 1: range(20)})
    of_first = pa.array(rows["track"].to_numpy() == 1)
    for name, value in zip(EMOTIONS, (0, 0, 0, 0.25, 0, 0, 0.75), strict=True):
        place = rows.schema.get_field_index(f"baseline_{name}")
        values = pa.array(np.where(of_first, value, 0), pa.float32(), mask=~np.asarray(of_first))
        rows = rows.set_column(place, rows.field(place), values)
    series = video_series(rows, 8, less_baseline=True)
    (track,) = series.tracks
    assert (track.number, series.tracks_total) == (1, 1)
    assert track.leading.tolist() == [EMOTIONS.index("neutral")] * 20 + [-1] * 10
    assert track.smoothed[0, EMOTIONS.index("happy")] == 0.25
    assert np.isnan(track.raw_low).all()
    assert np.flatnonzero(track.uncertain).tolist() == [7]
    assert video_series(rows_of(5, {0: range(5)}), 8, less_baseline=True).tracks == ()
