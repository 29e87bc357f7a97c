"""An evaluation as a page with its pictures."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from training.evaluation.evaluate import Evaluation
from training.evaluation.face_search import FaceSearch
from training.evaluation.metrics import Scores
from training.evaluation.tables import (
    OVER_ALL,
    OVER_ALL_COLUMNS,
    OVERVIEW_COLUMNS,
    ROBUSTNESS_COLUMNS,
    SEARCH_COLUMNS,
    over_all_rows,
    overview_rows,
    robustness_rows,
    search_rows,
)
from training.files import write_json
from training.report import Report

BLUE: Final = "#0072B2"
ORANGE: Final = "#D55E00"


def write_report(evaluation: Evaluation, folder: Path) -> None:
    """Write ``report.html``, its pictures and ``figures.json``.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    report = Report(f"{evaluation.identity['bundle']} on {evaluation.measured_on}")
    report.text(f"{evaluation.rows} rows. Made by: {evaluation.identity['command']}")
    for note in evaluation.notes:
        report.text(note)
    if evaluation.search is not None:
        describe_search(report, evaluation.search, evaluation.scores)
    for heading, scores in (
        ("One forward pass", evaluation.scores),
        ("Mean of each face and its mirror image", evaluation.mirrored),
        ("Without rows that also occur in Training", evaluation.unseen),
    ):
        if scores:
            report.heading(heading)
            report.table(OVERVIEW_COLUMNS, overview_rows(scores))
    for number, (name, found) in enumerate(evaluation.scores.items()):
        report.picture(f"confusion_{number}", confusion_picture(found), f"{name}: confusion matrix")
    report.heading(f"Calibration and abstention: {evaluation.rated}")
    report.picture("reliability", reliability_picture(evaluation), "Reliability diagram")
    report.picture("coverage", coverage_picture(evaluation), "Accuracy at coverage")
    report.text("; ".join(f"{name} {value}" for name, value in evaluation.abstention.items()))
    report.heading(f"Robustness: {evaluation.rated}")
    report.picture("robustness", robustness_picture(evaluation), "Accuracy on changed faces")
    report.table(ROBUSTNESS_COLUMNS, robustness_rows(evaluation.robustness))
    report.heading("Speed")
    report.text(f"{evaluation.milliseconds_per_face:.2f} ms a face, one thread, batches of 32.")
    report.write(folder)
    write_json(folder / "figures.json", evaluation.to_dict())


def describe_search(
    report: Report, search: FaceSearch, scores: Mapping[str, Scores] = MappingProxyType({})
) -> None:
    """In which pictures a face was found, and what that leaves of the accuracy in `scores`."""
    report.heading("Pictures in which a face was sought")
    report.table(SEARCH_COLUMNS, search_rows(search))
    if scores:
        report.text(f"{OVER_ALL[0].upper()}{OVER_ALL[1:]}.")
        report.table(OVER_ALL_COLUMNS, over_all_rows(search, scores))
    if search.missed_names:
        report.text(f"No face found in: {', '.join(search.missed_names)}.")


def confusion_picture(scores: Scores) -> Figure:
    """Shares of each true class by predicted class, with counts."""
    counts = scores.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6.5, 5.5))
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        shade = "white" if shares[row, column] > 0.55 else "black"
        text = str(counts[row, column])
        axes.text(column, row, text, ha="center", va="center", color=shade, fontsize=9)
    axes.set_xticks(range(len(scores.labels)), scores.labels, rotation=45, ha="right")
    axes.set_yticks(range(len(scores.labels)), scores.labels)
    axes.set_xlabel("classified as")
    axes.set_ylabel("true class")
    return figure


def reliability_picture(evaluation: Evaluation) -> Figure:
    """Accuracy over confidence, by bin, with the number of rows below."""
    confidence, accuracy, rows = (
        np.array(column) for column in zip(*evaluation.reliability, strict=True)
    )
    figure = Figure(figsize=(5.5, 5.5))
    upper, lower = figure.subplots(2, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1, label="calibrated")
    upper.plot(confidence, accuracy, "o-", color=BLUE, label=evaluation.rated)
    upper.set_ylabel("accuracy")
    upper.set_ylim(0, 1)
    upper.legend()
    lower.bar(confidence, rows, width=0.05, color=BLUE)
    lower.set_xlabel("confidence")
    lower.set_ylabel("rows")
    lower.set_xlim(0, 1)
    return figure


def coverage_picture(evaluation: Evaluation) -> Figure:
    """Accuracy over the share of rows that is kept, the most confident first."""
    figure = Figure(figsize=(5.5, 3.8))
    axes = figure.subplots()
    axes.plot(list(evaluation.coverage), list(evaluation.coverage.values()), "o-", color=BLUE)
    kept = evaluation.abstention
    if "kept_error" in kept:
        at = (kept["kept_share"], 1 - kept["kept_error"])
        axes.plot(*at, "s", color=ORANGE, label="at the card's threshold")
        axes.legend()
    axes.set_xlabel("share of the rows kept")
    axes.set_ylabel("accuracy")
    axes.grid(alpha=0.3)
    return figure


def robustness_picture(evaluation: Evaluation) -> Figure:
    """Accuracy of each change at its strengths, beside that of the faces as they are."""
    found = [
        (name, list(group))
        for name, group in itertools.groupby(evaluation.robustness, lambda r: r.change)
    ]
    figure = Figure(figsize=(9, 4))
    axes = figure.subplots()
    for position, (_, group) in enumerate(found):
        for step, result in enumerate(group):
            axes.bar(position + 0.25 * (step - 1), result.accuracy, 0.22, color=BLUE,
                     alpha=1 - 0.3 * step)  # fmt: skip
            axes.text(
                position + 0.25 * (step - 1), result.accuracy + 0.01, f"{result.strength:g}",
                ha="center", fontsize=7,
            )  # fmt: skip
    axes.axhline(evaluation.coverage[1.0], color=ORANGE, linewidth=1, label="as they are")
    names = [f"{name}\n{textwrap.fill(f'({group[0].unit})', 16)}" for name, group in found]
    axes.set_xticks(range(len(found)), names, fontsize=8)
    axes.set_ylabel("accuracy")
    axes.set_ylim(0, 1)
    axes.legend()
    return figure
