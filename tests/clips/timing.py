"""Builders of clips whose clock is out of the ordinary."""

from fractions import Fraction
from pathlib import Path
from typing import Unpack

import av

from .encode import FRAMES, GOP, RATE, AudioSpec, Drawing, VideoSpec, h264_options, write_clip

# A phone that slows down in the dark, and once stops for a while.
VARIABLE_STEPS_MS = (33, 40, 50, 80)
GAP_MS = 700
MILLISECOND = Fraction(1, 1000)


def variable_times_ms(frames: int = FRAMES) -> list[int]:
    """Return the PTS, in ms, of the frames of `make_variable_rate`: a gap is in the middle."""
    times = []
    now = 0
    for number in range(frames):
        times.append(now)
        now += VARIABLE_STEPS_MS[number % len(VARIABLE_STEPS_MS)]
        now += GAP_MS if number == frames // 2 else 0
    return times


def make_variable_rate(path: Path, audio: bool = False, **drawing: Unpack[Drawing]) -> Path:
    """H.264 with B-frames at irregular times (`variable_times_ms`); MP4, MOV or MKV by suffix."""
    times = variable_times_ms(drawing.get("frames", FRAMES))
    spec = VideoSpec(options=h264_options(), pts=times, time_base=MILLISECOND, **drawing)
    return write_clip(path, [spec], AudioSpec(duration_ms=times[-1]) if audio else None)


def make_avi_with_empty_packets(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """MPEG-4 in AVI that pauses for five frames: the index lists more entries than frames."""
    frames = drawing.get("frames", FRAMES)
    pts = [number if number < frames // 2 else number + 5 for number in range(frames)]
    spec = VideoSpec(codec="mpeg4", options={"g": str(GOP)}, pts=pts, **drawing)
    return write_clip(path, [spec], container_format="avi")


def make_late_start(path: Path, start_ms: int = 10_000, **drawing: Unpack[Drawing]) -> Path:
    """H.264 whose first PTS is `start_ms`; MP4, MKV or TS by suffix."""
    return write_clip(path, [_from(start_ms, drawing)])


def make_late_audio(path: Path, start_ms: int = 700, **drawing: Unpack[Drawing]) -> Path:
    """H.264 from 0 with sound from `start_ms`."""
    return write_clip(path, [_from(0, drawing)], AudioSpec(start_ms=start_ms))


def make_early_audio(path: Path, start_ms: int = 1_000, **drawing: Unpack[Drawing]) -> Path:
    """H.264 from `start_ms` with sound from 0."""
    return write_clip(path, [_from(start_ms, drawing)], AudioSpec())


def _from(start_ms: int, drawing: Drawing) -> VideoSpec:
    frames = drawing.get("frames", FRAMES)
    times = [start_ms + number * 1000 // RATE for number in range(frames)]
    return VideoSpec(options=h264_options(), pts=times, time_base=MILLISECOND, **drawing)


def make_trimmed(
    path: Path, first: int = GOP + 8, last: int = FRAMES - 11, audio: bool = False
) -> Path:
    """MP4 cut, as phones cut, to frames `first` to `last` by an edit list alone.

    Packets from the key frame before `first` on, and those behind `last`, are in the file and
    are discarded when it is read. Frame numbers start at `first`, PTS at 0.
    """
    whole = path.with_suffix(".whole.mp4")
    write_clip(whole, [VideoSpec(options=h264_options())], AudioSpec() if audio else None)
    with av.open(str(whole)) as source, av.open(str(path), "w", format="mp4") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        cut = Fraction(first, RATE)
        key = Fraction(first // GOP * GOP, RATE)
        for packet in source.demux():
            if packet.pts is None:
                continue
            earliest = key if packet.stream.type == "video" else cut
            if packet.pts * packet.time_base < earliest:
                continue
            # A negative PTS makes the muxer write an edit list that starts behind it.
            shift = round(cut / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
    whole.unlink()
    _set_first_edit_duration(path, Fraction(last - first + 1, RATE))
    return path


def _set_first_edit_duration(path: Path, duration: Fraction) -> None:
    """Overwrite the duration in the first (video) edit list of an MP4."""
    data = bytearray(path.read_bytes())
    header = data.index(b"mvhd") + 4
    edits = data.index(b"elst") + 4
    if data[header] != 0 or data[edits] != 0:
        raise ValueError("expected 32-bit mvhd and elst boxes")
    movie_timescale = int.from_bytes(data[header + 12 : header + 16], "big")
    entry = edits + 8  # behind version, flags and the number of entries
    data[entry : entry + 4] = round(duration * movie_timescale).to_bytes(4, "big")
    path.write_bytes(data)


def loop_clip(source: Path, path: Path, times: int) -> Path:
    """Write the video of `source` `times` over, without encoding again, at exact times.

    The last frame of a round lasts one mean step. Source must have closed groups and PTS.
    """
    with av.open(str(source)) as original:
        template = original.streams.video[0]
        packets = [packet for packet in original.demux(template) if packet.pts is not None]
        shown = sorted(packet.pts for packet in packets)
        length = shown[-1] - shown[0] + round((shown[-1] - shown[0]) / (len(shown) - 1))
        options = {"video_track_timescale": str(template.time_base.denominator)}
        is_mp4 = path.suffix in (".mp4", ".mov")
        with av.open(str(path), "w", options=options if is_mp4 else {}) as target:
            stream = target.add_stream_from_template(template)
            for turn in range(times):
                for packet in packets:
                    copy = av.Packet(bytes(packet))
                    copy.pts = packet.pts + turn * length
                    copy.dts = packet.dts + turn * length
                    copy.duration = packet.duration
                    copy.time_base = packet.time_base
                    copy.is_keyframe = packet.is_keyframe
                    copy.stream = stream
                    target.mux(copy)
    return path
