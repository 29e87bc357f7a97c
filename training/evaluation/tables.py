"""Tables of an evaluation for the terminal."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rich.table import Table

if TYPE_CHECKING:
    from training.evaluation.evaluate import Evaluation
    from training.evaluation.metrics import Scores


OVERVIEW_COLUMNS: Final = (
    "comparison", "rows", "accuracy %", "95 % interval", "macro-F1 %", "ECE %",
)  # fmt: skip


def overview_rows(found: Mapping[str, Scores]) -> list[tuple[str, ...]]:
    """One line for each comparison, in the order of `OVERVIEW_COLUMNS`."""
    return [
        (
            name,
            str(scores.rows),
            f"{100 * scores.accuracy:.1f}",
            f"{100 * scores.interval[0]:.1f}-{100 * scores.interval[1]:.1f}",
            f"{100 * scores.macro_f1:.1f}",
            f"{100 * scores.ece:.1f}",
        )
        for name, scores in found.items()
    ]


def overview(title: str, found: Mapping[str, Scores]) -> Table:
    """One line for each comparison."""
    table = Table(title=title)
    table.add_column(OVERVIEW_COLUMNS[0])
    for name in OVERVIEW_COLUMNS[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    for row in overview_rows(found):
        table.add_row(*row)
    return table


def robustness(evaluation: Evaluation) -> Table:
    """Accuracy on changed faces."""
    table = Table(title="reported output on changed faces")
    table.add_column("change")
    table.add_column("accuracy % (strength), mildest first")
    for name, group in itertools.groupby(evaluation.robustness, lambda found: found.change):
        steps = [f"{100 * found.accuracy:.1f} ({found.strength:g})" for found in group]
        table.add_row(name, ", ".join(steps))
    return table


def per_class(name: str, scores: Scores) -> Table:
    """Precision, recall and F1 of each class."""
    table = Table(title=f"{name}: classes")
    table.add_column("class", no_wrap=True)
    for column in ("rows", "precision %", "recall %", "F1 %"):
        table.add_column(column, justify="right", no_wrap=True)
    support = scores.confusion.sum(axis=1)
    for i, label in enumerate(scores.labels):
        figures = (scores.precision[i], scores.recall[i], scores.f1[i])
        table.add_row(label, str(support[i]), *(f"{100 * figure:.1f}" for figure in figures))
    return table


def confusion(name: str, scores: Scores) -> Table:
    """How the rows of each true class were classified."""
    table = Table(title=f"{name}: true class by row, found class by column")
    table.add_column("", no_wrap=True)
    for label in scores.labels:
        table.add_column(label[:5], justify="right", no_wrap=True)
    for label, counts in zip(scores.labels, scores.confusion, strict=True):
        table.add_row(label, *map(str, counts.tolist()))
    return table
