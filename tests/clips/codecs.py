"""Builders of clips that differ in codec and in how pictures depend on each other."""

from fractions import Fraction
from pathlib import Path
from typing import Unpack

from .encode import GOP, AudioSpec, Drawing, VideoSpec, h264_options, write_clip

VP9 = {"cpu-used": "8", "deadline": "realtime", "g": str(GOP), "crf": "35", "b": "0"}
MPEG = {"bf": "2", "g": str(GOP), "b": "400k"}
NTSC = Fraction(30_000, 1_001)


def make_h264(path: Path, audio: bool = False, **drawing: Unpack[Drawing]) -> Path:
    """H.264 with B-frames, closed groups of `GOP` frames, 25 fps; MP4, MOV or MKV by suffix."""
    spec = VideoSpec(options=h264_options(), **drawing)
    return write_clip(path, [spec], AudioSpec() if audio else None)


def make_open_gop_h264(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 in which frames shown before a key frame may need the group before it."""
    options = h264_options(**{"x264-params": "open-gop=1"})
    return write_clip(path, [VideoSpec(options=options, **drawing)])


def make_one_key_h264(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 whose only key frame is the first one."""
    options = h264_options(g="9999", keyint_min="9999")
    return write_clip(path, [VideoSpec(options=options, **drawing)])


def make_intra_refresh_h264(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 refreshed by a moving column: no picture but the first stands alone."""
    options = h264_options(bf="0", **{"x264-params": f"intra-refresh=1:keyint={GOP}"})
    return write_clip(path, [VideoSpec(options=options, **drawing)])


def make_ntsc_h264(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 at 30000/1001 fps: exact in MP4, rounded to milliseconds in MKV."""
    spec = VideoSpec(options=h264_options(), rate=NTSC, time_base=1 / NTSC, **drawing)
    return write_clip(path, [spec])


def _hevc(path: Path, open_gop: bool, drawing: Drawing) -> Path:
    parameters = (
        f"keyint={GOP}:min-keyint={GOP}:bframes=2:scenecut=0:open-gop={int(open_gop)}"
        ":log-level=none:pools=none:frame-threads=1"
    )
    options = {"preset": "ultrafast", "x265-params": parameters}
    return write_clip(path, [VideoSpec(codec="libx265", options=options, **drawing)])


def make_hevc(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """HEVC with B-frames and closed groups."""
    return _hevc(path, False, drawing)


def make_open_gop_hevc(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """HEVC with leading pictures after each key frame but the first."""
    return _hevc(path, True, drawing)


def make_vp9(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """VP9 in WebM; takes odd sizes."""
    spec = VideoSpec(codec="libvpx-vp9", options=VP9, **drawing)
    return write_clip(path, [spec], container_format="webm")


def make_mpeg4_avi(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """MPEG-4 part 2 with B-frames in AVI, a container without timestamps."""
    spec = VideoSpec(codec="mpeg4", options=MPEG, **drawing)
    return write_clip(path, [spec], container_format="avi")


def make_mjpeg_avi(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """Motion JPEG in AVI: full range, every frame a key frame."""
    spec = VideoSpec(codec="mjpeg", pix_fmt="yuvj420p", full_range=True, **drawing)
    return write_clip(path, [spec], container_format="avi")


def make_mpeg_ps(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """MPEG-1 video and MP2 sound in a program stream, which cannot be sought."""
    spec = VideoSpec(codec="mpeg1video", options=MPEG, **drawing)
    return write_clip(path, [spec], AudioSpec(codec="mp2"), container_format="mpeg")


def make_mpeg_ts(path: Path, audio: bool = True, **drawing: Unpack[Drawing]) -> Path:
    """H.264 and AAC in a transport stream."""
    spec = VideoSpec(options=h264_options(), **drawing)
    return write_clip(path, [spec], AudioSpec() if audio else None, container_format="mpegts")


def make_raw_h264(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 without any container: no packet has a PTS."""
    spec = VideoSpec(options=h264_options(), **drawing)
    return write_clip(path, [spec], container_format="h264")
