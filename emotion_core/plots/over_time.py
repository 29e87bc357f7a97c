"""The figure of a video: seven probabilities over time, a panel per track."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS
from emotion_core.plots.clock_axis import show_time
from emotion_core.plots.series import TrackSeries, VideoSeries
from emotion_core.plots.style import INK, SHADE, colour_of, edge_of, emotion_patches, outlined

WIDTH_IN: Final = 10.0
PANEL_IN: Final = 1.5
STATUS_IN: Final = 0.2
AROUND_IN: Final = 1.5

WINDOW: Final = (0.2, 0.45, 0.8, 0.12)
"""Colour of a window of time: a shade that what lies below shows through."""

SMOOTHED_PT: Final = 1.8
RAW_PT: Final = 0.6

RIBBON: Final = (-0.17, 0.1)
"""Where the ribbon lies below the axis of probabilities: its lower edge and height."""

_MISSING_LOOK: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "no_face": ("no face", {"facecolor": "white", "edgecolor": "0.45", "hatch": "////"}),
    "damaged": ("damaged", {"facecolor": "0.6", "edgecolor": "0.2", "hatch": "xxxx"}),
    "undecodable": ("undecodable", {"facecolor": INK, "edgecolor": INK}),
}


def draw_over_time(
    title: str,
    series: VideoSeries,
    threshold: float,
    windows: Mapping[str, tuple[int, int]] | None = None,
) -> Figure:
    """Draw the figure of a video.

    Thick lines are smoothed probabilities, thin ones those of single frames; with several frames
    a column, thick lines are their mean and pale bands reach from the smallest to the largest
    probability of a single frame. Below them a ribbon shows the likeliest emotion. Grey
    marks where the label is uncertain; a strip at the bottom, frames without a face and frames
    that could not be decoded well. Values less a baseline are thick lines alone.

    Parameters
    ----------
    title : str
    series : VideoSeries
    threshold : float
        Confidence below which a row is uncertain.
    windows : mapping of str to tuple of int, optional
        Start and end in µs, by label, of spans to mark.
    """
    missing = [name for name, where in series.missing.items() if where.any()]
    heights = [PANEL_IN] * len(series.tracks) + [STATUS_IN * len(missing)] * bool(missing)
    figure = Figure(figsize=(WIDTH_IN, sum(heights) + AROUND_IN), layout="constrained")
    grid = figure.subplots(
        max(1, len(heights)), 1, sharex=True, squeeze=False, height_ratios=heights or [1]
    )
    axes: list[Axes] = list(grid[:, 0])
    for track, panel in zip(series.tracks, axes, strict=False):
        _draw_panel(panel, series, track, threshold)
    for place, panel in enumerate(axes):
        _draw_windows(panel, windows or {}, labelled=place == 0)
    if missing:
        _draw_missing(axes[-1], series, missing)
    for above in axes[:-1]:
        above.tick_params(axis="x", bottom=False)
    show_time(axes[-1], float(series.edges_s[0]), float(series.edges_s[-1]))
    figure.legend(
        handles=[*emotion_patches(), *_keys(series, threshold)],
        title=_title(title, series),
        title_fontproperties={"weight": "bold", "size": 10},
        alignment="left",
        loc="outside upper left",
        ncols=_columns(series),
        frameon=False,
        handlelength=1.6,
    )
    return figure


def _columns(series: VideoSeries) -> int:
    """Of the legend: with longer words, fewer have room beside each other."""
    return 6 if series.frames_per_bin <= 1 and not series.less_baseline else 4


def _draw_windows(axes: Axes, windows: Mapping[str, tuple[int, int]], *, labelled: bool) -> None:
    for label, (start_us, end_us) in windows.items():
        start_s, end_s = start_us / 1e6, end_us / 1e6
        axes.axvspan(start_s, end_s, facecolor=WINDOW, edgecolor=INK, linewidth=0.7, zorder=0.5)
        if labelled:
            axes.annotate(
                label, (start_s, 1), (2, 2), xycoords=("data", "axes fraction"),
                textcoords="offset points", fontsize=8, annotation_clip=True,
            )  # fmt: skip


def _title(title: str, series: VideoSeries) -> str:
    shown, total = len(series.tracks), series.tracks_total
    if not total:
        return f"{title}: no face"
    if series.less_baseline:
        title = f"{title}, less a baseline"
    return title if shown == total else f"{title}: the {shown} longest of {total} tracks"


def _draw_panel(axes: Axes, series: VideoSeries, track: TrackSeries, threshold: float) -> None:
    for start, width in runs(track.uncertain, series.edges_s):
        axes.axvspan(start, start + width, facecolor=SHADE, edgecolor="none", zorder=0)
    if not series.less_baseline:
        axes.axhline(threshold, color="0.5", linewidth=0.7, linestyle=(0, (2, 3)), zorder=1)
    reduced = series.frames_per_bin > 1
    edges = series.edges_s
    time_s = (edges[:-1] + edges[1:]) / 2 if reduced else edges[:-1]
    for index, name in enumerate(EMOTIONS):
        low, high = track.raw_low[:, index], track.raw_high[:, index]
        if reduced:
            axes.fill_between(
                time_s, low, high, color=colour_of(name), alpha=0.18, linewidth=0, zorder=2
            )
        else:
            axes.plot(time_s, low, color=edge_of(name), linewidth=RAW_PT, alpha=0.6, zorder=2)
    # What matters most lies on top.
    weight = np.nanmean(track.smoothed, axis=0)
    for index in np.argsort(weight):
        _draw_line(axes, time_s, track.smoothed[:, index], EMOTIONS[index])
    for index, name in enumerate(EMOTIONS):
        bars = runs(track.leading == index, edges)
        axes.broken_barh(bars, RIBBON, facecolor=colour_of(name), edgecolor="none")
    axes.set_ylim(RIBBON[0] - 0.03, 1.03)
    axes.set_yticks([RIBBON[0] + RIBBON[1] / 2, 0, 0.5, 1], ["likeliest", "0", "0.5", "1"])
    person = "" if track.identity is None else f", person {track.identity}"
    axes.set_ylabel(f"track {track.number}{person}\nprobability")


def _draw_line(
    axes: Axes, time_s: NDArray[np.float64], values: NDArray[np.float64], name: str
) -> None:
    shown = ~np.isnan(values)
    alone = shown & ~np.append(False, shown[:-1]) & ~np.append(shown[1:], False)
    look: dict[str, Any] = {
        "color": colour_of(name),
        "path_effects": outlined(name, SMOOTHED_PT),
        "zorder": 3,
    }
    axes.plot(time_s, values, linewidth=SMOOTHED_PT, solid_capstyle="round", **look)
    if alone.any():
        axes.plot(time_s[alone], values[alone], ".", markersize=3, **look)


def _draw_missing(axes: Axes, series: VideoSeries, statuses: Sequence[str]) -> None:
    for row, status in enumerate(statuses):
        bars = runs(series.missing[status], series.edges_s)
        axes.broken_barh(bars, (row + 0.1, 0.8), linewidth=0.6, **_MISSING_LOOK[status][1])
    axes.set_ylim(len(statuses), 0)
    axes.set_yticks(
        [row + 0.5 for row in range(len(statuses))], [_MISSING_LOOK[name][0] for name in statuses]
    )
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _keys(series: VideoSeries, threshold: float) -> list[Line2D | Patch]:
    if series.frames_per_bin > 1:
        thin: Line2D | Patch = Patch(color=INK, alpha=0.18, label="lowest to highest of the frames")
        few, many = math.floor(series.frames_per_bin), math.ceil(series.frames_per_bin)
        count = f"{few}" if few == many else f"{few} to {many}"
        thick = f"smoothed, mean of {count} frames"
    else:
        thin = Line2D([], [], color=INK, linewidth=RAW_PT, label="of a frame alone")
        thick = "smoothed over the track"
    if series.less_baseline:
        return [
            Line2D([], [], color=INK, linewidth=SMOOTHED_PT, label=f"{thick}, less a baseline"),
            Patch(color=SHADE, label="uncertain (of the values as they are)"),
        ]
    return [
        Line2D([], [], color=INK, linewidth=SMOOTHED_PT, label=thick),
        thin,
        Patch(color=SHADE, label="uncertain"),
        Line2D(
            [], [], color="0.5", linewidth=0.7, linestyle=(0, (2, 3)),
            label=f"threshold {threshold:.2f} (at full quality)",
        ),
    ]  # fmt: skip


def runs(where: NDArray[np.bool_], edges_s: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Start and width in seconds of each stretch of bins that are true.

    >>> runs(np.array([True, True, False, True]), np.array([0.0, 1.0, 2.0, 3.0, 5.0]))
    [(0.0, 2.0), (3.0, 2.0)]
    """
    steps = np.diff(where.astype(int), prepend=0, append=0)
    starts, stops = edges_s[np.flatnonzero(steps > 0)], edges_s[np.flatnonzero(steps < 0)]
    return [(float(start), float(stop - start)) for start, stop in zip(starts, stops, strict=True)]
