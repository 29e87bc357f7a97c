"""Odd videos: coding, sizes, turns and pixels."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

from scripts.odd_media.case import FRAME_US, Case, Fails, Video, steady
from scripts.odd_media.video_builders import (
    FRAMES,
    SHORT,
    TURNED,
    encoded,
    few,
    of_one_size,
    of_two_sizes,
)
from tests import clips
from tests.clips.sizes import make_dolby_vision, make_joined_ts, make_two_sizes_webm, ts_part


def _joined(path: Path, second: clips.VideoSpec) -> None:
    make_joined_ts(path, ts_part(0), second)


CODING: Final = (
    Case("b_frames.mp4", "B-frames", few(clips.make_h264), SHORT),
    Case("open_gop.mp4", "open groups, H.264", few(clips.make_open_gop_h264), SHORT),
    Case("open_gop_hevc.mp4", "open groups, HEVC", few(clips.make_open_gop_hevc), SHORT),
    Case("one_key.mp4", "one key frame only", few(clips.make_one_key_h264), SHORT),
    Case(
        "intra_refresh.mp4",
        "no key frame but the first, refreshed in columns",
        few(clips.make_intra_refresh_h264),
        SHORT,
    ),
    Case("interlaced.mp4", "interlaced H.264", encoded(options={"x264-params": "tff=1"}), SHORT),
    Case(
        "interlaced.mpg",
        "interlaced MPEG-2",
        encoded("mpeg2video", "vob", options={"flags": "+ildct+ilme", "g": "12", "b": "800k"}),
        SHORT,
    ),
    *(
        Case(
            f"fields.{suffix}",
            f"a packet for each field (PAFF, of camcorders), {container}",
            clips.make_field_pictures,
            Video(steady(clips.FIELD_FRAMES), size=(clips.FIELD_WIDTH, clips.FIELD_HEIGHT)),
        )
        for suffix, container in (("mp4", "MP4"), ("mkv", "Matroska"), ("ts", "MPEG-TS"))
    ),
    Case(
        "not_coded.mp4",
        "packets that say that nothing has changed",
        few(clips.make_not_coded),
        Video(tuple(FRAME_US * number for number in clips.not_coded_times(FRAMES))),
    ),
    Case(
        "hidden.webm",
        "VP8 with frames that are decoded and never shown",
        few(clips.make_hidden_frames),
        SHORT,
    ),
    Case("vp9.webm", "VP9", few(clips.make_vp9), SHORT),
    Case("hdr.mp4", "HDR with the PQ transfer function", few(clips.make_hdr), Fails("PQ")),
    Case(
        "dolby_vision.mp4",
        "Dolby Vision, told by its record alone",
        few(make_dolby_vision),
        Fails("PQ"),
    ),
)

SIZES: Final = (
    Case(
        "odd.mkv",
        "an odd width and height",
        few(clips.make_odd_size),
        Video(steady(FRAMES), size=(161, 121)),
    ),
    Case(
        "odd.webm",
        "an odd width and height, VP9",
        few(clips.make_vp9, width=161, height=121),
        Video(steady(FRAMES), size=(161, 121)),
    ),
    Case("anamorphic.mp4", "pixels of 4:3", few(clips.make_anamorphic), SHORT),
    Case(
        "anamorphic_turned.mp4",
        "pixels of 4:3, turned",
        few(clips.make_anamorphic, degrees=90),
        TURNED,
    ),
    Case(
        "one_pixel.mkv",
        "1 × 1 pixels",
        partial(of_one_size, width=1, height=1),
        Video(steady(5), size=(1, 1), faces=False),
    ),
    Case(
        "growing.h264",
        "frames that become larger",
        of_two_sizes,
        Video(steady(FRAMES), size=(320, 240)),
    ),
    Case(
        "growing.webm",
        "frames that become larger, as a browser records them",
        make_two_sizes_webm,
        Video(steady(FRAMES), size=(320, 240)),
    ),
    Case(
        "turning.webm",
        "a phone that is turned while it records",
        partial(make_two_sizes_webm, sizes=((160, 120), (120, 160))),
        Video(steady(FRAMES), size=(160, 160)),
    ),
    Case(
        "growing.ts",
        "MPEG-TS with a new size",
        partial(_joined, second=ts_part(1, width=320, height=240)),
        Video(steady(FRAMES), size=(320, 240)),
    ),
    Case(
        "widening.ts",
        "MPEG-TS with pixels of another shape",
        partial(_joined, second=ts_part(1, sample_aspect_ratio=Fraction(3, 2))),
        Video(steady(FRAMES), size=(240, 120)),
    ),
    *(
        Case(
            f"turned_{degrees}{'_mirrored' * flip}.mp4",
            f"turned by {degrees}°{' and mirrored' * flip}",
            partial(few(clips.make_rotated), degrees=degrees, hflip=flip),
            TURNED if degrees % 180 else SHORT,
        )
        for degrees in (0, 90, 180, 270)
        for flip in (False, True)
    ),
)

PIXELS: Final = (
    Case("422.mp4", "4:2:2", few(clips.make_422), SHORT),
    Case("444.mp4", "4:4:4", few(clips.make_444), SHORT),
    Case("ten_bit.mp4", "10 bits", few(clips.make_10_bit), SHORT),
    Case("full_range.mp4", "full range", few(clips.make_full_range), SHORT),
    Case("rgb.mkv", "RGB, lossless", few(clips.make_ffv1_rgb), SHORT),
    Case(
        "alpha.webm",
        "VP9 with alpha",
        encoded("libvpx-vp9", pix_fmt="yuva420p", options=clips.codecs.VP9),
        SHORT,
    ),
    Case("alpha.mov", "PNG with alpha", encoded("png", pix_fmt="rgba"), SHORT),
    Case("grey.mkv", "grey", encoded("ffv1", pix_fmt="gray"), SHORT),
    Case("grey_16_bit.mkv", "grey of 16 bits", encoded("ffv1", pix_fmt="gray16le"), SHORT),
    Case("rgb_16_bit.mov", "RGB of 16 bits", encoded("png", pix_fmt="rgb48be"), SHORT),
    Case(
        "bilevel.mov",
        "black and white",
        encoded("png", pix_fmt="monob"),
        Video(steady(FRAMES), faces=False),
    ),
)
