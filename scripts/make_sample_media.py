"""Make `sample_media/` from two public-domain portraits that installed packages ship.

    python scripts/make_sample_media.py --output sample_media

Needs matplotlib and scikit-image for the portraits, OpenCV, Pillow and PyAV. The same versions
of these give the same files. `PROVENANCE.md` beside the samples is written by hand.
"""

import argparse
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sample_scenes import (
    PHONE_WALK,
    UPRIGHT_WALK,
    Picture,
    collins,
    collins_portrait,
    draw_group,
    draw_meeting,
    draw_walk,
    hopper,
    hopper_portrait,
)
from sample_smile import draw_smile

RATE = 25
TIMESCALE = 90_000
MILLISECOND = Fraction(1, 1000)
SAMPLE_RATE = 44_100
JPEG_QUALITY = 88
EXIF_ORIENTATION = 0x0112
TURN_CLOCKWISE_TO_VIEW = 6

MEETING_SECONDS = 9
SMILE_SECONDS = 8
UPRIGHT_SECONDS = 4
PHONE_STEPS_MS = (33, 40, 50, 80, 33, 50)
PHONE_GAP_MS = 600
PHONE_FRAMES = 120

# mbtree=0: with it, x264 does not give the same bytes in every run.
X264 = {"preset": "slow", "threads": "1", "mbtree": "0", "g": str(2 * RATE)}


def write_still(path: Path, picture: Picture, turned: bool = False) -> None:
    """Write a JPEG; `turned` stores it on its side, as phones do, with an EXIF orientation."""
    image, exif = Image.fromarray(picture), Image.Exif()
    if turned:
        image = image.transpose(Image.Transpose.ROTATE_90)
        exif[EXIF_ORIENTATION] = TURN_CLOCKWISE_TO_VIEW
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=JPEG_QUALITY, exif=exif)


def tone(seconds: float) -> NDArray[np.int16]:
    """Return a low hum with a beep at every full second, to hear whether sound and time agree."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hum = 0.05 * np.sin(2 * np.pi * 220 * time)
    beep = 0.2 * np.sin(2 * np.pi * 880 * time) * np.exp(-((time % 1) * 25))
    fade = np.clip(np.minimum(time, seconds - time) / 0.2, 0, 1)
    return ((hum + beep) * fade * 32767).astype(np.int16)[None, :]


def write_clip(
    path: Path,
    draw: Callable[[float], Picture],
    times_ms: Iterable[int],
    stored_turn: int = 0,
    crf: int = 25,
) -> None:
    """Encode H.264 and AAC; `stored_turn` degrees are left to the player, counter-clockwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = list(times_ms)
    options = {
        "movflags": "+faststart",
        "fflags": "+bitexact",
        "video_track_timescale": str(TIMESCALE),
    }
    with av.open(str(path), "w", options=options) as container:
        video = container.add_stream("libx264", rate=RATE, options=X264 | {"crf": str(crf)})
        audio = container.add_stream("aac", rate=SAMPLE_RATE, bit_rate=48_000, layout="mono")
        video.codec_context.width, video.codec_context.height = 640, 360
        video.codec_context.pix_fmt = "yuv420p"
        video.codec_context.time_base = MILLISECOND
        video.codec_context.thread_count = 1
        if stored_turn:
            video.set_display_rotation(stored_turn)
        packets = encode_sound(audio, tone((times[-1] + 40) / 1000))
        for time in times:
            picture = np.ascontiguousarray(np.rot90(draw(time / 1000), -stored_turn // 90))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = time, MILLISECOND
            packets += video.encode(frame)
        packets += video.encode(None)
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)


def encode_sound(stream: av.AudioStream, samples: NDArray[np.int16]) -> list[av.Packet]:
    """Encode mono sound that starts at 0."""
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), 0
    resampler = av.AudioResampler(stream.codec_context.format.name, "mono", SAMPLE_RATE)
    packets = []
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        packets += stream.encode(part)
    return packets + stream.encode(None)


def phone_times_ms() -> list[int]:
    """Return irregular times with one gap, as a phone makes them when light or load change."""
    times = [0]
    for number in range(1, PHONE_FRAMES):
        step = PHONE_STEPS_MS[number % len(PHONE_STEPS_MS)]
        times.append(times[-1] + step + (PHONE_GAP_MS if number == PHONE_FRAMES // 2 else 0))
    return times


def make_sample_media(output: Path) -> None:
    """Write all samples below `output`."""
    portraits, clips = output / "portraits", output / "clips"
    write_still(portraits / "grace_hopper.jpg", hopper_portrait())
    write_still(portraits / "eileen_collins.jpg", collins_portrait(), turned=True)
    write_still(portraits / "group" / "three_faces.jpg", draw_group())
    steady = range(0, MEETING_SECONDS * 1000, 1000 // RATE)
    write_clip(clips / "coming_and_going.mp4", draw_meeting, steady)
    steady = range(0, SMILE_SECONDS * 1000, 1000 // RATE)
    write_clip(clips / "smile.mp4", draw_smile, steady, crf=28)
    walk = draw_walk(collins(), PHONE_WALK, 640, 360)
    write_clip(clips / "phone" / "variable_rate.mp4", walk, phone_times_ms())
    walk = draw_walk(hopper(), UPRIGHT_WALK, 360, 640)
    steady = range(0, UPRIGHT_SECONDS * 1000, 1000 // RATE)
    write_clip(clips / "phone" / "turned.mov", walk, steady, stored_turn=270)


def main() -> None:
    """Parse the command line and write the samples."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("sample_media"))
    make_sample_media(parser.parse_args().output)


if __name__ == "__main__":
    main()
