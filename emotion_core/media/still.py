"""Still pictures: read upright as RGB, written back in their own format."""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from emotion_core.errors import MediaError, UnsupportedMedia

PIXELS_MAX: Final = 150_000_000
_DECODER_ERRORS: Final = (OSError, SyntaxError, ValueError, RuntimeError, struct.error)
"""What Pillow's decoders raise on broken files."""

SIXTEEN_BIT_MODES: Final = ("I", "I;16", "I;16L", "I;16B")


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
    """

    rgb: NDArray[np.uint8]
    format: str
    damaged: bool

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

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        """A resized copy in BGR 0-255, shape (height, width, 3)."""
        flag = cv2.INTER_AREA if width <= self.width else cv2.INTER_LINEAR
        small = cv2.resize(self.rgb, (width, height), interpolation=flag)
        return cv2.cvtColor(small, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)


def read_still(path: Path) -> Still:
    """Read a picture; of an animation the first frame.

    Raises
    ------
    MediaError
        The file is not a picture, is broken from its start, or has more than `PIXELS_MAX` pixels.
    UnsupportedMedia
        A format that is known but not read (HEIC, AVIF without a decoder).
    """
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
            # Size is limited below, with a message that names the file.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.width * image.height > PIXELS_MAX:
                    raise MediaError(
                        path,
                        f"{image.width} x {image.height} is over {PIXELS_MAX:,} pixels: shrink it",
                    )
                kind = image.format or "PNG"
                return Still(_to_rgb(ImageOps.exif_transpose(image)), kind, allow_truncated)
    except Image.DecompressionBombError as error:
        raise MediaError(path, f"is over {PIXELS_MAX:,} pixels: shrink it") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode in SIXTEEN_BIT_MODES:
        grey = np.asarray(image).astype(np.float64) / 257
        image = Image.fromarray(np.clip(np.rint(grey), 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.array(image.convert("RGB"))


def _unidentified(path: Path) -> MediaError:
    with open(path, "rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp":
        return UnsupportedMedia(
            path,
            "HEIC and AVIF pictures are not read; convert it to JPEG or PNG, e.g. heif-convert",
        )
    if not head:
        return MediaError(path, "is empty (0 bytes): copy it again")
    return MediaError(
        path,
        "is not a picture that can be read, whatever its name says: leave it out or convert it",
    )


def write_still(path: Path, rgb: NDArray[np.uint8], kind: str) -> None:
    """Write RGB 0-255 of shape (height, width, 3) in a format that Pillow names, or else as PNG."""
    options: dict[str, Any] = {"quality": 92} if kind in ("JPEG", "WEBP") else {}
    Image.init()
    # Some formats can be read but not written.
    kind = kind if kind in Image.SAVE else "PNG"
    Image.fromarray(rgb).save(path, format=kind, **options)
