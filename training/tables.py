"""Tables of an evaluation for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from training.evaluate import Evaluation
    from training.metrics import Scores


def overview(evaluation: Evaluation) -> Table:
    """One line for each comparison."""
    table = Table(title=f"{evaluation.identity['bundle']} on {evaluation.split}")
    table.add_column("comparison")
    for name in ("rows", "accuracy %", "95 % interval", "macro-F1 %", "ECE %"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, scores in evaluation.scores.items():
        low, high = scores.interval
        table.add_row(
            name,
            str(scores.rows),
            f"{scores.accuracy:.1%}".rstrip("%"),
            f"{100 * low:.1f}-{100 * high:.1f}",
            f"{100 * scores.macro_f1:.1f}",
            f"{100 * scores.ece:.1f}",
        )
    return table


def per_class(name: str, scores: Scores) -> Table:
    """Precision, recall and the row of the confusion matrix of each class."""
    table = Table(title=f"{name}: classes (%), and how each was classified (rows)")
    table.add_column("true class")
    for column in ("rows", "precision", "recall", "F1", *(f"→ {label}" for label in scores.labels)):
        table.add_column(column, justify="right", no_wrap=True)
    for i, label in enumerate(scores.labels):
        counts = scores.confusion[i]
        figures = (scores.precision[i], scores.recall[i], scores.f1[i])
        table.add_row(
            label,
            str(int(counts.sum())),
            *(f"{100 * figure:.1f}" for figure in figures),
            *map(str, counts.tolist()),
        )
    return table
