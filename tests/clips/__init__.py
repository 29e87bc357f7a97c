"""Small, odd, real media for the tests, and an independent decoder to hold them against.

Every builder is `make_xxx(path, ...) -> path`; where it names several containers, the suffix of
`path` decides. Every frame carries its number (`read_frame_code`), so that a test can see
*which* frame it got.
"""

from .codecs import (
    make_h264,
    make_hevc,
    make_intra_refresh_h264,
    make_mjpeg_avi,
    make_mpeg4_avi,
    make_mpeg_ps,
    make_mpeg_ts,
    make_ntsc_h264,
    make_one_key_h264,
    make_open_gop_h264,
    make_open_gop_hevc,
    make_raw_h264,
    make_vp9,
)
from .containers import (
    make_audio_only,
    make_cover_art,
    make_fragmented_mp4,
    make_no_frames,
    make_pcm_audio,
    make_two_videos,
)
from .damage import (
    flip_bits,
    make_bit_flipped,
    make_empty_file,
    make_text_file,
    make_truncated,
    make_undecodable,
    make_unfinished,
    truncate,
)
from .draw import draw_frame, paint_frame_code, read_frame_code
from .encode import FRAMES, GOP, HEIGHT, RATE, TIMESCALE, WIDTH, AudioSpec, VideoSpec, write_clip
from .pictures import (
    make_10_bit,
    make_422,
    make_444,
    make_anamorphic,
    make_ffv1_rgb,
    make_full_range,
    make_gif,
    make_h264_as,
    make_odd_size,
    make_png_mov,
    make_rotated,
)
from .reference import (
    DecodedFrame,
    count_decode_errors,
    plain_codes,
    plain_decode,
    plain_frames,
    stored_luma,
    upright_luma,
)
from .timing import (
    loop_clip,
    make_avi_with_empty_packets,
    make_early_audio,
    make_late_audio,
    make_late_start,
    make_trimmed,
    make_variable_rate,
    variable_times_ms,
)

__all__ = [name for name in dir() if not name.startswith("_")]
