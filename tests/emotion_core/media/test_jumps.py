"""Where a clock jumps, time goes on, for pictures and sound alike; pauses are left as they are."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from emotion_core.media.decoded import FileClock
from emotion_core.media.index import index_video
from emotion_core.media.jumps import ReadOrder, Stretch
from emotion_core.media.local import open_media
from emotion_core.media.packets import Packets
from emotion_core.media.repair import dts_are_the_clock, lost_packets, shifts_between
from emotion_core.media.sound_clock import sound_clock, sound_stretches
from tests import clips

SECOND = 1_000_000


def sound_times(path: Path) -> list[float]:
    """When packets of sound are heard on the mended clock, in seconds since the first picture."""
    index = index_video(path)
    base = index.info.time_base
    clock = sound_clock(path, index.stretches, base)
    assert clock is not None
    with open_media(path) as container:
        packets = clock.mend(container.demux(container.streams.audio[0]))
        times = [packet.pts * packet.time_base for packet in packets if packet.pts is not None]
    return [float(time - index.info.pts0 * base) for time in times]


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("a.ts", clips.make_ts),
        ("a.mpg", clips.make_ps),
        ("a.webm", clips.make_live_webm),
        ("a.mp4", partial(clips.make_fragments, audio=True)),
    ],
)
def test_sound_stays_beside_its_pictures(
    tmp_path: Path, name: str, build: Callable[..., Path]
) -> None:
    path = clips.join(tmp_path / name, build, frames=100)
    index = index_video(path)
    assert [frame for frame, _ in index.jumps] == [50]
    times = np.array(sound_times(path))
    (alone,) = [build(tmp_path / f"alone_{name}", frames=50)]
    with av.open(str(alone)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        ahead = float(video.start_time * video.time_base - sound.start_time * sound.time_base)
    # The second recording's sound begins as long before its first picture as the first one's.
    second = float((index.pts[50] - index.pts[0]) * index.info.time_base)
    half = int(np.flatnonzero(np.diff(times) < 0)[0]) + 1 if (np.diff(times) < 0).any() else None
    begins = times[half] if half else times[np.abs(times - (second - ahead)).argmin()]
    assert begins == pytest.approx(second - ahead, abs=0.03)
    assert times.max() == pytest.approx(2 * second, abs=0.1)


@pytest.mark.parametrize(
    ("name", "build", "longest_s"),
    [
        ("still.ts", partial(clips.make_jumping_ts, seconds=15, sound_goes_on=True), 15.04),
        ("short.ts", partial(clips.make_jumping_ts, seconds=5), 5.04),
        ("pause.mkv", clips.make_pausing_mkv, 20.04),
    ],
)
def test_pauses_stay(
    tmp_path: Path, name: str, build: Callable[[Path], Path], longest_s: float
) -> None:
    index = index_video(build(tmp_path / name))
    steps = np.diff(index.pts) * index.info.time_base
    assert float(steps.max()) == pytest.approx(longest_s)
    assert index.jumps == []


def test_streams_that_are_numbered_anew(tmp_path: Path) -> None:
    parts = [
        clips.make_ts(tmp_path / f"{pid}.ts", first_pid=pid, frames=30) for pid in (0x100, 0x300)
    ]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    index = index_video(path)
    # FFmpeg gives the last frame of the first recording at the end of the file.
    assert set(np.diff(index.pts)[:-1].tolist()) == {3600}
    assert len(index) == 60
    assert max(sound_times(path)) == pytest.approx(2.4, abs=0.1)


def test_a_picture_every_15_s_stays_one(tmp_path: Path) -> None:
    times = [15 * number for number in range(12)]
    spec = clips.VideoSpec(
        frames=12, pts=times, time_base=Fraction(1), options=clips.encode.h264_options(bf="0")
    )
    index = index_video(clips.write_clip(tmp_path / "a.ts", [spec], container_format="mpegts"))
    assert set(np.diff(index.pts).tolist()) == {15 * 90_000}


def test_many_recordings(tmp_path: Path) -> None:
    part = clips.make_ts(tmp_path / "part.ts", frames=10)
    path = tmp_path / "many.ts"
    path.write_bytes(part.read_bytes() * 30)
    index = index_video(path)
    assert len(index) == 300
    assert set(np.diff(index.pts).tolist()) == {3600}
    assert [frame for frame, _ in index.jumps] == list(range(10, 300, 10))
    times = np.array(sound_times(path))
    assert times.max() == pytest.approx(12, abs=0.1)
    assert np.diff(times).min() > -0.1


def test_a_broken_clock_of_one_packet_moves_nothing_else(tmp_path: Path) -> None:
    whole = clips.make_ts(tmp_path / "whole.ts", frames=30)
    path = tmp_path / "odd.ts"
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        template = source.streams.video[0]
        stream = target.add_stream_from_template(template)
        packets = [packet for packet in source.demux(template) if packet.size]
        for number, packet in enumerate(packets):
            if number >= 12:
                added = 90_000 * 60 * (2 if number >= 24 else 1)
                packet.pts, packet.dts = packet.pts + added, packet.dts + added
            packet.stream = stream
            target.mux(packet)
    index = index_video(path)
    assert set(np.diff(index.pts).tolist()) == {3600}
    assert len(index.jumps) == 2


def test_sound_changes_where_its_own_clock_does() -> None:
    pictures = np.array([*range(0, 2 * SECOND, 40_000)] * 2)
    sound = np.array([*range(0, 2 * SECOND, 20_000)] * 2)
    # Sound lies half a second behind its pictures in the file, beyond the place of the join.
    seen = np.clip(np.arange(200) // 2 + 12, 0, 100)
    order = ReadOrder(pictures, sound, seen)
    found = sound_stretches(order, [Stretch(0, 0), Stretch(50, 7)])
    assert found.tolist() == [0] * 100 + [1] * 100


def test_steps_back_without_those_of_dts_make_dts_the_clock() -> None:
    pts, dts, same = [1, 4, 3, 5], [2, 3, 4, 5], np.zeros(4, np.int64)
    assert dts_are_the_clock(pts, dts, same, knows_pts=False)
    assert dts_are_the_clock(pts, dts, same, knows_pts=True)
    assert not dts_are_the_clock([1, 2, 3, 4], dts, same, knows_pts=False)
    assert not dts_are_the_clock(pts, [2, 3, 1, 5], same, knows_pts=False)
    assert not dts_are_the_clock(pts, [None] * 4, same, knows_pts=False)
    # A new recording is no step back.
    assert not dts_are_the_clock([1, 2, 0, 1], dts, np.array([0, 0, 1, 1]), knows_pts=False)
    rare = [*range(200), 198]
    assert not dts_are_the_clock(rare, [*range(201)], np.zeros(201, int), knows_pts=True)
    assert dts_are_the_clock(rare, [*range(201)], np.zeros(201, int), knows_pts=False)


def test_the_frame_before_a_jump_lasts_an_ordinary_frame() -> None:
    times = np.array([0, 40, 80, 500, 550, 7])
    stretch = np.array([0, 0, 0, 1, 1, 3])
    # The third stretch has no frame.
    assert shifts_between(times, stretch, 4, 33).tolist() == [0, -380, -380, 213]


def test_what_is_lost_is_what_the_decoder_reported() -> None:
    shown, gave = np.ones(12, bool), np.arange(12) % 2 == 0
    gave[[6, 8]] = False
    damage = (np.arange(12) >= 6) & (np.arange(12) < 10)
    frames = np.arange(12)[gave] * 20
    # Fields in pairs: of two pictures lost, the second fields are none.
    assert lost_packets(shown, gave, damage, np.arange(12) * 20, frames).tolist() == [6, 8]
    gave = ~np.isin(np.arange(12), [3, 7])
    frames = np.arange(12)[gave] * 20
    assert lost_packets(shown, gave, damage, np.arange(12) * 20, frames).tolist() == [7]
    assert not len(lost_packets(shown, gave, ~shown, np.arange(12) * 20, frames))


def test_times_in_players_count_from_the_first_stream(tmp_path: Path) -> None:
    late = index_video(clips.make_early_audio(tmp_path / "late.mp4", start_ms=2_000))
    assert late.start_us == 2 * SECOND
    assert index_video(clips.make_late_audio(tmp_path / "sound.mp4")).start_us == 0
    assert index_video(clips.make_late_start(tmp_path / "alone.mp4")).start_us == 0
    assert index_video(clips.make_raw_h264(tmp_path / "raw.h264")).start_us == 0
    assert late.info.time_base * Fraction(late.info.pts0) == 2


def test_made_up_dts_that_step_back_are_no_restart() -> None:
    none = np.zeros(5, bool)
    dts = np.array([0, 40, 20, 60, 9000])
    packets = Packets(dts, dts, none, ~none, complete=True, doubtful=False)
    clock = FileClock.of(np.array([2, 4]), packets, knows_pts=True)
    assert clock.agreeing_with([0, 20, 40, 60, 9000], packets).jumps.tolist() == [4]
    assert clock.agreeing_with([0, 40, 20, 60, 9000], packets).jumps.tolist() == [2, 4]
    assert clock.agreeing_with([0, 20, 40, 60, 9000], packets).stretch_of.tolist() == [0] * 4 + [1]
