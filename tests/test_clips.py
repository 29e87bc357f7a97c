"""The clips that other tests rest on are what their names say."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests import clips
from tests.clips import FRAMES, GOP, HEIGHT, RATE, TIMESCALE, WIDTH

Builder = Callable[[Path], Path]

# Builder, file name, frames: all that decode whole, in order, from frame 0.
WHOLE: list[tuple[Builder, str, int]] = [
    (clips.make_h264, "clip.mp4", FRAMES),
    (clips.make_h264, "clip.mkv", FRAMES),
    (clips.make_h264, "clip.mov", FRAMES),
    (clips.make_open_gop_h264, "clip.mp4", FRAMES),
    (clips.make_one_key_h264, "clip.mp4", FRAMES),
    (clips.make_intra_refresh_h264, "clip.mp4", FRAMES),
    (clips.make_ntsc_h264, "clip.mp4", FRAMES),
    (clips.make_ntsc_h264, "clip.mkv", FRAMES),
    (clips.make_hevc, "clip.mp4", FRAMES),
    (clips.make_open_gop_hevc, "clip.mp4", FRAMES),
    (clips.make_vp9, "clip.webm", FRAMES),
    (clips.make_mpeg4_avi, "clip.avi", FRAMES),
    (clips.make_mjpeg_avi, "clip.avi", FRAMES),
    (clips.make_mpeg_ps, "clip.mpg", FRAMES),
    (clips.make_mpeg_ts, "clip.ts", FRAMES),
    (clips.make_raw_h264, "clip.h264", FRAMES),
    (clips.make_odd_size, "clip.mkv", FRAMES),
    (clips.make_anamorphic, "clip.mp4", FRAMES),
    (clips.make_full_range, "clip.mp4", FRAMES),
    (clips.make_10_bit, "clip.mp4", FRAMES),
    (clips.make_422, "clip.mp4", FRAMES),
    (clips.make_444, "clip.mp4", FRAMES),
    (clips.make_ffv1_rgb, "clip.mkv", 12),
    (clips.make_png_mov, "clip.mov", 12),
    (clips.make_gif, "clip.gif", 12),
    (clips.make_variable_rate, "clip.mp4", FRAMES),
    (clips.make_variable_rate, "clip.mkv", FRAMES),
    (clips.make_avi_with_empty_packets, "clip.avi", FRAMES),
    (clips.make_late_start, "clip.mp4", FRAMES),
    (clips.make_late_start, "clip.ts", FRAMES),
    (clips.make_late_audio, "clip.mp4", FRAMES),
    (clips.make_early_audio, "clip.mkv", FRAMES),
    (clips.make_pcm_audio, "clip.mov", FRAMES),
    (clips.make_pcm_audio, "clip.mkv", FRAMES),
    (clips.make_fragmented_mp4, "clip.mp4", FRAMES),
    (clips.make_two_videos, "clip.mp4", FRAMES),
]


def packets_of(path: Path) -> list[av.Packet]:
    """Return the packets of the first video stream, in file order."""
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


def key_positions(path: Path) -> list[int]:
    return [n for n, packet in enumerate(packets_of(path)) if packet.is_keyframe]


def leading_packets(path: Path) -> int:
    """Count packets that follow a key frame in the file and are shown before it."""
    key_pts, count = None, 0
    for packet in packets_of(path):
        if packet.is_keyframe:
            key_pts = packet.pts
        count += packet.pts < key_pts
    return count


@pytest.mark.parametrize(
    ("build", "name", "frames"), WHOLE, ids=[f"{b.__name__}-{n}" for b, n, _ in WHOLE]
)
def test_whole_clips_show_every_frame_in_order(
    build: Builder, name: str, frames: int, tmp_path: Path
) -> None:
    path = build(tmp_path / name)
    assert clips.plain_codes(path) == list(range(frames))
    assert clips.count_decode_errors(path) == 0
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert path.stat().st_size < 700_000


def test_frame_code_survives_only_upright() -> None:
    luma = clips.draw_frame(681, WIDTH, HEIGHT)[..., 0]
    assert clips.read_frame_code(luma) == 681
    for changed in (luma[:, ::-1], luma[::-1], np.rot90(luma), np.full_like(luma, 128)):
        with pytest.raises(ValueError, match="no frame code"):
            clips.read_frame_code(changed)
    with pytest.raises(ValueError, match="does not fit"):
        clips.draw_frame(1024, WIDTH, HEIGHT)


def test_every_frame_differs_from_its_neighbours() -> None:
    first, second = (clips.draw_frame(n, WIDTH, HEIGHT) for n in (0, 1))
    below_code = slice(HEIGHT // 4, None)
    assert not np.array_equal(first[below_code], second[below_code])


def test_h264_has_closed_groups_and_b_frames(tmp_path: Path) -> None:
    path = clips.make_h264(tmp_path / "clip.mp4")
    assert key_positions(path) == list(range(0, FRAMES, GOP))
    assert leading_packets(path) == 0
    kinds = [frame.pict_type for frame in clips.plain_frames(path)]
    assert kinds.count(av.video.frame.PictureType.B) > FRAMES // 4
    step = TIMESCALE // RATE
    assert [frame.pts for frame in clips.plain_decode(path)] == [step * n for n in range(FRAMES)]


def test_builders_take_size_and_first_number(tmp_path: Path) -> None:
    path = clips.make_h264(tmp_path / "c.mp4", frames=7, width=320, height=240, first_number=90)
    assert clips.plain_codes(path) == list(range(90, 97))
    assert {(f.width, f.height) for f in clips.plain_frames(path)} == {(320, 240)}


@pytest.mark.parametrize("build", [clips.make_open_gop_h264, clips.make_open_gop_hevc])
def test_open_groups_have_leading_packets(build: Builder, tmp_path: Path) -> None:
    path = build(tmp_path / "clip.mp4")
    assert leading_packets(path) >= 2
    assert len(key_positions(path)) >= 4


def test_closed_hevc_has_no_leading_packets(tmp_path: Path) -> None:
    path = clips.make_hevc(tmp_path / "clip.mp4")
    assert leading_packets(path) == 0
    assert len(key_positions(path)) >= 4


def test_one_key_and_intra_refresh(tmp_path: Path) -> None:
    assert key_positions(clips.make_one_key_h264(tmp_path / "one.mp4")) == [0]
    path = clips.make_intra_refresh_h264(tmp_path / "refresh.mp4")
    kinds = [frame.pict_type for frame in clips.plain_frames(path)]
    assert kinds.count(av.video.frame.PictureType.I) == 1


def test_ntsc_is_exact_in_mp4_and_rounded_in_mkv(tmp_path: Path) -> None:
    exact = clips.plain_decode(clips.make_ntsc_h264(tmp_path / "clip.mp4"))
    rounded = clips.plain_decode(clips.make_ntsc_h264(tmp_path / "clip.mkv"))
    ideal = [Fraction(1001 * n, 30_000) for n in range(FRAMES)]
    assert [frame.pts * frame.time_base for frame in exact] == ideal
    assert set(np.diff([frame.pts for frame in rounded])) == {33, 34}


def test_containers_without_timestamps(tmp_path: Path) -> None:
    raw = packets_of(clips.make_raw_h264(tmp_path / "clip.h264"))
    assert {packet.pts for packet in raw} == {None}
    avi = clips.make_avi_with_empty_packets(tmp_path / "clip.avi")
    with av.open(str(avi)) as container:
        assert container.streams.video[0].frames == FRAMES + 5
    assert len(packets_of(avi)) == FRAMES
    steps = np.diff([frame.pts for frame in clips.plain_decode(avi)])
    assert sorted(steps)[-2:] == [1, 6]


@pytest.mark.parametrize(
    ("name", "build"), [("clip.mpg", clips.make_mpeg_ps), ("clip.ts", clips.make_mpeg_ts)]
)
def test_mpeg_streams_do_not_start_at_zero_and_have_sound(
    name: str, build: Builder, tmp_path: Path
) -> None:
    path = build(tmp_path / name)
    assert clips.plain_decode(path)[0].pts > 0
    with av.open(str(path)) as container:
        assert len(container.streams.audio) == 1


@pytest.mark.parametrize("hflip", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_rotated(degrees: int, hflip: bool, tmp_path: Path) -> None:
    path = clips.make_rotated(tmp_path / "clip.mp4", degrees, hflip, frames=4)
    assert clips.plain_codes(path) == [0, 1, 2, 3]
    frame = next(clips.plain_frames(path))
    assert (frame.width, frame.height) == (WIDTH, HEIGHT)
    if not hflip:
        assert frame.rotation % 360 == degrees
        stored = clips.stored_luma(frame)
        upright = np.rot90(stored, degrees // 90)
        assert np.array_equal(clips.upright_luma(frame), upright)
    if degrees or hflip:
        with pytest.raises(ValueError, match="no frame code"):
            clips.read_frame_code(clips.stored_luma(frame))


def test_sizes_and_sample_aspect_ratio(tmp_path: Path) -> None:
    odd = next(clips.plain_frames(clips.make_odd_size(tmp_path / "odd.mkv", frames=2)))
    assert (odd.width, odd.height, odd.format.name) == (161, 121, "yuv420p")
    path = clips.make_vp9(tmp_path / "odd.webm", width=161, height=121, frames=2)
    assert {(f.width, f.height) for f in clips.plain_frames(path)} == {(161, 121)}
    path = clips.make_anamorphic(tmp_path / "wide.mp4", frames=2, degrees=90)
    with av.open(str(path)) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)


@pytest.mark.parametrize(
    ("build", "name", "pix_fmt"),
    [
        (clips.make_h264, "clip.mp4", "yuv420p"),
        (clips.make_full_range, "clip.mp4", "yuvj420p"),
        (clips.make_10_bit, "clip.mp4", "yuv420p10le"),
        (clips.make_422, "clip.mp4", "yuv422p"),
        (clips.make_444, "clip.mp4", "yuv444p"),
        (clips.make_ffv1_rgb, "clip.mkv", "bgr0"),
        (clips.make_png_mov, "clip.mov", "rgb24"),
        (clips.make_gif, "clip.gif", "bgra"),
    ],
)
def test_pixel_formats(build: Builder, name: str, pix_fmt: str, tmp_path: Path) -> None:
    frame = next(clips.plain_frames(build(tmp_path / name)))
    assert frame.format.name == pix_fmt


def test_full_range_reaches_black_and_white(tmp_path: Path) -> None:
    def white_and_black(path: Path) -> tuple[float, float]:
        plane = next(clips.plain_frames(path)).planes[0]
        luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : plane.width]
        # Centres of the first two blocks of the code.
        return float(np.median(luma[4:10, 3:8])), float(np.median(luma[4:10, 15:20]))

    full = white_and_black(clips.make_full_range(tmp_path / "full.mp4"))
    assert full == pytest.approx((255, 0), abs=4)
    limited = white_and_black(clips.make_h264(tmp_path / "limited.mp4"))
    assert limited == pytest.approx((235, 16), abs=4)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
def test_variable_rate(name: str, tmp_path: Path) -> None:
    path = clips.make_variable_rate(tmp_path / name, audio=True)
    seen = [frame.pts * frame.time_base * 1000 for frame in clips.plain_decode(path)]
    assert seen == clips.variable_times_ms()
    assert {33, 40, 50, 80} < set(np.diff(seen))
    assert max(np.diff(seen)) >= 700


def test_starts(tmp_path: Path) -> None:
    def starts(path: Path) -> list[float]:
        with av.open(str(path)) as container:
            return [float(s.start_time * s.time_base) for s in container.streams]

    assert starts(clips.make_late_start(tmp_path / "late.mp4")) == [10.0]
    assert starts(clips.make_late_start(tmp_path / "late.ts", start_ms=4_000)) == [4.0]
    assert starts(clips.make_late_audio(tmp_path / "a.mp4")) == pytest.approx([0, 0.7], abs=0.03)
    assert starts(clips.make_early_audio(tmp_path / "b.mp4")) == pytest.approx([1, 0], abs=0.03)


@pytest.mark.parametrize("audio", [False, True])
def test_trimmed_discards_packets_at_both_ends(audio: bool, tmp_path: Path) -> None:
    path = clips.make_trimmed(tmp_path / "clip.mp4", first=20, last=39, audio=audio)
    packets = packets_of(path)
    kept = [packet for packet in packets if not packet.is_discard]
    assert packets[0].is_keyframe
    assert packets[0].is_discard
    assert (len(packets), len(kept)) == (38, 20)
    shown = clips.plain_decode(path)
    assert [frame.pts for frame in shown] == sorted(packet.pts for packet in kept)
    assert shown[0].pts == 0
    assert clips.plain_codes(path) == list(range(20, 40))
    with av.open(str(path)) as container:
        assert len(container.streams.audio) == audio


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv"])
def test_loop_clip_keeps_exact_times(name: str, tmp_path: Path) -> None:
    source = clips.make_h264(tmp_path / "clip.mp4")
    path = clips.loop_clip(source, tmp_path / name, 4)
    seen = [frame.pts * frame.time_base for frame in clips.plain_decode(path)]
    assert seen == [Fraction(n, RATE) for n in range(4 * FRAMES)]
    assert clips.plain_codes(path) == 4 * list(range(FRAMES))


def test_streams(tmp_path: Path) -> None:
    def kinds(path: Path) -> list[str]:
        with av.open(str(path)) as container:
            return sorted(f"{s.type} {s.codec_context.name}" for s in container.streams)

    assert kinds(clips.make_pcm_audio(tmp_path / "pcm.mov")) == ["audio pcm_s16le", "video h264"]
    assert kinds(clips.make_two_videos(tmp_path / "two.mp4")) == ["video h264", "video h264"]
    assert kinds(clips.make_audio_only(tmp_path / "tone.m4a")) == ["audio aac"]
    assert kinds(clips.make_no_frames(tmp_path / "none.mp4")) == ["video h264"]


@pytest.mark.parametrize("name", ["song.m4a", "song.mp3"])
def test_cover_art_is_an_attached_picture(name: str, tmp_path: Path) -> None:
    path = clips.make_cover_art(tmp_path / name)
    with av.open(str(path)) as container:
        assert len(container.streams.audio) == 1
        (cover,) = container.streams.video
        assert cover.disposition & av.stream.Disposition.attached_pic
    assert clips.plain_codes(path) == [0]


def test_no_frames_opens_and_gives_nothing(tmp_path: Path) -> None:
    path = clips.make_no_frames(tmp_path / "none.mp4")
    assert packets_of(path) == []
    assert clips.plain_decode(path) == []


def test_truncated_loses_the_end(tmp_path: Path) -> None:
    path = clips.make_truncated(tmp_path / "clip.mp4")
    with av.open(str(path)) as container:
        assert container.streams.video[0].frames == FRAMES
    codes = clips.plain_codes(path)
    assert codes == list(range(len(codes)))
    assert GOP < len(codes) < FRAMES - GOP


@pytest.mark.parametrize(
    "build", [clips.make_unfinished, clips.make_text_file, clips.make_empty_file]
)
def test_unreadable_files_do_not_open(build: Builder, tmp_path: Path) -> None:
    with pytest.raises(av.error.InvalidDataError):
        av.open(str(build(tmp_path / "clip.mp4")))


def test_undecodable_packets_raise_and_keep_their_times(tmp_path: Path) -> None:
    path = clips.make_undecodable(tmp_path / "clip.mp4", broken=(7, 20))
    assert clips.count_decode_errors(path) == 2
    step = TIMESCALE // RATE
    assert [packet.pts for packet in packets_of(path)] == [step * n for n in range(FRAMES)]
    seen = {frame.pts // step for frame in clips.plain_decode(path)}
    assert seen == set(range(FRAMES)) - {7, 20}


def test_a_broken_key_frame_costs_frames_behind_it(tmp_path: Path) -> None:
    path = clips.make_undecodable(tmp_path / "clip.mp4", broken=(2 * GOP,))
    assert clips.count_decode_errors(path) == 1
    assert len(clips.plain_decode(path)) < FRAMES - 1


def test_flipped_bits_damage_pictures_but_not_the_index(tmp_path: Path) -> None:
    whole = clips.make_h264(tmp_path / "whole.mp4")
    flipped = clips.make_bit_flipped(tmp_path / "flipped.mp4", count=20, seed=1)
    changed = np.frombuffer(whole.read_bytes(), np.uint8) ^ np.frombuffer(
        flipped.read_bytes(), np.uint8
    )
    assert int(np.unpackbits(changed).sum()) == 20
    assert [p.pts for p in packets_of(flipped)] == [p.pts for p in packets_of(whole)]
    pictures = [
        [clips.stored_luma(frame) for frame in clips.plain_frames(path)]
        for path in (whole, flipped)
    ]
    same = [np.array_equal(*pair) for pair in zip(*pictures, strict=False)]
    assert same.count(False) > 3
    again = clips.make_bit_flipped(tmp_path / "again.mp4", count=20, seed=1)
    assert again.read_bytes() == flipped.read_bytes()
