"""Pictures of a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.tuning.search import OBJECTIVE, Search, Trial

BLUE, ORANGE, PALE = "#0072b2", "#d55e00", "#9bbbd0"
_ROWS: Final = 2


def settings_against_accuracy(search: Search) -> Figure:
    """A panel for each setting: its values across, the accuracy on held-back rows upwards.

    Trials that did not get all epochs are pale; the best one is orange.
    """
    settings = [numbers(trial) for trial in search.trials]
    names = list(settings[0])
    figure = Figure(figsize=(10, 5.6), layout="constrained")
    panels = figure.subplots(_ROWS, -(-len(names) // _ROWS), sharey=True)
    heights = [100 * trial.accuracy for trial in search.trials]
    colours = [BLUE if trial.epochs == search.config.epochs else PALE for trial in search.trials]
    colours[0] = ORANGE
    for axes, name in zip(panels.flat, names, strict=True):
        values = [each[name] for each in settings]
        # The best is drawn last, above the others.
        axes.scatter(values[::-1], heights[::-1], 26, colours[::-1])
        axes.set_xlabel(name)
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
        if name == "learning rate":
            axes.set_xscale("log")
    for axes in panels[:, 0]:
        axes.set_ylabel("held-back FER accuracy %")
    return figure


def courses(search: Search) -> Figure:
    """The accuracy on held-back rows after each epoch of each trial; the best is orange."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for trial in reversed(search.trials):
        best = trial is search.best
        epochs = [row["epoch"] for row in trial.history]
        heights = [100 * row[OBJECTIVE] for row in trial.history]
        colour, width = (ORANGE, 2.0) if best else (PALE, 1.0)
        axes.plot(epochs, heights, ".-", color=colour, linewidth=width)
    axes.set_xlabel("epoch")
    axes.set_ylabel("held-back FER accuracy %")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    return figure


def numbers(trial: Trial) -> Mapping[str, float]:
    """The settings of a trial, those with several numbers as one entry for each."""
    found: dict[str, float] = {}
    for name, value in trial.settings.items():
        words = name.replace("_", " ")
        if isinstance(value, tuple):
            found |= {f"{words} {i}": each for i, each in enumerate(value, 1)}
        else:
            found[words] = value
    return found
