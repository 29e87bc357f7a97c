"""Builders of files with unusual sets of streams."""

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Unpack

import av
from PIL import Image

from .draw import draw_frame
from .encode import (
    AudioSpec,
    Drawing,
    VideoSpec,
    add_video_stream,
    encode_tone,
    h264_options,
    write_clip,
)

SECOND_VIDEO_WIDTH, SECOND_VIDEO_HEIGHT = 96, 64
COVER_SIDE = 200


def make_pcm_audio(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """H.264 with PCM sound, which MP4 does not take: MOV or MKV by suffix."""
    spec = VideoSpec(options=h264_options(), **drawing)
    return write_clip(path, [spec], AudioSpec(codec="pcm_s16le"))


def make_fragmented_mp4(path: Path, audio: bool = False, **drawing: Unpack[Drawing]) -> Path:
    """H.264 in a fragmented MP4, as browsers and streaming tools record it."""
    spec = VideoSpec(options=h264_options(), **drawing)
    options = {"movflags": "+frag_keyframe+empty_moov"}
    return write_clip(path, [spec], AudioSpec() if audio else None, container_options=options)


def make_two_videos(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """Two H.264 streams: the first as `drawing` says, the second smaller and shorter."""
    first = VideoSpec(options=h264_options(), **drawing)
    second = VideoSpec(
        options=h264_options(),
        width=SECOND_VIDEO_WIDTH,
        height=SECOND_VIDEO_HEIGHT,
        frames=max(first.frames // 2, 1),
    )
    return write_clip(path, [first, second])


def make_audio_only(path: Path) -> Path:
    """AAC without any video."""
    return write_clip(path, [], AudioSpec())


def make_cover_art(path: Path) -> Path:
    """Sound with an attached picture: a video stream that is no video. M4A or MP3 by suffix."""
    is_mp3 = path.suffix == ".mp3"
    sound = AudioSpec(codec="libmp3lame" if is_mp3 else "aac")
    encoded = BytesIO()
    Image.fromarray(draw_frame(0, COVER_SIDE, COVER_SIDE)).save(encoded, "JPEG")
    with av.open(str(path), "w", format="mp3" if is_mp3 else "mp4") as container:
        audio = container.add_stream(sound.codec, rate=sound.sample_rate)
        audio.codec_context.layout = "mono"
        cover = container.add_mux_stream("mjpeg", width=COVER_SIDE, height=COVER_SIDE)
        cover.disposition = av.stream.Disposition.attached_pic
        # Encoded first: the header that the first mux writes needs an open encoder.
        tone = encode_tone(audio, sound)
        picture = av.Packet(encoded.getvalue())
        picture.pts = picture.dts = 0
        picture.time_base = Fraction(1, 1000)
        picture.is_keyframe = True
        picture.stream = cover
        for packet in [picture, *tone]:
            container.mux(packet)
    return path


def make_no_frames(path: Path) -> Path:
    """A valid MP4 with a video stream of no packet at all."""
    # Only a fragmented header lists streams before their first packet.
    options = {"movflags": "+empty_moov+frag_keyframe"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        add_video_stream(container, VideoSpec(options=h264_options()))
        container.start_encoding()
    return path
