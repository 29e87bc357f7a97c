"""How an annotated copy is encoded; the same for every segment of a video."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Final

UNSPECIFIED: Final = 2
"""Code of an unknown primary, transfer or matrix (ITU-T H.273)."""

_RGB_MATRIX: Final = 0
_BT601_MATRIX: Final = 6
_FRACTIONS: Final = ("time_base", "frame_rate", "sample_aspect")


@dataclass(frozen=True)
class EncoderSettings:
    """Settings of the H.264 encoder.

    Attributes
    ----------
    width, height : int, px
        Of the upright picture. Odd sizes are padded to the next even size when encoded.
    time_base : Fraction, s
        Unit of every PTS: the source's.
    frame_rate : Fraction, 1/s
        Average, for rate control only.
    sample_aspect : Fraction
        Width of an upright pixel over its height.
    preset : str
        x264's trade of speed for size.
    crf : float
        x264's constant quality, 0 (best) to 51.
    primaries, transfer, matrix : int
        Colour tags of the source (ITU-T H.273). A source in RGB (matrix 0) was converted with
        BT.601's matrix and is tagged so.
    """

    width: int
    height: int
    time_base: Fraction
    frame_rate: Fraction
    sample_aspect: Fraction = Fraction(1)
    preset: str = "superfast"
    crf: float = 23.0
    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED
    matrix: int = UNSPECIFIED

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a picture of {self.width}x{self.height} px cannot be encoded")
        if self.time_base <= 0 or self.frame_rate <= 0 or self.sample_aspect <= 0:
            raise ValueError("time base, frame rate and sample aspect must be positive")

    @property
    def coded_width(self) -> int:
        """Width of the encoded picture: even."""
        return self.width + self.width % 2

    @property
    def coded_height(self) -> int:
        """Height of the encoded picture: even."""
        return self.height + self.height % 2

    @property
    def coded_matrix(self) -> int:
        """The matrix that the encoded Y'CbCr carries."""
        return _BT601_MATRIX if self.matrix == _RGB_MATRIX else self.matrix

    def to_json(self) -> str:
        """All settings, fractions as "numerator/denominator"."""
        values = asdict(self) | {name: str(getattr(self, name)) for name in _FRACTIONS}
        return json.dumps(values, sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> EncoderSettings:
        """The inverse of `to_json`."""
        values: dict[str, Any] = json.loads(text)
        return cls(**(values | {name: Fraction(values[name]) for name in _FRACTIONS}))


def x264_options(preset: str, crf: float) -> dict[str, str]:
    """Options of x264 for pictures that are not live.

    Parameters
    ----------
    preset : str
        ``superfast`` looks ahead as ``veryfast`` does; without that its files are twice as large.
    crf : float
    """
    # B-frames: where frame spacing grows after a cut, DTS would run backwards and muxing fail.
    options = {"preset": preset, "crf": str(crf), "bf": "0"}
    if preset == "superfast":
        options |= {"mbtree": "1", "rc-lookahead": "10"}
    return options
