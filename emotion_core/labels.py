"""The seven apparent emotions: their order, and the colour that stands for each."""

from __future__ import annotations

from typing import Final

EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""Label order of every array, column group and model output (FER2013's order)."""

COLOURS: Final[dict[str, tuple[int, int, int]]] = {
    "angry": (213, 94, 0),
    "disgust": (0, 158, 115),
    "fear": (204, 121, 167),
    "happy": (240, 228, 66),
    "sad": (0, 114, 178),
    "surprise": (86, 180, 233),
    "neutral": (200, 200, 200),
}
"""RGB, 0-255. The palette of Okabe and Ito (2008), distinguishable without colour vision."""
