"""Odd videos: containers, streams, and files that name others."""

from __future__ import annotations

from typing import Final

from scripts.odd_media.case import Case, Fails, Video, steady
from scripts.odd_media.video_builders import (
    FRAMES,
    SHORT,
    encoded,
    few,
    renamed,
    with_low_rate_sound,
    with_many_streams,
    with_subtitles,
    with_two_sounds,
    words,
    zipped,
)
from tests import clips
from tests.clips.sizes import make_encrypted, make_picture_track_first

PLAYLIST: Final = b"""#EXTM3U
#EXTINF:10,
file:///etc/passwd
#EXTINF:10,
http://192.0.2.1/x.ts
"""
SESSION: Final = b"""v=0
o=- 0 0 IN IP4 192.0.2.1
s=x
c=IN IP4 192.0.2.1
t=0 0
m=video 5000 RTP/AVP 96
a=rtpmap:96 H264/90000
"""

CONTAINERS: Final = (
    Case("program.mpg", "MPEG-PS", few(clips.make_mpeg_ps), Video(steady(FRAMES), start_us=10_911)),
    Case(
        "transport.ts", "MPEG-TS", few(clips.make_mpeg_ts), Video(steady(FRAMES), start_us=23_222)
    ),
    Case("mpeg4.avi", "AVI, MPEG-4", few(clips.make_mpeg4_avi), SHORT),
    Case("mjpeg.avi", "AVI, Motion JPEG", few(clips.make_mjpeg_avi), SHORT),
    Case("fragmented.mp4", "fragmented MP4", few(clips.make_fragmented_mp4), SHORT),
    Case("pcm.mov", "PCM sound", few(clips.make_pcm_audio), SHORT),
    Case("two_videos.mkv", "two video streams", few(clips.make_two_videos), SHORT),
    Case(
        "picture_first.mkv",
        "a single picture in the first video stream",
        few(make_picture_track_first),
        SHORT,
    ),
    Case("encrypted.mp4", "encrypted (CENC)", few(make_encrypted), Fails("is encrypted")),
    Case("low_rate.mkv", "MP3 at 11,025 Hz, which MP4 does not take", with_low_rate_sound, SHORT),
    Case("packed.mp4", "a ZIP of videos", zipped, Fails("unpack it first")),
    Case(
        "MOV001.MOD",
        "MPEG-PS of a camcorder",
        renamed(few(clips.make_mpeg_ps), ".mpg"),
        Video(steady(FRAMES), start_us=10_911),
    ),
    Case("no_suffix", "MP4 without a suffix", renamed(few(clips.make_h264), ".mp4"), SHORT),
    Case("two_sounds.mp4", "two audio streams", with_two_sounds, SHORT),
    Case("subtitles.mkv", "subtitles", with_subtitles, SHORT),
    Case("flash.flv", "Flash video", encoded("flv"), SHORT),
    Case("windows.wmv", "Windows Media video", encoded("wmv2"), SHORT),
    Case("plain.y4m", "uncompressed", encoded("rawvideo", "yuv4mpegpipe"), SHORT),
)

HOSTILE: Final = (
    Case(
        "many_streams.mkv",
        "110 streams",
        with_many_streams,
        Fails("100 streams"),
    ),
    Case(
        "playlist.mp4",
        "an HLS playlist that names a file and an address",
        words(PLAYLIST),
        Fails("list of other"),
    ),
    Case(
        "concat.mp4",
        "a concat list",
        words(b"ffconcat version 1.0\nfile text.mp4\n"),
        Fails("list of other"),
    ),
    Case("session.mp4", "a session description (SDP)", words(SESSION), Fails("list of other")),
)
