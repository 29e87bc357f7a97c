"""Pixels of every kind of picture as RGB with 8 bits."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emotion_core.errors import UnsupportedMedia

_SIXTEEN_BIT_MODES: Final = ("I;16", "I;16L", "I;16B")
_UNSCALED_MODES: Final = ("F", "I")
_COLOUR_SPACE: Final = slice(16, 20)
"""Where an ICC profile says what its device values are (ICC.1, 7.2)."""


def to_rgb(image: Image.Image, path: Path) -> NDArray[np.uint8]:
    """A picture as RGB 0-255, shape (height, width, 3).

    16 bits become 8; ink is turned into light without a profile; what is transparent lies on white.

    Raises
    ------
    UnsupportedMedia
        Nothing says which value is white: floating point and 32-bit integers.
    """
    if image.mode in _SIXTEEN_BIT_MODES or _is_portable_map(image):
        grey = np.rint(np.asarray(image).astype(np.float32) / 257)
        image = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    elif image.mode in _UNSCALED_MODES:
        raise UnsupportedMedia(
            path,
            "holds floating-point or 32-bit values, and nothing says which is white: convert it to "
            "8 or 16 bits, e.g. with ImageMagick: convert IN -auto-level -depth 16 OUT.png",
        )
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.array(image.convert("RGB"))


def colour_profile(image: Image.Image) -> bytes | None:
    """The ICC profile that says what the picture's R, G and B are; None where it has none."""
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and profile[_COLOUR_SPACE] == b"RGB ":
        return profile
    return None


def _is_portable_map(image: Image.Image) -> bool:
    """Whether it is a grey PGM of more than 8 bits, which is scaled to 16 as it is read."""
    return image.mode == "I" and image.format == "PPM"
