"""The part of the report on a data set that is about pictures that occur more than once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import USAGES, Dataset
from training.data.duplicates import (
    EVEN_DEVIATION,
    NEAR_CORRELATION,
    Duplicates,
    conflicting_groups,
    count_shared,
    count_within,
)
from training.exploration import plots
from training.report import Report


def describe_duplicates(
    report: Report, training: Dataset, usage: NDArray[np.uint8], duplicates: Duplicates
) -> dict[str, Any]:
    """Count copies within and across splits, and Training groups of several labels.

    Parameters
    ----------
    report : Report
    training : Dataset
        The Training rows.
    usage : ndarray [shape=(n,), uint8, 0-2]
        Split of every row.
    duplicates : Duplicates
        Of every row.

    Returns
    -------
    dict
        The counts, for ``figures.json``.
    """
    splits = {name: usage == code for code, name in enumerate(USAGES) if (usage == code).any()}
    report.heading("Pictures that occur more than once")
    report.text(
        "Exact: equal in every pixel. Near: the correlation over the pixels of two pictures is at "
        f"least {NEAR_CORRELATION}, or a chain of such pairs joins them; exact copies are counted "
        f"among them. Pictures that deviate by less than {EVEN_DEVIATION:g} grey level from their "
        "mean, such as all black ones, are counted apart."
    )
    even = {name: int((duplicates.even & rows).sum()) for name, rows in splits.items()}
    report.table(["split", "pictures of one grey level"], list(even.items()))
    rows_of_training = np.flatnonzero(usage == 0)
    figures: dict[str, Any] = {"even": even, "near_correlation": NEAR_CORRELATION}
    for kind, group in (("exact", duplicates.exact), ("near", duplicates.near)):
        conflicts = conflicting_groups(group[rows_of_training], training.emotion)
        figures[kind] = _count(group, splits) | {
            "conflicting_labels": {"groups": len(conflicts), "rows": sum(map(len, conflicts))}
        }
        _show(report, kind, figures[kind])
        if conflicts:
            report.picture(
                f"conflicts_{kind}",
                plots.conflict_grid(training.images, training.emotion, conflicts),
                f"Two pictures of {kind} groups of Training rows with several FER labels.",
            )
    return figures


def _count(group: NDArray[np.int64], splits: dict[str, NDArray[np.bool_]]) -> dict[str, Any]:
    return {
        "within": {name: count_within(group, rows) for name, rows in splits.items()},
        "across": [
            {"rows_of": one, "also_in": other, "rows": count_shared(group, rows, splits[other])}
            for one, rows in splits.items()
            for other in splits
            if one != other
        ],
    }


def _show(report: Report, kind: str, counts: dict[str, Any]) -> None:
    within, across = counts["within"], counts["across"]
    report.table(
        [f"{kind} copies", "groups", "rows"],
        [
            *([f"within {name}", *found.values()] for name, found in within.items()),
            *(
                [f"{row['rows_of']} rows also in {row['also_in']}", "", row["rows"]]
                for row in across
            ),
            ["Training groups with several FER labels", *counts["conflicting_labels"].values()],
        ],
    )
