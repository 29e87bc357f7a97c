"""Tables of an evaluation for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.table import Table

if TYPE_CHECKING:
    from training.evaluation.evaluate import Evaluation
    from training.evaluation.face_search import FaceSearch
    from training.evaluation.metrics import Scores
    from training.evaluation.rating import Robustness

MISSED_LISTED: Final = 10
"""Files without a face that are named on the terminal; ``figures.json`` has all."""

HEADINGS_MAX: Final = 50
"""Letters in the headings of numbers; with more they stand a word a line, for 80 columns."""

OVERVIEW_COLUMNS: Final = (
    "comparison", "rows", "accuracy %", "95 % interval", "balanced %", "macro-F1 %", "ECE %",
)  # fmt: skip


ROBUSTNESS_COLUMNS: Final = (
    "change", "strength", "quality", "accuracy %", "ECE %", "certain %", "error of these %",
)  # fmt: skip
SEARCH_COLUMNS: Final = ("class", "pictures", "no face found", "several faces")
OVER_ALL_COLUMNS: Final = ("comparison", "pictures", "accuracy %", "95 % interval")
OVER_ALL: Final = "accuracy over all pictures, where a missed face counts as wrong"


def describe(evaluation: Evaluation) -> Iterator[Table | str]:
    """Everything that the terminal shows, in order."""
    title = f"{evaluation.identity['bundle']} on {evaluation.measured_on}"
    yield from evaluation.notes
    if evaluation.search is not None:
        yield from describe_search(evaluation.search, evaluation.scores)
    yield overview(f"{title}, one forward pass", evaluation.scores)
    yield overview("mean of each face and its mirror image", evaluation.mirrored)
    if evaluation.unseen:
        yield overview("without rows that also occur in Training", evaluation.unseen)
    for name, scores in evaluation.scores.items():
        yield per_class(name, scores)
        yield confusion(name, scores)
    shares = (f"{accuracy:.1%} of {share:.0%}" for share, accuracy in evaluation.coverage.items())
    yield f"{evaluation.rated}, accuracy at coverage: {', '.join(shares)}"
    for name, figure in evaluation.abstention.items():
        yield f"abstention, {name}: {figure}"
    yield robustness(evaluation)
    yield f"{evaluation.milliseconds_per_face:.2f} ms a face, one thread, batches of 32"


def describe_search(search: FaceSearch, scores: Mapping[str, Scores]) -> Iterator[Table | str]:
    """In which pictures a face was found, and what that leaves of the accuracy."""
    found, *missed = describe_found(search)
    yield found
    yield _table(OVER_ALL, OVER_ALL_COLUMNS, over_all_rows(search, scores))
    yield from missed


def describe_found(search: FaceSearch) -> Iterator[Table | str]:
    """In which pictures a face was found; some of the others by name."""
    yield _table("pictures in which a face was sought", SEARCH_COLUMNS, search_rows(search))
    missed = search.missed_names
    if missed:
        more = len(missed) - MISSED_LISTED
        rest = f" and {more} more (--output lists them)" if more > 0 else ""
        yield f"no face found in: {', '.join(missed[:MISSED_LISTED])}{rest}"


def search_rows(search: FaceSearch) -> list[tuple[str, ...]]:
    """One line for each class and one for all, in the order of `SEARCH_COLUMNS`."""
    counts = {**search.by_class(), "all": search.overall}
    return [
        (
            name,
            str(count.pictures),
            f"{count.missed} ({count.missed / count.pictures:.1%})",
            str(count.several),
        )
        for name, count in counts.items()
    ]


def over_all_rows(search: FaceSearch, scores: Mapping[str, Scores]) -> list[tuple[str, ...]]:
    """One line for each comparison, in the order of `OVER_ALL_COLUMNS`."""
    found = {name: search.accuracy_over_all(each) for name, each in scores.items()}
    return [
        (name, str(len(search)), f"{100 * accuracy:.1f}", _show_interval(interval))
        for name, (accuracy, interval) in found.items()
    ]


def overview_rows(found: Mapping[str, Scores]) -> list[tuple[str, ...]]:
    """One line for each comparison, in the order of `OVERVIEW_COLUMNS`."""
    return [
        (
            name,
            str(scores.rows),
            f"{100 * scores.accuracy:.1f}",
            _show_interval(scores.interval),
            f"{100 * scores.balanced_accuracy:.1f}",
            f"{100 * scores.macro_f1:.1f}",
            f"{100 * scores.ece:.1f}",
        )
        for name, scores in found.items()
    ]


def overview(title: str, found: Mapping[str, Scores]) -> Table:
    """One line for each comparison."""
    return _table(title, OVERVIEW_COLUMNS, overview_rows(found))


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title)
    table.add_column(columns[0])
    wide = sum(map(len, columns[1:])) > HEADINGS_MAX
    for name in columns[1:]:
        heading = name.replace(" ", "\n") if wide else name
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _show_interval(interval: tuple[float, float]) -> str:
    return f"{100 * interval[0]:.1f}-{100 * interval[1]:.1f}"


def robustness(evaluation: Evaluation) -> Table:
    """Figures on changed faces."""
    title = f"{evaluation.rated}, on changed faces"
    return _table(title, ROBUSTNESS_COLUMNS, robustness_rows(evaluation.robustness))


def robustness_rows(found: Sequence[Robustness]) -> list[tuple[str, ...]]:
    """One line for each change and strength, in the order of `ROBUSTNESS_COLUMNS`."""
    return [
        (
            f"{each.change}, {each.unit}",
            f"{each.strength:g}",
            f"{each.quality:.2f}",
            f"{100 * each.accuracy:.1f}",
            f"{100 * each.ece:.1f}",
            f"{100 * each.certain_share:.1f}",
            "-" if each.certain_error is None else f"{100 * each.certain_error:.1f}",
        )
        for each in found
    ]


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
