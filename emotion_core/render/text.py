"""Text as sprites, rendered once and kept: a video repeats the same few captions."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from emotion_core.render.canvas import Colour, Sprite

BLACK: Final = (0, 0, 0)
WHITE: Final = (255, 255, 255)
DARK: Final = (24, 24, 24)
PALE: Final = (190, 190, 190)

_SMOOTHING: Final = 4
_ELLIPSIS: Final = "..."


@lru_cache(maxsize=32)
def font_of(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, the same on every machine; `size` in px."""
    return ImageFont.load_default(size)


def text_width(text: str, size: int) -> int:
    """Width of a line of text in px."""
    return round(font_of(size).getlength(text))


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
    """The text, or as much of its start as fits into `room` px."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + _ELLIPSIS, size) > room:
        text = text[:-1]
    return text + _ELLIPSIS if text else ""


@lru_cache(maxsize=1024)
def caption(text: str, size: int, colour: Colour, background: Colour) -> Sprite:
    """A line of text on a rounded background.

    Parameters
    ----------
    text : str
    size : int, px
        Of the font.
    colour, background : tuple of int
        R, G, B, 0-255.
    """
    width = even(text_width(text, size) + 0.7 * size)
    height = even(1.35 * size)
    alpha = rounded(width, height, radius=size / 5)
    canvas = Image.new("RGB", (width, height), background)
    position = (width / 2, height / 2)
    ImageDraw.Draw(canvas).text(position, text, fill=colour, font=font_of(size), anchor="mm")
    return Sprite(np.asarray(canvas), alpha)


def rounded(width: int, height: int, radius: float, opacity: int = 255) -> np.ndarray:
    """Coverage of a rectangle with round corners: shape (height, width), uint8."""
    large = Image.new("L", (width * _SMOOTHING, height * _SMOOTHING))
    edge = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(edge, radius * _SMOOTHING, fill=opacity)
    return np.asarray(large.resize((width, height), Image.Resampling.BOX))
