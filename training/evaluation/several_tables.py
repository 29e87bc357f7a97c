"""Evaluation sets beside each other: tables for the terminal and a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from emotion_core.labels import EMOTIONS
from training.evaluation.report import describe_search
from training.evaluation.several import SetScores, SeveralSets
from training.evaluation.tables import describe_found
from training.files import write_json
from training.report import Report

FIGURE_COLUMNS: Final = (
    "set", "faces", "accuracy", "balanced", "macro-F1", "ECE", "AURC", "certain", "errors",
)  # fmt: skip
RECALL_COLUMNS: Final = ("set", *EMOTIONS)
MEAN: Final = "mean"
EXPLANATION: Final = (
    "Balanced accuracy is the mean recall of the emotions that a set has. ECE is the expected "
    "calibration error over 15 bins. AURC is the area under the risk-coverage curve: the mean "
    "error over all shares of the most confident faces; lower is better. Errors are those of the "
    "faces on which the output is certain. The mean gives each set the same weight."
)


def describe_sets(found: SeveralSets) -> Iterator[Table | str]:
    """Everything that the terminal shows, in order."""
    for each in found.sets:
        yield from (f"{each.name}: {remark}" for remark in remarks(each))
        if each.search is not None:
            yield f"{each.name}:"
            yield from describe_found(each.search)
    yield _table(f"{found.bundle}, reported output, %", FIGURE_COLUMNS, figure_rows(found))
    yield _table("recall of each emotion, %", RECALL_COLUMNS, recall_rows(found))
    yield EXPLANATION


def write_sets_report(found: SeveralSets, folder: Path) -> None:
    """Write ``report.html`` and ``figures.json``.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    report = Report(f"{found.bundle} on {len(found.sets)} sets")
    report.text("Figures of the reported output in %.")
    report.table(FIGURE_COLUMNS, figure_rows(found))
    report.text(EXPLANATION)
    report.heading("Recall of each emotion, %")
    report.table(RECALL_COLUMNS, recall_rows(found))
    for each in found.sets:
        report.heading(each.name)
        report.text(f"{each.held_to}, SHA-256 of the data {each.data_sha256}")
        for remark in remarks(each):
            report.text(remark)
        if each.search is not None:
            describe_search(report, each.search, {each.held_to: each.scores})
    report.write(folder)
    write_json(folder / "figures.json", found.to_dict())


def remarks(each: SetScores) -> list[str]:
    """What a reader of a set's figures should know."""
    missing = (
        [f"Nothing is labelled {', '.join(each.missing)}: these do not count."]
        if each.missing
        else []
    )
    return [*each.notes, *missing]


def figure_rows(found: SeveralSets) -> list[tuple[str, ...]]:
    """One line for each set and one for their mean, in the order of `FIGURE_COLUMNS`."""
    rows = [
        (
            each.name,
            str(each.scores.rows),
            _percent(each.scores.accuracy),
            _percent(each.scores.balanced_accuracy),
            _percent(each.scores.macro_f1),
            _percent(each.scores.ece),
            _percent(each.scores.aurc),
            _percent(each.abstention["kept_share"]),
            _percent(each.abstention.get("kept_error")),
        )
        for each in found.sets
    ]
    means = (
        found.mean(lambda s: s.accuracy),
        found.mean(lambda s: s.balanced_accuracy),
        found.mean(lambda s: s.macro_f1),
        found.mean(lambda s: s.ece),
        found.mean(lambda s: s.aurc),
    )
    return [*rows, (MEAN, "", *map(_percent, means), "", "")]


def recall_rows(found: SeveralSets) -> list[tuple[str, ...]]:
    """One line for each set and one for their mean; empty where an emotion does not occur."""
    rows = []
    for each in found.sets:
        recall = dict(zip(each.scores.labels, each.scores.recall, strict=True))
        cells = ("" if name in each.missing else _percent(recall[name]) for name in EMOTIONS)
        rows.append((each.name, *cells))
    mean = found.mean_recall()
    return [*rows, (MEAN, *(_percent(mean[e]) if e in mean else "" for e in EMOTIONS))]


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table without lines between columns, which leaves room for the names of sets."""
    made = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    made.add_column(columns[0], overflow="fold")
    for name in columns[1:]:
        made.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        made.add_row(*row)
    return made


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"
