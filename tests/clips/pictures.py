"""Builders of clips that differ in size, orientation and pixel format."""

from fractions import Fraction
from pathlib import Path
from typing import Unpack

from .encode import Drawing, VideoSpec, h264_options, write_clip

ODD_WIDTH, ODD_HEIGHT = 161, 121
SAMPLE_ASPECT_RATIO = Fraction(4, 3)


def make_rotated(path: Path, degrees: int, hflip: bool = False, **drawing: Unpack[Drawing]) -> Path:
    """H.264 that players turn by `degrees` counter-clockwise and then mirror.

    `width` and `height` are those of the stored picture. Use MP4 or MOV.
    """
    spec = VideoSpec(options=h264_options(), degrees=degrees, hflip=hflip, **drawing)
    return write_clip(path, [spec])


def make_odd_size(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """FFV1, 4:2:0, of an odd width and height, in MKV (libx264 refuses odd sizes)."""
    size: Drawing = {"width": ODD_WIDTH, "height": ODD_HEIGHT}
    spec = VideoSpec(codec="ffv1", options={"g": "1"}, **(size | drawing))
    return write_clip(path, [spec], container_format="matroska")


def make_anamorphic(
    path: Path,
    sample_aspect_ratio: Fraction = SAMPLE_ASPECT_RATIO,
    degrees: int = 0,
    **drawing: Unpack[Drawing],
) -> Path:
    """H.264 whose pixels are not square."""
    spec = VideoSpec(
        options=h264_options(),
        sample_aspect_ratio=sample_aspect_ratio,
        degrees=degrees,
        **drawing,
    )
    return write_clip(path, [spec])


def make_h264_as(path: Path, pix_fmt: str, **drawing: Unpack[Drawing]) -> Path:
    """H.264 in another pixel format, limited range."""
    return write_clip(path, [VideoSpec(options=h264_options(), pix_fmt=pix_fmt, **drawing)])


def make_full_range(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 in yuvj420p: black is 0, white is 255."""
    spec = VideoSpec(options=h264_options(), pix_fmt="yuvj420p", full_range=True, **drawing)
    return write_clip(path, [spec])


def make_10_bit(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 with 10 bits a sample."""
    return make_h264_as(path, "yuv420p10le", **drawing)


def make_hdr(path: Path, transfer: str = "smpte2084", **drawing: Unpack[Drawing]) -> Path:
    """H.264 with 10 bits, tagged as HDR: `smpte2084` is PQ, `arib-std-b67` is HLG."""
    options = {"x264-params": f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"}
    return write_clip(path, [VideoSpec(pix_fmt="yuv420p10le", options=options, **drawing)])


def make_422(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 with 4:2:2 chroma."""
    return make_h264_as(path, "yuv422p", **drawing)


def make_444(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 with 4:4:4 chroma."""
    return make_h264_as(path, "yuv444p", **drawing)


def _few_frames(drawing: Drawing) -> Drawing:
    # Lossless pictures are large.
    fewer: Drawing = {"frames": 12}
    return fewer | drawing


def make_ffv1_rgb(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """Lossless bgr0 in MKV, with one key frame."""
    spec = VideoSpec(codec="ffv1", pix_fmt="bgr0", **_few_frames(drawing))
    return write_clip(path, [spec], container_format="matroska")


def make_png_mov(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """PNG pictures, rgb24, in MOV."""
    spec = VideoSpec(codec="png", pix_fmt="rgb24", **_few_frames(drawing))
    return write_clip(path, [spec], container_format="mov")


def make_gif(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """An animated GIF: palette, no audio, centisecond clock."""
    spec = VideoSpec(codec="gif", pix_fmt="rgb8", **_few_frames(drawing))
    return write_clip(path, [spec], container_format="gif")
