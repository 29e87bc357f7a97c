"""Every odd but readable clip, by the name of its file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
    "fields.mp4": clips.make_field_pictures,
    "fields.mkv": clips.make_field_pictures,
    "fields.ts": clips.make_field_pictures,
    "not_coded.mp4": clips.make_not_coded,
    "hidden.webm": clips.make_hidden_frames,
    "still_with_sound.ts": partial(clips.make_jumping_ts, seconds=15, sound_goes_on=True),
    "pause.mkv": clips.make_pausing_mkv,
    **{
        f"turned_{degrees}_{flip}.mp4": (
            lambda path, degrees=degrees, flip=flip: clips.make_rotated(path, degrees, hflip=flip)
        )
        for degrees in (0, 90, 180, 270)
        for flip in (False, True)
    },
}

OTHER_CLOCKS: dict[str, Callable[[Path], Path]] = {
    "decoding_times.avi": clips.make_h264_avi,
    "packed.avi": clips.make_packed_avi,
    "joined.ts": partial(clips.join, build=clips.make_ts),
    "joined.mpg": partial(clips.join, build=clips.make_ps),
    "joined.webm": partial(clips.join, build=clips.make_live_webm),
    "joined.mp4": partial(clips.join, build=clips.make_fragments),
    "jumping.ts": clips.make_jumping_ts,
}
"""Those whose frames are shown every 40 ms although a plain decode gives other times."""
