"""Odd videos: damage and clocks."""

from __future__ import annotations

from functools import partial
from typing import Final

from scripts.odd_media.case import FRAME_US, Case, Fails, Video, steady
from scripts.odd_media.video_builders import (
    FRAMES,
    SHORT,
    few,
    flipped,
    renamed,
    retimed,
    truncated,
    zeros,
)
from tests import clips

CUT: Final = Video(steady(FRAMES), missing=(1, FRAMES - 1), damaged=(0, 3), undecodable=(0, 3))
FRAMES_IN_GAP: Final = 5

AS_IN_THE_FILE: Final = "it gives times as they are in the file"


def _paused(seconds: int) -> tuple[int, ...]:
    """Times of frames that follow each other evenly but for a pause in the middle."""
    return tuple(
        time + 1_000_000 * seconds * (number >= FRAMES // 2)
        for number, time in enumerate(steady(FRAMES))
    )


DAMAGE: Final = (
    Case(
        "truncated.mp4",
        "MP4 that ends early, its index whole",
        clips.make_truncated,
        Video(steady(clips.FRAMES), missing=(1, 30), damaged=(0, 3), undecodable=(0, 3)),
    ),
    Case("truncated.mkv", "Matroska that ends early", truncated(few(clips.make_h264), 0.6), CUT),
    Case("truncated.avi", "AVI that ends early", truncated(few(clips.make_mpeg4_avi), 0.6), CUT),
    Case(
        "truncated.ts",
        "MPEG-TS that ends early",
        truncated(few(clips.make_mpeg_ts, audio=False), 0.6),
        CUT,
    ),
    Case(
        "unfinished.mp4",
        "MP4 of a recording that broke off",
        clips.make_unfinished,
        Fails("a damaged one"),
    ),
    Case(
        "flipped.mp4",
        "MP4 with flipped bits in its pictures",
        clips.make_bit_flipped,
        Video(steady(clips.FRAMES), damaged=(20, 50), faces=False),
    ),
    Case(
        "flipped.ts",
        "MPEG-TS with flipped bits",
        flipped(few(clips.make_mpeg_ts, audio=False), 20),
        Video(steady(FRAMES), missing=(0, 3), damaged=(1, FRAMES), faces=False),
    ),
    Case(
        "undecodable.mp4",
        "a packet that gives no picture",
        clips.make_undecodable,
        Video(steady(clips.FRAMES), damaged=(3, 3), undecodable=(1, 1)),
    ),
    Case(
        "lost_key.mp4",
        "a key frame that gives no picture",
        partial(clips.make_undecodable, broken=(clips.GOP,)),
        Video(steady(clips.FRAMES), damaged=(0, 12), undecodable=(1, 12)),
    ),
    Case("empty.mp4", "no bytes", clips.make_empty_file, Fails("is empty")),
    Case("zeros.mp4", "nothing but zeros", zeros, Fails("is no video")),
    Case("text.mp4", "text", clips.make_text_file, Fails("is no video")),
    Case("no_frames.mp4", "no frame", clips.make_no_frames, Fails("holds no frame")),
    Case("audio_only.mp4", "sound only", clips.make_audio_only, Fails("only audio")),
    Case(
        "cover_art.mp4",
        "sound with a cover picture",
        clips.make_cover_art,
        Fails("only a cover picture, audio"),
    ),
    Case("mkv_named.mp4", "Matroska called MP4", renamed(few(clips.make_h264), ".mkv"), SHORT),
    Case("avi_named.mov", "AVI called MOV", renamed(few(clips.make_mpeg4_avi), ".avi"), SHORT),
)

CLOCKS: Final = (
    Case("raw.h264", "missing times: raw H.264 has none", few(clips.make_raw_h264), SHORT),
    Case(
        "negative.mkv",
        "missing times: Matroska holds none below zero",
        retimed("matroska", lambda n, step: (n - 5) * step, avoid_negative_ts="disabled"),
        SHORT,
    ),
    Case(
        "negative_wrapped.ts",
        "negative times: the 33-bit clock passes its end",
        retimed("mpegts", lambda n, step: 2**33 + (n - 12) * step),
        SHORT,
    ),
    Case(
        "composition.mp4",
        "negative offsets of composition",
        partial(
            clips.write_clip,
            videos=[clips.VideoSpec(frames=FRAMES, options=clips.encode.h264_options())],
            container_options={"movflags": "negative_cts_offsets"},
        ),
        SHORT,
    ),
    Case(
        "repeated.mkv",
        "every fourth frame has the time of the one before",
        retimed("matroska", lambda n, step: (n - (n % 4 == 3)) * step),
        Video(tuple((n - (n % 4 == 3)) * FRAME_US for n in range(FRAMES))),
    ),
    Case(
        "broken_clock.flv",
        "a clock that jumps by 24 days",
        retimed("flv", lambda n, step: (n - 5) * step, avoid_negative_ts="disabled"),
        Fails("clock is broken"),
    ),
    Case(
        "trimmed.mp4",
        "an edit list that hides packets at both ends",
        clips.make_trimmed,
        Video(steady(20)),
    ),
    Case("late.mp4", "the first frame at 10 s", few(clips.make_late_start), SHORT),
    Case(
        "variable.mp4",
        "variable frame rate",
        few(clips.make_variable_rate),
        Video(tuple(1000 * time for time in clips.variable_times_ms(FRAMES))),
    ),
    Case(
        "variable.mkv",
        "variable frame rate",
        few(clips.make_variable_rate),
        Video(tuple(1000 * time for time in clips.variable_times_ms(FRAMES))),
    ),
    Case(
        "ntsc.mp4",
        "30000/1001 frames a second",
        few(clips.make_ntsc_h264),
        Video(tuple(round(n * 1_001_000_000 / 30_000) for n in range(FRAMES))),
    ),
    Case(
        "gaps.avi",
        "AVI with entries that hold no frame",
        few(clips.make_avi_with_empty_packets),
        Video(tuple((n + FRAMES_IN_GAP * (n >= FRAMES // 2)) * FRAME_US for n in range(FRAMES))),
    ),
    Case(
        "decoding_times.avi",
        "H.264 with B-frames in AVI, which knows decoding times only",
        few(clips.make_h264_avi),
        SHORT,
    ),
    Case(
        "packed.avi",
        "packed B-frames, as DivX 5 and Xvid wrote them",
        few(clips.make_packed_avi),
        SHORT,
    ),
    *(
        Case(
            name,
            f"two recordings joined as bytes: {what}",
            partial(clips.join, build=build, frames=FRAMES),
            Video(steady(FRAMES), jumps=1, start_us=start_us, ffprobe=AS_IN_THE_FILE),
        )
        for name, what, build, start_us in (
            ("joined.ts", "MPEG-TS, whose clock starts again", clips.make_ts, 21_333),
            ("joined.mpg", "MPEG-PS, whose clock starts again", clips.make_ps, 10_022),
            ("joined.webm", "WebM of a browser", clips.make_live_webm, 0),
            ("joined.mp4", "fragmented MP4 of a browser", clips.make_fragments, 0),
        )
    ),
    Case(
        "jumping.ts",
        "MPEG-TS whose clock jumps on by 5.6 hours",
        few(clips.make_jumping_ts),
        Video(steady(FRAMES), jumps=1, ffprobe=AS_IN_THE_FILE),
    ),
    Case(
        "still_with_sound.ts",
        "MPEG-TS whose picture stands still for 15 s, while its sound goes on",
        few(clips.make_jumping_ts, seconds=15, sound_goes_on=True),
        Video(_paused(15), start_us=10_022),
    ),
    Case(
        "pause.mkv",
        "a pause of 20 s",
        few(clips.make_pausing_mkv),
        Video(_paused(20)),
    ),
    Case(
        "late_picture.mp4",
        "the first picture 2 s after the sound",
        few(clips.make_early_audio, start_ms=2_000),
        Video(steady(FRAMES), start_us=2_000_000),
    ),
)
