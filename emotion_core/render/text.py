"""Text as sprites, rendered once and kept: a video repeats the same few captions."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from emotion_core.render.canvas import Colour, Sprite

BLACK: Final = (0, 0, 0)
WHITE: Final = (255, 255, 255)
DARK: Final = (24, 24, 24)
PALE: Final = (190, 190, 190)

SMOOTHING: Final = 4
"""Sprites are drawn this many times larger and reduced."""

SPRITES_KEPT: Final = 128
"""Of each kind; few, because those of long ago hold memory and making one again costs little."""

_CAPITAL_HEIGHT: Final = 0.7
"""Of the font's size."""

_ELLIPSIS: Final = "..."


@lru_cache(maxsize=32)
def font_of(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, the same on every machine; `size` in px."""
    return ImageFont.load_default(size)


@lru_cache(maxsize=1024)
def text_width(text: str, size: int) -> int:
    """Width of a line of text in px."""
    return round(font_of(size * SMOOTHING).getlength(text) / SMOOTHING)


@lru_cache(maxsize=64)
def readable_on(background: Colour) -> Colour:
    """Black or white, whichever has the higher contrast (WCAG 2, relative luminance)."""
    channels = np.array(background) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return BLACK if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else WHITE


def even(length: float) -> int:
    """The smallest even number that is not smaller."""
    return 2 * -(-int(np.ceil(length)) // 2)


def shortened(text: str, size: int, room: int) -> str:
    """The text on one line, or as much of its start as fits into `room` px; may be empty."""
    text = " ".join(text.split())
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + _ELLIPSIS, size) > room:
        text = text[:-1]
    return text + _ELLIPSIS if text else ""


@lru_cache(maxsize=SPRITES_KEPT)
def caption(
    text: str, size: int, colour: Colour, background: Colour, accent: Colour | None = None
) -> Sprite:
    """A line of text on a rounded background.

    Parameters
    ----------
    text : str
        At least one word.
    size : int, px
        Of the font.
    colour, background : tuple of int
        R, G, B, 0-255.
    accent : tuple of int or None
        A bar of this colour before the text.
    """
    bar = 0 if accent is None else even(size / 4)
    line = _line(text, size)
    width = even(line.shape[1] + 0.7 * size) + bar
    height = line.shape[0]
    coverage = np.zeros((height, width, 1), np.float32)
    left = bar + (width - bar - line.shape[1]) // 2
    coverage[:, left : left + line.shape[1], 0] = line / np.float32(255)
    inked = np.array(colour, np.float32) - np.array(background, np.float32)
    rgb = np.rint(np.array(background, np.float32) + coverage * inked).astype(np.uint8)
    if accent is not None:
        rgb[:, :bar] = accent
    return Sprite(rgb, rounded(width, height, size / 5))


def _line(text: str, size: int) -> NDArray[np.uint8]:
    """Coverage of a line of text, put together from words: the next number reuses the rest."""
    words = [_word(word, size) for word in text.split()]
    gap = np.zeros((words[0].shape[0], text_width(" ", size)), np.uint8)
    return np.hstack([part for word in words for part in (gap, word)][1:])


@lru_cache(maxsize=SPRITES_KEPT)
def _word(word: str, size: int) -> NDArray[np.uint8]:
    # Drawn larger: at this size letters would be set at whole pixels, with uneven gaps.
    large = Image.new("L", (text_width(word, size) * SMOOTHING, even(1.35 * size) * SMOOTHING))
    font = font_of(size * SMOOTHING)
    # The middle of capitals and digits, not of this word's own letters, is the middle of the line.
    baseline = large.height / 2 + size * SMOOTHING * _CAPITAL_HEIGHT / 2
    ImageDraw.Draw(large).text((0, baseline), word, fill=255, font=font, anchor="ls")
    return np.asarray(large.reduce(SMOOTHING))


@lru_cache(maxsize=SPRITES_KEPT)
def rounded(width: int, height: int, radius: float, opacity: int = 255) -> NDArray[np.uint8]:
    """Coverage of a rectangle with round corners: shape (height, width), uint8."""
    large = Image.new("L", (width * SMOOTHING, height * SMOOTHING))
    edge = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(edge, radius * SMOOTHING, fill=opacity)
    return np.asarray(large.reduce(SMOOTHING))
