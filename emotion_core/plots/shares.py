"""The figure of shares: a stacked bar per track, per folder of stills, or per condition."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emotion_core.labels import EMOTIONS
from emotion_core.plots.style import colour_of, edge_of, emotion_patches, text_on

BARS_MAX: Final = 40
WIDTH_IN: Final = 10.0
BAR_IN: Final = 0.28
AROUND_IN: Final = 1.3
LABEL_MIN: Final = 0.06
NAME_MAX: Final = 48


@dataclass(frozen=True)
class Bar:
    """A bar of a figure.

    Attributes
    ----------
    name : str
    note : str
        What it was counted from.
    shares : tuple of float or None
        Seven, 0-1, in the order of `EMOTIONS`; None where there is no face.
    """

    name: str
    note: str
    shares: tuple[float, ...] | None


def draw_shares(bars: Sequence[Bar]) -> Iterator[Figure]:
    """Figures of at most `BARS_MAX` bars each."""
    for start in range(0, len(bars), BARS_MAX):
        yield _figure(bars[start : start + BARS_MAX])


def bars_of_tracks(tracks: pa.Table) -> list[Bar]:
    """A bar per track of a video and one per folder of stills.

    Parameters
    ----------
    tracks : pyarrow.Table
        Of `SUMMARY_SCHEMA`.
    """
    bars: list[Bar] = []
    stills: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tracks.to_pylist():
        if row["uncertain_share"] is None:
            bars.append(Bar(row["source"], "no face", None))
        elif row["duration_us"] is None:
            stills[row["source"].rpartition("/")[0]].append(row)
        else:
            window = f" {row['window']}" if "window" in row else ""
            name = f"{row['source']} #{row['track']}{window}"
            seconds = row["duration_us"] / 1_000_000
            bars.append(Bar(name, f"{seconds:.1f} s", _shares(row)))
    for folder, faces in stills.items():
        shares = tuple(statistics.fmean(row[f"share_{name}"] for row in faces) for name in EMOTIONS)
        bars.append(Bar(f"{folder}/ (stills)", _count(len(faces), "face"), shares))
    return bars


def bars_of_groups(groups: pa.Table, conditions: Sequence[str]) -> list[Bar]:
    """A bar per condition: means over files.

    Parameters
    ----------
    groups : pyarrow.Table
        As `emotion_core.results.groups.summarise_groups` makes it.
    conditions : sequence of str
        Names of the columns that tell groups apart.
    """
    return [
        Bar(
            ", ".join(f"{name} {row[name]}" for name in conditions),
            _count(row["files_with_face"], "file"),
            _shares(row) if row["files_with_face"] else None,
        )
        for row in groups.to_pylist()
    ]


def _shares(row: dict[str, Any]) -> tuple[float, ...]:
    return tuple(row[f"share_{name}"] for name in EMOTIONS)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _figure(bars: Sequence[Bar]) -> Figure:
    figure = Figure(figsize=(WIDTH_IN, BAR_IN * len(bars) + AROUND_IN), layout="constrained")
    axes = figure.subplots()
    for row, bar in enumerate(bars):
        _draw_bar(axes, row, bar)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_xlabel("share of the time with a face (%)")
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_yticks(range(len(bars)), [_shortened(bar.name) for bar in bars])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    figure.legend(
        handles=emotion_patches(), loc="outside upper left", ncols=len(EMOTIONS), frameon=False,
        handlelength=1.2, columnspacing=1.2,
    )  # fmt: skip
    return figure


def _draw_bar(axes: Axes, row: int, bar: Bar) -> None:
    axes.annotate(bar.note, (1, row), (6, 0), textcoords="offset points", va="center", fontsize=8)
    left = 0.0
    for name, share in zip(EMOTIONS, bar.shares or (), strict=False):
        if share > 0:
            axes.barh(
                row, share, 0.72, left,
                color=colour_of(name), edgecolor=edge_of(name), linewidth=0.6,
            )  # fmt: skip
        if share >= LABEL_MIN:
            place = (left + share / 2, row)
            look: dict[str, Any] = {
                "ha": "center",
                "va": "center",
                "fontsize": 8,
                "color": text_on(name),
            }
            axes.annotate(f"{100 * share:.0f}", place, **look)
        left += share


def _shortened(name: str) -> str:
    """The end of a long name, which tells more files apart than its beginning."""
    return name if len(name) <= NAME_MAX else f"…{name[1 - NAME_MAX :]}"
