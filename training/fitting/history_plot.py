"""The course of a fit as a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.files import write_whole

HISTORY_PLOT: Final = "history.png"
_PAIRS: Final = (
    ("loss", "loss"),
    ("FER head: accuracy", "fer_accuracy"),
    ("FER+ head: accuracy", "ferplus_accuracy"),
)
_COLOURS: Final = {"fitted": "#0072B2", "held back": "#D55E00"}


def write_history_plot(run: Path, history: Sequence[Mapping[str, Any]]) -> None:
    """Draw losses, accuracies and learning rate of all finished epochs into the run's folder.

    Raises
    ------
    OutputError
        If the run cannot be written.
    """
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    panels = figure.subplots(1, 4)
    epochs = [row["epoch"] for row in history]
    for axes, (title, name) in zip(panels, _PAIRS, strict=False):
        for kind, column in (("fitted", name), ("held back", f"held_back_{name}")):
            values = [row[column] for row in history]
            axes.plot(epochs, values, ".-", color=_COLOURS[kind], label=kind)
        axes.set_title(title)
    panels[0].legend()
    panels[3].plot(epochs, [row["learning_rate"] for row in history], ".-", color="grey")
    panels[3].set_title("learning rate at the end")
    for axes in panels:
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=110)
    write_whole(run / HISTORY_PLOT, content.getvalue())
