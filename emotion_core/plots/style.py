"""How figures look: dark on white, and one colour per emotion, the same as on annotated copies."""

from __future__ import annotations

from typing import Any, Final

from matplotlib.font_manager import fontManager
from matplotlib.patches import Patch
from matplotlib.patheffects import AbstractPathEffect, Normal, Stroke

from emotion_core.labels import COLOURS, EMOTIONS

Rgb = tuple[float, float, float]

INK: Final = (0.13, 0.13, 0.13)
SHADE: Final = (0.91, 0.91, 0.91)
_FOR_OTHER_SCRIPTS: Final = (
    *("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK KR", "Source Han Sans"),
    *("WenQuanYi Zen Hei", "Droid Sans Fallback", "IPAexGothic", "Hiragino Sans", "Yu Gothic"),
    *("Microsoft YaHei", "Malgun Gothic", "Arial Unicode MS", "Noto Sans Devanagari"),
)
"""Fonts that systems have for names of files which the first one has no characters for."""

RC: Final[dict[Any, Any]] = {
    "font.family": [
        "DejaVu Sans",
        *(name for name in _FOR_OTHER_SCRIPTS if name in fontManager.get_font_names()),
    ],
    "font.size": 9.0,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "emotion-annotate",
    # A source may be called anything: a dollar sign is one, not the start of a formula.
    "text.parse_math": False,
}

CONTRAST_MIN: Final = 3.0
"""Against white: what WCAG 2 asks of parts of graphics (success criterion 1.4.11)."""


def colour_of(emotion: str) -> Rgb:
    """R, G, B of an emotion, 0-1."""
    red, green, blue = COLOURS[emotion]
    return red / 255, green / 255, blue / 255


def edge_of(emotion: str) -> Rgb:
    """The colour itself where it can be seen on white, else a dark shade of it."""
    colour = colour_of(emotion)
    if 1.05 / (luminance(colour) + 0.05) >= CONTRAST_MIN:
        return colour
    red, green, blue = colour
    return 0.5 * red, 0.5 * green, 0.5 * blue


def outlined(emotion: str, width: float) -> list[AbstractPathEffect]:
    """Makes a line of some width in points visible on white, without another colour."""
    if edge_of(emotion) == colour_of(emotion):
        return []
    return [Stroke(linewidth=width + 1.0, foreground=edge_of(emotion)), Normal()]


def text_on(emotion: str) -> str:
    """Black or white, whichever is easier to read on an emotion's colour."""
    return "black" if luminance(colour_of(emotion)) > 0.18 else "white"


def emotion_patches() -> list[Patch]:
    """A patch per emotion, for a legend."""
    return [
        Patch(facecolor=colour_of(name), edgecolor=edge_of(name), linewidth=0.8, label=name)
        for name in EMOTIONS
    ]


def luminance(colour: Rgb) -> float:
    """Relative luminance of sRGB, 0-1, as WCAG 2 defines it."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
