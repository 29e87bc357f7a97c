"""Still pictures: read upright as RGB, written back in their own format."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from emotion_core.errors import MediaError, UnsupportedMedia
from emotion_core.media.limits import STILL_PIXELS_MAX, check_pixels
from emotion_core.media.local import check_regular
from emotion_core.media.pixels import colour_profile, to_rgb

_DECODER_ERRORS: Final = (
    OSError, SyntaxError, ValueError, RuntimeError, struct.error, TypeError, LookupError,
    ArithmeticError, EOFError, AttributeError, MemoryError,
)  # fmt: skip
"""What Pillow's decoders raise on broken files."""

_SAVING: Final[Mapping[str, Mapping[str, Any]]] = {
    "JPEG": {"quality": 92}, "PNG": {}, "WEBP": {"quality": 92}, "AVIF": {"quality": 90},
    "TIFF": {"compression": "tiff_lzw"}, "GIF": {}, "BMP": {}, "DIB": {}, "PPM": {}, "JPEG2000": {},
}  # fmt: skip
"""Pillow's names of the formats that are read, and how copies in each are saved. Its other readers
are for what no camera makes, and some of them start other programs."""

_HEIC_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF_BRANDS: Final = (b"avif", b"avis")


@dataclass(frozen=True, repr=False)
class Still:
    """One upright picture.

    Attributes
    ----------
    rgb : ndarray [shape=(height, width, 3), uint8, RGB 0-255]
    format : str
        Pillow's name of the file format.
    damaged : bool
        The file ends early; what is missing is grey.
    pictures : int
        In the file; this is the first of an animation or of several pages.
    colour_profile : bytes or None
        The ICC profile that says what R, G and B are, where the file has one.
    """

    rgb: NDArray[np.uint8]
    format: str
    damaged: bool
    pictures: int = 1
    colour_profile: bytes | None = None

    def __repr__(self) -> str:
        return f"Still({self.width}x{self.height}, {self.format})"

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    def luma(self) -> NDArray[np.uint8]:
        """Full-range grey (ITU-R BT.601), shape (height, width)."""
        return cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)

    def grey(self) -> NDArray[np.uint8]:
        """The same."""
        return self.luma()

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        """A resized copy in BGR 0-255, shape (height, width, 3)."""
        flag = cv2.INTER_AREA if width <= self.width else cv2.INTER_LINEAR
        small = cv2.resize(self.rgb, (width, height), interpolation=flag)
        return cv2.cvtColor(small, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)


def read_still(path: Path) -> Still:
    """Read a picture; of an animation or of several pages the first.

    Raises
    ------
    MediaError
        The file is not a picture, is broken from its start, or has more than `STILL_PIXELS_MAX`
        pixels.
    UnsupportedMedia
        A kind that is known but not read: HEIC, floating point.
    """
    check_regular(path)
    try:
        return _read(path, allow_truncated=False)
    except UnidentifiedImageError as error:
        raise _unidentified(path) from error
    except _DECODER_ERRORS as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise MediaError(path, f"cannot be read ({error.strerror}): check it") from error
        try:
            return _read(path, allow_truncated=True)
        except _DECODER_ERRORS:
            raise MediaError(path, f"is a broken picture ({error}): copy it again") from error


def _read(path: Path, *, allow_truncated: bool) -> Still:
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = allow_truncated
    try:
        with warnings.catch_warnings():
            # Size is limited below, with a message that names the file; of broken tags that matter
            # nothing is left to read.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=tuple(_SAVING)) as image:
                check_pixels(path, image.width, image.height, STILL_PIXELS_MAX)
                ImageOps.exif_transpose(image, in_place=True)
                return Still(
                    to_rgb(image, path),
                    image.format or "PNG",
                    allow_truncated,
                    _count_pictures(path),
                    colour_profile(image),
                )
    except Image.DecompressionBombError as error:
        raise MediaError(path, f"is over {STILL_PIXELS_MAX:,} pixels: shrink it") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _count_pictures(path: Path) -> int:
    # Opened anew: what is broken behind the first picture must not cost it.
    with Image.open(path, formats=tuple(_SAVING)) as image:
        if image.format == "MPO":
            # Those after the first are depths, gains or previews of it.
            return 1
        try:
            return int(getattr(image, "n_frames", 1))
        except _DECODER_ERRORS:
            return 1


def _unidentified(path: Path) -> MediaError:
    with open(path, "rb") as file:
        head = file.read(16)
    if not head:
        return MediaError(path, "is empty (0 bytes): copy it again")
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return UnsupportedMedia(
            path, "HEIC pictures are not read; convert it to JPEG or PNG, e.g. heif-convert"
        )
    if head[4:8] == b"ftyp" and head[8:12] not in _AVIF_BRANDS:
        return MediaError(path, "is a video with the name of a picture: rename it, e.g. to .mp4")
    return MediaError(
        path,
        "is not a picture that can be read, whatever its name says, or is cut off: copy it again, "
        "convert it or leave it out",
    )


def write_still(path: Path, rgb: NDArray[np.uint8], source: Still) -> None:
    """Write RGB 0-255 of shape (height, width, 3) in the format of a still, with its profile.

    No other tags are taken over, so that nothing turns the upright picture once more.
    """
    # Of several pictures only one is left.
    kind = "JPEG" if source.format == "MPO" else source.format
    image = Image.fromarray(rgb)
    image.save(path, format=kind, icc_profile=source.colour_profile, **_SAVING[kind])
