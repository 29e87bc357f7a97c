"""Builders of pictures of every kind that shows the same face: each writes one file."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Rgb = NDArray[np.uint8]
Builder = Callable[[Path, Rgb], object]

ORIENTATION_TAG: Final = 0x0112
_TURNED_BACK: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
_ADOBE_TRANSFORM: Final = 11
"""Bytes from the word Adobe to the one that says how the components are coded."""


def in_mode(mode: str, **options: object) -> Builder:
    """Saved in one of Pillow's modes."""
    return lambda path, rgb: Image.fromarray(rgb).convert(mode).save(path, **options)


def write_oriented(path: Path, rgb: Rgb, orientation: int, **options: object) -> None:
    """Stored otherwise than upright, with the EXIF tag that says so."""
    image = Image.fromarray(rgb)
    if orientation in _TURNED_BACK:
        image = image.transpose(_TURNED_BACK[orientation])
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    image.save(path, exif=exif, **options)


def write_16_bit(path: Path, rgb: Rgb) -> None:
    """Three components of 16 bits."""
    cv2.imwrite(str(path), rgb[..., ::-1].astype(np.uint16) * 257)


def write_16_bit_grey(path: Path, rgb: Rgb) -> None:
    """One component of 16 bits."""
    cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.uint16) * 257)


def write_float(path: Path, rgb: Rgb) -> None:
    """Grey from 0 to 1."""
    cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255)


def write_transparent_edge(path: Path, rgb: Rgb) -> None:
    """White at the left edge, because the black there is transparent."""
    alpha = np.full(rgb.shape[:2], 255, np.uint8)
    covered = rgb.copy()
    covered[:, :16], alpha[:, :16] = 0, 0
    Image.fromarray(np.dstack([covered, alpha])).save(path, lossless=True)


def write_palette(path: Path, rgb: Rgb) -> None:
    """256 colours."""
    Image.fromarray(rgb).quantize(256).save(path)


def write_transparent_palette(path: Path, rgb: Rgb) -> None:
    """White at the left edge, because its entry of the palette is transparent."""
    image = Image.fromarray(rgb).quantize(255)
    codes = np.array(image)
    codes[:, :16] = 255
    turned = Image.fromarray(codes)
    palette = image.getpalette() or []
    turned.putpalette(palette + [0] * (768 - len(palette)))
    turned.save(path, transparency=255)


def write_ycck(path: Path, rgb: Rgb) -> None:
    """JPEG as Photoshop writes it for print: inverted ink, coded as brightness and colour."""
    # The decoder takes the inverse of what Y, Cb, Cr say for the stored, that is inverted ink.
    coded = np.array(Image.fromarray(255 - rgb).convert("YCbCr"))
    stored = np.dstack([coded, np.full(rgb.shape[:2], 255, np.uint8)])
    content = BytesIO()
    Image.fromarray(255 - stored, mode="CMYK").save(content, "JPEG", quality=95)
    data = bytearray(content.getvalue())
    data[data.index(b"Adobe") + _ADOBE_TRANSFORM] = 2
    path.write_bytes(data)


def write_lab(path: Path, rgb: Rgb) -> None:
    """CIE L*a*b*."""
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    ImageCms.profileToProfile(Image.fromarray(rgb), srgb, lab, outputMode="LAB").save(path)


def write_several(path: Path, rgb: Rgb, **options: object) -> None:
    """Three pictures of which the first is upright."""
    image = Image.fromarray(rgb)
    others = [image.rotate(90), image.rotate(180)]
    image.save(path, save_all=True, append_images=others, **options)


def write_wrongly_named(path: Path, rgb: Rgb) -> None:
    """A PNG, whatever the name."""
    Image.fromarray(rgb).save(path, format="PNG")


COLOURED: Final[dict[str, Builder]] = {
    "plain.jpg": in_mode("RGB", quality=95),
    "progressive.jpg": in_mode("RGB", quality=95, progressive=True),
    "exif.jpg": lambda path, rgb: write_oriented(path, rgb, 6, quality=95),
    "exif.png": lambda path, rgb: write_oriented(path, rgb, 5),
    "exif.tif": lambda path, rgb: write_oriented(path, rgb, 8),
    "exif.webp": lambda path, rgb: write_oriented(path, rgb, 3, quality=95),
    "png.jpg": write_wrongly_named,
    "transparent.png": write_transparent_edge,
    "transparent.webp": write_transparent_edge,
    "16_bit.png": write_16_bit,
    "16_bit.tif": write_16_bit,
    "16_bit.ppm": write_16_bit,
    "cmyk.jpg": in_mode("CMYK", quality=95),
    "cmyk.tif": in_mode("CMYK"),
    "ycck.jpg": write_ycck,
    "lab.tif": write_lab,
    "lossless.avif": in_mode("RGB", quality=95),
    "bitmap.bmp": in_mode("RGB"),
}
"""Within a few codes of the picture."""

PALETTES: Final[dict[str, Builder]] = {
    "palette.png": write_palette,
    "palette.bmp": write_palette,
    "transparent_palette.png": write_transparent_palette,
    "palette.gif": in_mode("RGB"),
}
"""Of few colours."""

GREY: Final[dict[str, Builder]] = {
    "grey.jpg": in_mode("L", quality=95),
    "grey.png": in_mode("L"),
    "grey_alpha.png": in_mode("LA"),
    "grey_16_bit.png": write_16_bit_grey,
    "grey_16_bit.tif": write_16_bit_grey,
    "grey_16_bit.pgm": write_16_bit_grey,
}

SEVERAL: Final[dict[str, Builder]] = {
    "animated.gif": write_several,
    "animated.webp": lambda path, rgb: write_several(path, rgb, quality=95),
    "animated.png": write_several,
    "animated.avif": lambda path, rgb: write_several(path, rgb, quality=95),
    "pages.tif": write_several,
}
"""Three pictures each."""
