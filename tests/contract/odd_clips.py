"""Every odd but readable clip, by the name of its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests import clips

BUILDERS: dict[str, Callable[[Path], Path]] = {
    "b_frames.mp4": clips.make_h264,
    "b_frames.mkv": clips.make_h264,
    "open_gop.mp4": clips.make_open_gop_h264,
    "open_gop.mkv": clips.make_open_gop_h264,
    "one_key.mp4": clips.make_one_key_h264,
    "intra_refresh.mp4": clips.make_intra_refresh_h264,
    "ntsc.mp4": clips.make_ntsc_h264,
    "ntsc.mkv": clips.make_ntsc_h264,
    "hevc.mp4": clips.make_hevc,
    "open_gop_hevc.mp4": clips.make_open_gop_hevc,
    "vp9.webm": clips.make_vp9,
    "mpeg4.avi": clips.make_mpeg4_avi,
    "mjpeg.avi": clips.make_mjpeg_avi,
    "gaps.avi": clips.make_avi_with_empty_packets,
    "program.mpg": clips.make_mpeg_ps,
    "transport.ts": clips.make_mpeg_ts,
    "variable.mp4": clips.make_variable_rate,
    "variable.mkv": clips.make_variable_rate,
    "late.mp4": clips.make_late_start,
    "late.ts": clips.make_late_start,
    "trimmed.mp4": clips.make_trimmed,
    "fragmented.mp4": clips.make_fragmented_mp4,
    "two.mkv": clips.make_two_videos,
    "odd.mkv": clips.make_odd_size,
    "full_range.mp4": clips.make_full_range,
    "ten_bit.mp4": clips.make_10_bit,
    "422.mp4": clips.make_422,
    "444.mp4": clips.make_444,
    "rgb.mkv": clips.make_ffv1_rgb,
    "png.mov": clips.make_png_mov,
    "anim.gif": clips.make_gif,
    "truncated.mp4": clips.make_truncated,
    "undecodable.mp4": clips.make_undecodable,
    "flipped.mp4": clips.make_bit_flipped,
    **{
        f"turned_{degrees}_{flip}.mp4": (
            lambda path, degrees=degrees, flip=flip: clips.make_rotated(path, degrees, hflip=flip)
        )
        for degrees in (0, 90, 180, 270)
        for flip in (False, True)
    },
}
