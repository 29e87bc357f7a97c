"""A video's timeline as series over time that a figure can show, however long it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS

BINS_MAX: Final = 1_000
"""About as many as a figure has columns of pixels; more frames than that are drawn together."""

MISSING: Final = ("no_face", "damaged", "undecodable")
SERIES_COLUMNS: Final = (
    "frame", "time_us", "status", "track", "uncertain", "identity",
    *(f"{kind}_{name}" for kind in ("raw", "p", "baseline") for name in EMOTIONS),
)  # fmt: skip

_US_PER_S: Final = 1_000_000


@dataclass(frozen=True)
class TrackSeries:
    """A track; arrays are NaN, or false, where it is out of sight.

    Attributes
    ----------
    number : int
    smoothed : ndarray [shape=(bins, 7), float64]
        Mean of ``p_…``, or of ``baseline_…``.
    raw_low, raw_high : ndarray [shape=(bins, 7), float64]
        Smallest and largest ``raw_…``; NaN beside ``baseline_…``.
    uncertain : ndarray [shape=(bins,), bool]
        Where most rows are uncertain.
    identity : int or None
        Number of the person, where people are told apart.
    """

    number: int
    smoothed: NDArray[np.float64]
    raw_low: NDArray[np.float64]
    raw_high: NDArray[np.float64]
    uncertain: NDArray[np.bool_]
    identity: int | None = None

    @property
    def leading(self) -> NDArray[np.intp]:
        """Index of the likeliest emotion of each bin; -1 where the track is out of sight."""
        shown = ~np.isnan(self.smoothed[:, 0])
        leading = np.full(len(shown), -1)
        leading[shown] = self.smoothed[shown].argmax(axis=1)
        return leading


@dataclass(frozen=True)
class VideoSeries:
    """What a figure of a video shows.

    Attributes
    ----------
    edges_s : ndarray [shape=(bins + 1,), float64, s]
        Where bins begin and end. A bin holds one frame, unless there are more than `BINS_MAX`.
    frames_per_bin : float
    tracks : tuple of TrackSeries
        Those that are seen longest, by number.
    tracks_total : int
    less_baseline : bool
        Whether values are those less a baseline, and tracks those that have some.
    missing : dict of str to ndarray [shape=(bins,), bool]
        By the statuses in `MISSING`: most frames of the bin without a face; any frame of the bin
        damaged, or undecodable.
    """

    edges_s: NDArray[np.float64]
    frames_per_bin: float
    tracks: tuple[TrackSeries, ...]
    tracks_total: int
    less_baseline: bool
    missing: dict[str, NDArray[np.bool_]]


def video_series(rows: pa.Table, tracks_max: int, *, less_baseline: bool = False) -> VideoSeries:
    """Series of the rows of one video, with the columns `SERIES_COLUMNS`.

    Parameters
    ----------
    rows : pyarrow.Table
    tracks_max : int
    less_baseline : bool
        Of ``baseline_…``, and of the tracks that have it, instead of ``p_…``.
    """
    frame = rows["frame"].to_numpy()
    first_rows = np.flatnonzero(np.diff(frame, prepend=-1))
    # Where a recording's clock starts again, what follows is drawn no earlier.
    time_s = np.maximum.accumulate(rows["time_us"].to_numpy()[first_rows]) / _US_PER_S
    edges_s, bin_of_frame = _bins(time_s)
    bin_of_row = np.repeat(bin_of_frame, np.diff(first_rows, append=len(frame)))
    status = rows["status"].cast(pa.string()).to_numpy()[first_rows]
    bins = len(edges_s) - 1
    share = {
        name: np.bincount(bin_of_frame, status == name, bins)
        / np.maximum(np.bincount(bin_of_frame, minlength=bins), 1)
        for name in MISSING
    }
    missing = {name: share[name] > (0.5 if name == "no_face" else 0) for name in MISSING}
    track = rows["track"].fill_null(-1).to_numpy()
    if less_baseline:
        track = np.where(rows[f"baseline_{EMOTIONS[0]}"].is_valid(), track, -1)
    numbers, counts = np.unique(track[track >= 0], return_counts=True)
    longest = np.sort(numbers[np.argsort(-counts, kind="stable")[:tracks_max]])
    values = {name: rows[name].to_numpy() for name in SERIES_COLUMNS[6:]}
    uncertain = rows["uncertain"].fill_null(False).to_numpy()
    identity = rows["identity"].fill_null(-1).to_numpy()
    tracks = []
    for number in longest:
        chosen = np.flatnonzero(track == number)
        raw, smoothed = (
            np.stack([values[f"{kind}_{name}"][chosen] for name in EMOTIONS], axis=1)
            for kind in ("raw", "baseline" if less_baseline else "p")
        )
        if less_baseline:
            raw = np.full_like(raw, np.nan)
        tracks.append(
            replace(
                _track(int(number), bin_of_row[chosen], bins, raw, smoothed, uncertain[chosen]),
                identity=int(identity[chosen].max()) if identity[chosen].max() >= 0 else None,
            )
        )
    return VideoSeries(
        edges_s, len(time_s) / bins, tuple(tracks), len(numbers), less_baseline, missing
    )


def _bins(time_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Edges of the bins, and the bin of each frame."""
    usual_s = float(np.median(np.diff(time_s))) if len(time_s) > 1 else 1 / 25
    end_s = time_s[-1] + usual_s
    if len(time_s) <= BINS_MAX:
        return np.append(time_s, end_s), np.arange(len(time_s))
    edges_s = np.linspace(time_s[0], end_s, BINS_MAX + 1)
    return edges_s, np.minimum(np.searchsorted(edges_s, time_s, "right") - 1, BINS_MAX - 1)


def _track(
    number: int,
    bin_of_row: NDArray[np.intp],
    bins: int,
    raw: NDArray[np.float32],
    smoothed: NDArray[np.float32],
    uncertain: NDArray[np.bool_],
) -> TrackSeries:
    starts = np.flatnonzero(np.diff(bin_of_row, prepend=-1))
    used, counts = bin_of_row[starts], np.diff(starts, append=len(bin_of_row))
    series = np.full((3, bins, len(EMOTIONS)), np.nan)
    series[0, used] = np.add.reduceat(smoothed.astype(float), starts, axis=0) / counts[:, None]
    series[1, used] = np.minimum.reduceat(raw, starts, axis=0)
    series[2, used] = np.maximum.reduceat(raw, starts, axis=0)
    doubtful = np.zeros(bins, np.bool_)
    doubtful[used] = np.add.reduceat(uncertain.astype(int), starts) * 2 > counts
    return TrackSeries(number, series[0], series[1], series[2], doubtful)
