"""Figures and report of explanations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.figure import Figure

from emotion_core.bundle import Bundle
from emotion_core.labels import COLOURS, EMOTIONS
from training.report import Report

if TYPE_CHECKING:
    from training.explanation.explain import Explanation

HEAT: Final = "inferno"
HEAT_OPACITY: Final = 0.65
"""Where the map is at its maximum; elsewhere less in proportion, so that the face stays seen."""

EXPLANATION: Final = (
    "A heat map (Grad-CAM, Selvaraju et al. 2017, arXiv:1610.02391) marks where the last "
    "convolutional features raise the score of one emotion, relative to the map's own maximum: "
    "maps of two faces or two emotions say nothing of each other's strength. It is as coarse as "
    "the feature map and shows where the network looks, not what it makes of it, let alone what "
    "the person feels. The score is that of the reported output before the softmax; the bars are "
    "the calibrated probabilities of this picture alone."
)


def plot_explanation(explanation: Explanation) -> Figure:
    """The crop, a heat map over it for each class explained, and the seven probabilities."""
    face, maps = explanation.face, explanation.maps
    width = 2.5 * (1 + len(maps)) + 3.4
    figure = Figure(figsize=(width, 2.9), layout="constrained")
    ratios = [2.5] * (1 + len(maps)) + [3.0]
    crop_axes, *map_axes, bar_axes = figure.subplots(1, len(ratios), width_ratios=ratios)
    _show_crop(crop_axes, face.crop, "what the network sees")
    predicted = explanation.predicted
    # The prediction first, the label after it.
    ordered = sorted(maps, key=lambda emotion: (emotion == face.truth, emotion != predicted))
    shown: Any = None
    for axes, emotion in zip(map_axes, ordered, strict=True):
        _show_crop(axes, face.crop, _map_title(emotion, explanation))
        heat = maps[emotion]
        shown = axes.imshow(
            heat, cmap=HEAT, vmin=0, vmax=1, alpha=HEAT_OPACITY * heat, interpolation="bilinear"
        )
    figure.colorbar(_opaque(shown), ax=map_axes, shrink=0.8, ticks=[0, 1], aspect=25)
    _show_bars(bar_axes, explanation)
    return figure


def build_report(explanations: Sequence[Explanation], bundle: Bundle, remark: str = "") -> Report:
    """All explanations on one page, under the headings of their faces."""
    report = Report(f"What {bundle.name} sees")
    report.text(EXPLANATION)
    if remark:
        report.text(remark)
    group = ""
    for number, explanation in enumerate(explanations, 1):
        face = explanation.face
        if face.group != group:
            group = face.group
            report.heading(group)
        name = re.sub(r"[^\w]+", "_", face.title).strip("_")
        report.picture(f"{number:03d}_{name}", plot_explanation(explanation), _caption(explanation))
        for note in face.notes:
            report.text(note)
    return report


def _caption(explanation: Explanation) -> str:
    face, predicted = explanation.face, explanation.predicted
    caption = f"{face.title}: {EMOTIONS[predicted]}, {explanation.probabilities[predicted]:.1%}"
    if face.truth is not None and face.truth != predicted:
        caption += f"; labelled {EMOTIONS[face.truth]}"
    empty = [EMOTIONS[emotion] for emotion, heat in explanation.maps.items() if not heat.any()]
    if empty:
        caption += f". Nothing raises the score of {' and '.join(empty)}"
    return f"{caption}."


def _map_title(emotion: int, explanation: Explanation) -> str:
    title = f"for {EMOTIONS[emotion]}"
    if explanation.face.truth == emotion != explanation.predicted:
        return f"{title} (label)"
    return f"{title} (predicted)" if emotion == explanation.predicted else title


def _show_crop(axes: Any, crop: Any, title: str) -> None:
    axes.imshow(crop, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.set_axis_off()


def _opaque(shown: Any) -> Any:
    """The colour scale without the transparency of the maps."""
    from matplotlib.cm import ScalarMappable

    return ScalarMappable(shown.norm, shown.cmap)


def _show_bars(axes: Any, explanation: Explanation) -> None:
    percent = 100 * explanation.probabilities.astype(np.float64)
    colours = [tuple(value / 255 for value in COLOURS[name]) for name in EMOTIONS]
    bars = axes.barh(EMOTIONS, percent, color=colours, edgecolor="#555", linewidth=0.5)
    axes.bar_label(bars, [f"{value:.1f}" for value in percent], padding=3, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 118)
    axes.set_xticks([0, 50, 100])
    axes.set_title("probability %", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    if explanation.face.truth is not None:
        axes.get_yticklabels()[explanation.face.truth].set_fontweight("bold")
