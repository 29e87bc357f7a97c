"""Figures of a paired comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from training.evaluation.metrics import Scores, wilson_interval

BUNDLE_COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Okabe and Ito (2008); repeated where there are more bundles."""


def plot_recall(scores: Sequence[Scores], names: Sequence[str]) -> Figure:
    """Recall of each class with its 95 % Wilson interval, the bundles side by side.

    Parameters
    ----------
    scores : sequence of Scores
        Of each bundle, on the same rows.
    names : sequence of str
        Of the bundles, for the legend.
    """
    labels = scores[0].labels
    support = scores[0].confusion.sum(axis=1)
    figure = Figure(figsize=(max(8.0, 1.2 * len(labels)), 4.2), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / len(scores)
    for i, (each, name) in enumerate(zip(scores, names, strict=True)):
        centres = np.arange(len(labels)) + (i - (len(scores) - 1) / 2) * width
        recall = 100 * np.array(each.recall)
        axes.bar(
            centres,
            recall,
            width * 0.92,
            yerr=_reach(each, recall),
            label=name,
            color=BUNDLE_COLOURS[i % len(BUNDLE_COLOURS)],
            error_kw={"elinewidth": 1, "capsize": 2, "ecolor": "#333"},
        )
    axes.set_xticks(
        np.arange(len(labels)), [f"{n}\n{k:,}" for n, k in zip(labels, support, strict=True)]
    )
    axes.set_xlabel("true class, rows")
    axes.set_ylabel("recall %")
    axes.set_ylim(0, 105)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper left", ncols=min(3, len(names)), frameon=False)
    return figure


def _reach(
    scores: Scores, recall: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> list[list[float]]:
    """How far the interval reaches below and above each recall, %."""
    below, above = [], []
    for i, value in enumerate(recall):
        trials = int(scores.confusion[i].sum())
        low, high = wilson_interval(int(scores.confusion[i, i]), trials) if trials else (0.0, 0.0)
        below.append(max(0.0, value - 100 * low))
        above.append(max(0.0, 100 * high - value))
    return [below, above]
