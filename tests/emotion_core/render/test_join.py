"""Joined copies: every time exact, sound in its place, files whole or absent."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotion_core.errors import OutputError
from emotion_core.render.join import join_segments
from tests import clips
from tests.clips import AudioSpec, VideoSpec, plain_codes, plain_decode, write_clip
from tests.emotion_core.render.segments import (
    audio_packets,
    audio_start,
    boxes,
    encode_numbered,
    settings_for,
)
from tests.emotion_core.render.test_encode import file_size_limit

FRAMES = 20
AUDIO_FRAME_S = Fraction(1024, 44_100)

CLOCKS = [
    (Fraction(1, 1000), 33),
    (Fraction(1001, 30_000), 1),
    (Fraction(1, 90_000), 3003),
    (Fraction(1, 10_000_000), 333_667),
    (Fraction(1, 2997), 100),
    (Fraction(1, 25), 1),
    (Fraction(1, 1_000_000_000), 40_000_000),
]
"""Time base and step of a frame: MKV, AVI, TS, WMV, odd MOV, CFR, nanoseconds."""


def times(path: Path) -> list[Fraction]:
    """Seconds of every decoded picture."""
    return [frame.pts * frame.time_base for frame in plain_decode(path)]


def seconds(pts: list[int], time_base: Fraction) -> list[Fraction]:
    """Seconds of PTS, from the first."""
    return [(time - pts[0]) * time_base for time in pts]


def copy_of(source: Path, folder: Path, first: int = 0, last: int | None = None) -> Path:
    """Encode numbered pictures at the times of a source and join them with its sound."""
    frames = plain_decode(source)[first:last]
    pts = [frame.pts for frame in frames]
    stop = None if last is None else pts[-1] + (pts[-1] - pts[-2])
    segments = encode_numbered(folder, pts, settings_for(frames[0].time_base), [len(pts) // 3])
    output = folder / "copy.mp4"
    join_segments(segments, output, source=source, pts0=pts[0], stop_pts=stop)
    assert times(output) == seconds(pts, frames[0].time_base)
    return output


@pytest.mark.parametrize(("time_base", "step"), CLOCKS)
def test_times_are_exact_in_any_time_base(tmp_path: Path, time_base: Fraction, step: int) -> None:
    pts = [
        7000 * step + number * step + (number % 3 if step > 3 else 0) for number in range(FRAMES)
    ]
    segments = encode_numbered(tmp_path, pts, settings_for(time_base), [3, 11])
    output = tmp_path / "copy.mp4"
    join_segments(segments, output, source=None, pts0=pts[0])
    assert times(output) == seconds(pts, time_base)
    assert plain_codes(output) == list(range(FRAMES))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    gaps=st.lists(st.integers(1, 5000), min_size=1, max_size=12),
    start=st.integers(-(2**40), 2**40),
    cut_at=st.sets(st.integers(1, 12)),
)
def test_any_times_and_cuts(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[int], start: int, cut_at: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("cuts")
    pts = [start + sum(gaps[:number]) for number in range(len(gaps) + 1)]
    cuts = sorted(cut for cut in cut_at if cut < len(pts))
    time_base = Fraction(1, 90_000)
    segments = encode_numbered(folder, pts, settings_for(time_base), cuts)
    output = folder / "copy.mp4"
    join_segments(segments, output, source=None, pts0=start)
    assert times(output) == seconds(pts, time_base)
    assert plain_codes(output) == list(range(len(pts)))


@pytest.mark.parametrize("gap_s", [300, 20_000])
def test_a_gap_too_long_for_fine_ticks(tmp_path: Path, gap_s: int) -> None:
    time_base = Fraction(1, 10_000_000)
    pts = [0, 400_000, 800_000, gap_s * 10_000_000]
    output = tmp_path / "copy.mp4"
    segments = encode_numbered(tmp_path, pts, settings_for(time_base))
    join_segments(segments, output, source=None, pts0=0)
    assert times(output) == seconds(pts, time_base)


def test_a_time_repeated_across_a_cut(tmp_path: Path) -> None:
    time_base = Fraction(1, 1000)
    segments = encode_numbered(tmp_path, [0, 40, 40, 80], settings_for(time_base), [2])
    output = tmp_path / "copy.mp4"
    join_segments(segments, output, source=None, pts0=0)
    assert times(output) == [Fraction(ms, 1000) for ms in (0, 40, 41, 80)]


@pytest.mark.parametrize(
    ("pts", "stop", "duration_ms"),
    [([0, 40, 80], None, 120), ([0, 40, 80], 90, 90), ([0, 10, 80], None, 120), ([7], None, 40)],
)
def test_duration_of_the_last_picture(
    tmp_path: Path, pts: list[int], stop: int | None, duration_ms: int
) -> None:
    output = tmp_path / "copy.mp4"
    segments = encode_numbered(tmp_path, pts, settings_for(Fraction(1, 1000)))
    join_segments(segments, output, source=None, pts0=pts[0], stop_pts=stop)
    with av.open(str(output)) as container:
        stream = container.streams.video[0]
        assert stream.duration * stream.time_base == Fraction(duration_ms, 1000)
        assert stream.start_time == 0


def test_the_file_starts_with_its_index_and_knows_its_shape(tmp_path: Path) -> None:
    output = tmp_path / "copy.mp4"
    shaped = replace(
        settings_for(Fraction(1, 25), 161, 121), sample_aspect=Fraction(4, 3), matrix=1
    )
    join_segments(encode_numbered(tmp_path, range(5), shaped, [2]), output, source=None, pts0=0)
    assert boxes(output).index("moov") < boxes(output).index("mdat")
    with av.open(str(output)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (162, 122)
        assert stream.sample_aspect_ratio == Fraction(4, 3)
        assert stream.codec_context.colorspace == 1
        assert len(container.streams) == 1


@pytest.mark.parametrize(
    ("codec", "suffix", "rate"),
    [
        ("aac", "mp4", 44_100),
        ("aac", "mkv", 44_100),
        ("libmp3lame", "mkv", 44_100),
        ("libopus", "mkv", 48_000),
        ("flac", "mkv", 44_100),
    ],
)
def test_sound_is_copied(tmp_path: Path, codec: str, suffix: str, rate: int) -> None:
    audio = AudioSpec(codec=codec, sample_rate=rate)
    source = write_clip(tmp_path / f"source.{suffix}", [VideoSpec()], audio)
    before, after = audio_packets(source), audio_packets(copy_of(source, tmp_path))
    assert [packet.data for packet in after] == [packet.data for packet in before]
    for packet, original in zip(after, before, strict=True):
        assert abs(packet.time - original.time) <= Fraction(1, rate)


@pytest.mark.parametrize(
    ("codec", "suffix"), [("pcm_s16le", "mov"), ("pcm_u8", "mkv"), ("mp2", "mkv"), ("ac3", "mkv")]
)
@pytest.mark.parametrize("start_ms", [0, 700])
def test_other_sound_becomes_aac(tmp_path: Path, codec: str, suffix: str, start_ms: int) -> None:
    audio = AudioSpec(codec=codec, start_ms=start_ms)
    source = write_clip(tmp_path / f"source.{suffix}", [VideoSpec()], audio)
    output = copy_of(source, tmp_path)
    with av.open(str(output)) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
    assert abs(audio_start(output) - Fraction(start_ms, 1000)) <= AUDIO_FRAME_S
    last = audio_packets(output)[-1]
    assert abs(last.time + last.duration - Fraction(start_ms + 2000, 1000)) <= 2 * AUDIO_FRAME_S


@pytest.mark.parametrize(
    ("layout", "expected"),
    [("5.1(side)", "5.1"), ("7.1", "7.1"), ("hexagonal", "stereo"), ("22.2", "stereo")],
)
def test_sound_of_many_channels(tmp_path: Path, layout: str, expected: str) -> None:
    source, output = tmp_path / "source.mov", tmp_path / "copy.mp4"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=44_100)
        stream.codec_context.layout = layout
        silence = np.zeros((1, 20_000 * stream.codec_context.layout.nb_channels), np.int16)
        frame = av.AudioFrame.from_ndarray(silence, format="s16", layout=layout)
        frame.sample_rate = 44_100
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    segments = encode_numbered(tmp_path, range(5), settings_for(Fraction(1, 25)))
    join_segments(segments, output, source=source, pts0=0)
    with av.open(str(output)) as container:
        assert container.streams.audio[0].layout.name == expected


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_late_sound_stays_late(tmp_path: Path, suffix: str) -> None:
    source = clips.make_late_audio(tmp_path / f"source.{suffix}")
    assert abs(audio_start(copy_of(source, tmp_path)) - audio_start(source)) <= AUDIO_FRAME_S


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_early_sound_keeps_its_place_beside_the_pictures(tmp_path: Path, suffix: str) -> None:
    source = clips.make_early_audio(tmp_path / f"source.{suffix}", start_ms=1000)
    output = copy_of(source, tmp_path)
    place = {packet.data: packet.time for packet in audio_packets(source)}
    kept = audio_packets(output)
    assert len(kept) > 40
    for packet in kept:
        assert abs(place[packet.data] - 1 - packet.time) <= Fraction(1, 1000)
    assert 0 <= abs(audio_start(output)) <= AUDIO_FRAME_S


@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
def test_sound_is_cut_to_the_range(tmp_path: Path, codec: str) -> None:
    source = write_clip(tmp_path / "source.mov", [VideoSpec()], AudioSpec(codec=codec))
    packets = audio_packets(copy_of(source, tmp_path, first=20, last=30))
    assert -Fraction(1, 5) < packets[0].time <= 0
    assert abs(packets[-1].time + packets[-1].duration - Fraction(10, 25)) <= 2 * AUDIO_FRAME_S


def test_transport_stream(tmp_path: Path) -> None:
    source = clips.make_mpeg_ts(tmp_path / "source.ts")
    output = copy_of(source, tmp_path)
    start = audio_start(source) - times(source)[0]
    # What comes before the first picture is not shown.
    assert abs(audio_start(output) - max(start, 0)) <= AUDIO_FRAME_S
    assert len(audio_packets(output)) == len(audio_packets(source))


@pytest.mark.parametrize("rate", [8000, 11025, 12000, 16000, 22050, 44100])
def test_sound_at_rates_that_mp4_refuses_is_encoded_without_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, rate: int
) -> None:
    # MP3 below 16 kHz is no part of the MP4 standard.
    audio = AudioSpec(codec="libmp3lame", sample_rate=rate)
    source = write_clip(tmp_path / "source.mkv", [VideoSpec()], audio)
    with av.open(str(copy_of(source, tmp_path))) as container:
        codec = container.streams.audio[0].codec_context
        assert codec.codec.canonical_name == ("aac" if rate < 16_000 else "mp3")
        assert codec.sample_rate == rate
    assert not caplog.text


@pytest.mark.parametrize("codec", ["aac", "mp2"])
def test_damaged_sound_does_not_cost_the_pictures(tmp_path: Path, codec: str) -> None:
    source = write_clip(tmp_path / "whole.mkv", [VideoSpec()], AudioSpec(codec=codec))
    damaged = bytearray(source.read_bytes())
    for packet in audio_packets(source)[20:60:2]:
        at = damaged.find(packet.data)
        damaged[at : at + len(packet.data)] = bytes(len(packet.data))
    source.write_bytes(damaged)
    output = copy_of(source, tmp_path)
    last = audio_packets(output)[-1]
    assert abs(last.time + last.duration - 2) <= 3 * AUDIO_FRAME_S


def test_a_source_cut_short(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mkv", [VideoSpec()], AudioSpec(codec="mp2"))
    pts = [frame.pts for frame in plain_decode(whole)]
    source = tmp_path / "short.mkv"
    source.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    output = tmp_path / "copy.mp4"
    segments = encode_numbered(tmp_path, pts, settings_for(Fraction(1, 1000)))
    join_segments(segments, output, source=source, pts0=0)
    assert len(times(output)) == len(pts)
    assert len(audio_packets(output)) > 10


@pytest.mark.parametrize("content", [b"", b"no media" * 99, None])
def test_an_unreadable_source_costs_the_sound_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    source, output = tmp_path / "source.mp4", tmp_path / "copy.mp4"
    if content is not None:
        source.write_bytes(content)
    segments = encode_numbered(tmp_path, range(5), settings_for(Fraction(1, 25)))
    join_segments(segments, output, source=source, pts0=0)
    assert len(times(output)) == 5
    assert "audio" in caplog.text


def test_segments_of_different_settings_are_refused(tmp_path: Path) -> None:
    usual = settings_for(Fraction(1, 25))
    paths = []
    for name, chosen in (("a", usual), ("b", replace(usual, sample_aspect=Fraction(4, 3)))):
        (tmp_path / name).mkdir()
        paths += encode_numbered(tmp_path / name, range(3), chosen)
    with pytest.raises(OutputError, match="encoded differently") as caught:
        join_segments(paths, tmp_path / "copy.mp4", source=None, pts0=0)
    assert caught.value.path == paths[1]


def test_nothing_to_join_is_reported(tmp_path: Path) -> None:
    output = tmp_path / "copy.mp4"
    empty = encode_numbered(tmp_path, [], settings_for(Fraction(1, 25)))
    for segments in ([], empty):
        with pytest.raises(OutputError, match="there is no"):
            join_segments(segments, output, source=None, pts0=0)
    segments = encode_numbered(tmp_path, [3], settings_for(Fraction(1, 25)))
    with pytest.raises(ValueError, match="earlier than pts0"):
        join_segments(segments, output, source=None, pts0=4)
    assert not output.exists()


def test_an_empty_segment_among_others(tmp_path: Path) -> None:
    output = tmp_path / "copy.mp4"
    segments = encode_numbered(tmp_path, range(6), settings_for(Fraction(1, 25)), [3])
    (tmp_path / "empty").mkdir()
    empty = encode_numbered(tmp_path / "empty", [], settings_for(Fraction(1, 25)))
    join_segments([*empty, *segments], output, source=None, pts0=0)
    assert plain_codes(output) == list(range(6))


def test_an_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    output = tmp_path / "file" / "copy.mp4"
    segments = encode_numbered(tmp_path, range(3), settings_for(Fraction(1, 25)))
    with pytest.raises(OutputError, match=r"File exists|Not a directory") as caught:
        join_segments(segments, output, source=None, pts0=0)
    assert caught.value.path == output


def test_a_full_disk_leaves_the_old_copy(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "source.mp4", [VideoSpec()], AudioSpec())
    segments = encode_numbered(tmp_path, range(50), settings_for(Fraction(1, 25)))
    output = tmp_path / "copy.mp4"
    output.write_text("old")
    before = sorted(tmp_path.iterdir())
    with file_size_limit(8192), pytest.raises(OutputError, match="too large"):
        join_segments(segments, output, source=source, pts0=0)
    assert output.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == before
