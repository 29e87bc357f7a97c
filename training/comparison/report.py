"""A paired comparison on the terminal and as a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from training.comparison.paired import PairedEvaluation, PairedScores
from training.evaluation.report import describe_search
from training.report import Report

COLUMNS: Final = {
    "bundle": 6,
    "accuracy %": 8,
    "95 % interval": 9,
    "macro-F1 %": 8,
    "difference": 10,
    "only A right": 6,
    "only this right": 5,
    "p": 7,
}
"""Headings, and how many characters each column needs; all of them fit a terminal of 80."""

EXPLANATION: Final = (
    "Every bundle sees the same rows, so differences are paired: rows that both get right or both "
    "get wrong say nothing, the others decide. p is McNemar's exact two-sided test (1947), the "
    "chance of counts at least this unequal if neither were better. It is not corrected for the "
    "number of comparisons, and speaks of these rows as a sample: not of other fits of the same "
    "network with another seed. Intervals are Wilson's, of each accuracy by itself; two that "
    "overlap do not mean that a paired difference is chance."
)


def names(evaluation: PairedEvaluation) -> list[str]:
    """Letter, name and folder of each bundle."""
    return [
        f"{letter}: {bundle.name} ({bundle.path.name})"
        for letter, bundle in zip(evaluation.letters, evaluation.bundles, strict=True)
    ]


def tables(evaluation: PairedEvaluation) -> Iterator[Table]:
    """A table for each comparison, a line for each bundle."""
    for name, paired in evaluation.results.items():
        rows = paired.scores[0].rows
        table = Table(
            title=f"{name}, {rows:,} {evaluation.split} rows", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
        )
        for heading, width in COLUMNS.items():
            table.add_column(heading, justify="right", min_width=width)
        for cells in _cells(evaluation, paired):
            table.add_row(*cells)
        yield table


def build_report(evaluation: PairedEvaluation) -> Report:
    """Everything on one page, with the recall of each class as a picture."""
    from training.comparison.plots import plot_recall

    report = Report(f"{len(evaluation.bundles)} bundles on {evaluation.split}")
    hashes = [bundle.card["files"]["model.bin"][:12] for bundle in evaluation.bundles]
    report.table(["bundle", "SHA-256 of model.bin"], [*zip(names(evaluation), hashes, strict=True)])
    for note in evaluation.notes:
        report.text(note)
    if evaluation.search is not None:
        describe_search(report, evaluation.search)
    report.text(EXPLANATION)
    for number, (name, paired) in enumerate(evaluation.results.items(), 1):
        report.heading(f"{name}, {paired.scores[0].rows:,} rows")
        report.table([*COLUMNS], [*_cells(evaluation, paired)])
        report.picture(
            f"recall_{number}",
            plot_recall(paired.scores, names(evaluation)),
            f"Recall of each class, with 95 % Wilson intervals: {name}.",
        )
    return report


def _cells(evaluation: PairedEvaluation, paired: PairedScores) -> Iterator[list[str]]:
    for i, scores in enumerate(paired.scores):
        low, high = scores.interval
        cells = [
            evaluation.letters[i],
            f"{100 * scores.accuracy:.1f}",
            f"{100 * low:.1f}-{100 * high:.1f}",
            f"{100 * scores.macro_f1:.1f}",
        ]
        if i == 0:
            yield [*cells, "", "", "", ""]
            continue
        pairing = paired.pairings[i - 1]
        counts = str(pairing.only_first), str(pairing.only_this)
        yield [*cells, f"{100 * pairing.difference:+.1f}", *counts, _show_p(pairing.p_value)]


def _show_p(p_value: float) -> str:
    return "<0.0001" if p_value < 1e-4 else f"{p_value:.2g}"
