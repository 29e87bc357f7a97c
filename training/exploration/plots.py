"""The pictures of the report on a data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS
from training.data.targets import FERPLUS, TO_EMOTIONS
from training.exploration.pixel_statistics import ClassPixels, Components

BLUE, ORANGE, PALE = "#0072b2", "#d55e00", "#d8d8d8"
SEQUENTIAL: Final = "cividis"
"""Reads alike with and without colour vision."""

SAMPLES: Final = 12
"""Pictures of each class in the grid."""

MARKED_SHARES: Final = (0.5, 0.9, 0.99)
"""Shares of the variance whose number of components is marked."""

_EIGENFACES: Final = 12
_GREY: Final = {"cmap": "gray", "vmin": 0, "vmax": 255}


def class_counts(fer: NDArray[np.int64], ferplus: NDArray[np.int64] | None) -> Figure:
    """Bars of rows by class: FER labels, and FER+ majorities where there are votes.

    Parameters
    ----------
    fer : ndarray [shape=(7,), int64, rows]
    ferplus : ndarray [shape=(8,), int64, rows] or None
        In the order of ``FERPLUS``.
    """
    names = [*EMOTIONS] if ferplus is None else [*EMOTIONS, "contempt"]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    at = np.arange(len(names), dtype=float)
    groups = [("FER label", BLUE, fer)]
    if ferplus is not None:
        in_order = ferplus[[*TO_EMOTIONS, FERPLUS.index("contempt")]]
        groups.append(("FER+ majority", ORANGE, in_order))
    width = 0.8 / len(groups)
    for i, (title, colour, counts) in enumerate(groups):
        places = at[: len(counts)] + (i - (len(groups) - 1) / 2) * width
        bars = axes.bar(places, counts, width, color=colour, label=title)
        axes.bar_label(bars, fontsize=8)
    axes.set_xticks(at, names)
    axes.set_ylabel("Training rows")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure


def sample_grid(images: NDArray[np.uint8], labels: NDArray[np.integer]) -> Figure:
    """Some pictures of each class, a row each; the same ones each time."""
    rng = np.random.default_rng(0)
    figure = Figure(figsize=(9, 9 * len(EMOTIONS) / SAMPLES), layout="constrained")
    grid = figure.subplots(len(EMOTIONS), SAMPLES)
    for label, row in enumerate(grid):
        for cell, image in zip(
            row, rng.permutation(np.flatnonzero(labels == label))[:SAMPLES], strict=False
        ):
            cell.imshow(images[image], **_GREY)
        _name_row(row, EMOTIONS[label])
    return figure


def class_pictures(statistics: Sequence[ClassPixels | None]) -> Figure:
    """Mean face above standard deviation, a column for each class, each row on one scale."""
    figure = Figure(figsize=(9, 3), layout="constrained")
    grid = figure.subplots(2, len(statistics))
    known = [found for found in statistics if found is not None]
    means = _limits([found.mean for found in known])
    deviations = _limits([found.deviation for found in known])
    shade: Any = None
    for name, found, (above, below) in zip(EMOTIONS, statistics, grid.T, strict=True):
        above.set_title(name, fontsize=10)
        if found is not None:
            above.imshow(found.mean, cmap="gray", **means)
            shade = below.imshow(found.deviation, cmap=SEQUENTIAL, **deviations)
    _name_row(grid[0], "mean")
    _name_row(grid[1], "deviation")
    figure.colorbar(shade, ax=list(grid[1]), label="grey levels", shrink=0.9)
    return figure


def explained_variance(components: Components) -> Figure:
    """Share of the variance that the first components hold together."""
    figure = Figure(figsize=(6, 3.2), layout="constrained")
    axes = figure.subplots()
    together = components.explained.cumsum()
    axes.plot(np.arange(1, len(together) + 1), together, color=BLUE)
    for share in MARKED_SHARES:
        count = components.needed_for(share)
        axes.plot(count, share, "o", color=ORANGE)
        words, where = f"{count} for {share:.0%}", (count, share)
        axes.annotate(words, where, (-6, 3), textcoords="offset points", ha="right")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(0, 1.08)
    axes.set_xlabel("components")
    axes.set_ylabel("share of the variance")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def eigenfaces(components: Components) -> Figure:
    """The first components as pictures."""
    shown = components.faces[:_EIGENFACES]
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    grid = figure.subplots(2, _EIGENFACES // 2)
    for cell in grid.flat:
        cell.set_axis_off()
    for i, (cell, face) in enumerate(zip(grid.flat, shown, strict=False)):
        most = float(np.abs(face).max())
        cell.imshow(face, cmap="gray", vmin=-most, vmax=most)
        cell.set_title(f"{i + 1}: {components.explained[i]:.1%}", fontsize=10)
    return figure


def component_scatter(components: Components, labels: NDArray[np.integer]) -> Figure:
    """First two components: each class before all others, and the means of all classes."""
    first, second = components.scores[:, 0], components.scores[:, 1]
    figure = Figure(figsize=(9, 4.8), layout="constrained")
    cells = figure.subplots(2, 4, sharex=True, sharey=True).ravel()
    dots = {"s": 2, "linewidths": 0, "rasterized": True}
    for label, (name, cell) in enumerate(zip(EMOTIONS, cells[:-1], strict=True)):
        own = labels == label
        cell.scatter(first, second, color=PALE, **dots)
        cell.scatter(first[own], second[own], color=BLUE, alpha=0.4, **dots)
        cell.set_title(name, fontsize=10)
        if own.any():
            cells[-1].scatter(first[own].mean(), second[own].mean(), color=BLUE, s=12)
    cells[-1].set_title("means of all", fontsize=10)
    return figure


def agreement_matrix(matrix: NDArray[np.int64]) -> Figure:
    """How the majorities of FER+ spread over each FER label.

    Parameters
    ----------
    matrix : ndarray [shape=(7, 8), int64, rows]
        FER labels by FER+ majorities, in the orders of ``EMOTIONS`` and ``FERPLUS``.
    """
    order = [*TO_EMOTIONS, FERPLUS.index("contempt")]
    shares = (matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1))[:, order]
    figure = Figure(figsize=(7, 4.8), layout="constrained")
    axes = figure.subplots()
    shade = axes.imshow(shares, cmap=SEQUENTIAL, vmin=0, vmax=1)
    for (y, x), share in np.ndenumerate(shares):
        colour = "black" if share > 0.5 else "white"
        axes.text(x, y, f"{share:.0%}", ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks(range(len(order)), [FERPLUS[column] for column in order], rotation=30)
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set_xlabel("FER+ majority")
    axes.set_ylabel("FER label")
    figure.colorbar(shade, label="share of the FER label's rows")
    return figure


def conflict_grid(
    images: NDArray[np.uint8], emotion: NDArray[np.uint8], groups: Sequence[NDArray[np.int64]]
) -> Figure:
    """One pair of each group, above each other, with their labels."""
    figure = Figure(figsize=(9, 2.1), layout="constrained")
    grid = figure.subplots(2, SAMPLES)
    for cell in grid.flat:
        cell.set_axis_off()
    for (above, below), rows in zip(grid.T, groups, strict=False):
        one = rows[0]
        other = rows[emotion[rows] != emotion[one]][0]
        for cell, row in ((above, one), (below, other)):
            cell.imshow(images[row], **_GREY)
            cell.set_title(EMOTIONS[emotion[row]], fontsize=8)
    return figure


def _limits(pictures: Sequence[NDArray[np.float64]]) -> dict[str, float]:
    return {
        "vmin": float(min(picture.min() for picture in pictures)),
        "vmax": float(max(picture.max() for picture in pictures)),
    }


def _name_row(cells: NDArray[Any], name: str) -> None:
    """Put a name at the left of a row of pictures, and hide their axes."""
    for cell in cells:
        cell.set_xticks([])
        cell.set_yticks([])
        cell.spines[:].set_visible(False)
    cells[0].set_ylabel(name)
