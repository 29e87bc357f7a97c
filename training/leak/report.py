"""The leak as a page with its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.config import FitConfig
from training.evaluation.metrics import wilson_interval
from training.files import write_json
from training.leak.demonstrate import Leak
from training.report import Report

FIGURES: Final = "figures.json"

_LINES: Final = {
    "leaky": ("oversampled, then split", "#D55E00"),
    "clean": ("never seen", "#0072B2"),
    "fitted": ("fitted", "#999999"),
}


def write_leak_report(leak: Leak, config: FitConfig, folder: Path) -> None:
    """Write ``report.html``, ``leak.png`` and ``figures.json``.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    report = Report("What oversampling before the split does to a figure")
    report.text(
        f"The {config.architecture} network was fitted for {config.epochs} epochs on rows that "
        "were repeated until all classes were as frequent, and only then split at random. Of the "
        f"rows it was tested on, {leak.seen_share:.0%} show a picture that it was also fitted on."
    )
    counts = {"leaky": leak.leaky_rows, "clean": leak.clean_rows}
    rows = []
    for kind, n in counts.items():
        accuracy = leak.course[-1][kind]
        low, high = wilson_interval(round(accuracy * n), n)
        span = f"{100 * low:.1f}-{100 * high:.1f}"
        rows.append([_LINES[kind][0], f"{n:,}", f"{100 * accuracy:.1f}", span])
    report.table(["tested on rows", "rows", "accuracy %", "95 % interval"], rows)
    report.picture("leak", plot_course(leak), "Accuracy after each epoch, one network throughout.")
    report.write(folder)
    settings = {"architecture": config.architecture, "epochs": config.epochs, "seed": config.seed}
    write_json(folder / FIGURES, {**leak.to_dict(), **settings})


def plot_course(leak: Leak) -> Figure:
    """Accuracy on fitted, leaky and clean rows after each epoch."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    epochs = range(1, len(leak.course) + 1)
    for kind, (label, colour) in _LINES.items():
        values = [100 * row[kind] for row in leak.course]
        axes.plot(epochs, values, ".-", color=colour, label=label)
        axes.annotate(
            f"{values[-1]:.1f}", (epochs[-1], values[-1]), (6, 0), textcoords="offset points",
            color=colour, va="center",
        )  # fmt: skip
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("accuracy %")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure
