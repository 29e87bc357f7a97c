"""Encoding of segments: sizes, times, tags, files."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from emotion_core.errors import OutputError
from emotion_core.media.planes import Planes
from emotion_core.render.encode import encode_segment
from emotion_core.render.segment import read_header, read_packets, read_pts
from emotion_core.render.settings import EncoderSettings
from tests.clips import read_frame_code
from tests.emotion_core.render.segments import (
    HEIGHT,
    WIDTH,
    encode_numbered,
    luma_of,
    settings_for,
)

MILLISECOND = Fraction(1, 1000)


def decoded(path: Path) -> list[av.VideoFrame]:
    """All pictures of a segment file, decoded from its packets alone."""
    data = read_header(path).extradata + b"".join(packet.data for packet in read_packets(path))
    with av.open(BytesIO(data), format="h264") as container:
        return list(container.decode(video=0))


def grey(width: int, height: int, full_range: bool = False) -> Planes:
    """A picture that darkens to the right and downwards."""
    across = np.linspace(200, 60, width)[None, :]
    luma = (across - np.linspace(0, 40, height)[:, None]).astype(np.uint8)
    chroma = np.full(((height + 1) // 2, (width + 1) // 2), 100, np.uint8)
    return Planes(luma, chroma, chroma.copy(), full_range)


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_pictures_come_back_in_order_with_their_times(tmp_path: Path) -> None:
    pts = [10_000 + 33 * number + number % 3 for number in range(20)]
    (path,) = encode_numbered(tmp_path, pts, settings_for(MILLISECOND))
    packets = list(read_packets(path))
    assert [packet.pts for packet in packets] == pts
    assert [packet.dts for packet in packets] == pts
    assert packets[0].key
    assert read_pts(path).tolist() == pts
    assert [read_frame_code(luma_of(frame)) for frame in decoded(path)] == list(range(20))


def test_batches_hold_every_packet(tmp_path: Path) -> None:
    pts = list(range(150))
    (path,) = encode_numbered(tmp_path, pts, settings_for(Fraction(1, 25)))
    assert [packet.pts for packet in read_packets(path)] == pts


def test_a_repeated_time_becomes_the_next_tick(tmp_path: Path) -> None:
    (path,) = encode_numbered(tmp_path, [5, 5, 5, 6, 40], settings_for(MILLISECOND))
    assert read_pts(path).tolist() == [5, 6, 7, 8, 40]


def test_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (path,) = encode_numbered(tmp_path / name, range(30), settings_for(Fraction(1, 25)))
        files.append(path.read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize(("width", "height"), [(161, 121), (160, 121), (161, 120), (17, 33)])
def test_odd_sizes_are_padded_with_their_border(tmp_path: Path, width: int, height: int) -> None:
    settings = replace(settings_for(Fraction(1, 25), width, height), crf=1)
    path = tmp_path / "odd.segment"
    planes = grey(width, height)
    with encode_segment(path, settings) as encoder:
        encoder.write(planes, 0)
    (frame,) = decoded(path)
    assert (frame.width, frame.height) == (settings.coded_width, settings.coded_height)
    padding = ((0, settings.coded_height - height), (0, settings.coded_width - width))
    expected = np.pad(planes.y, padding, mode="edge").astype(int)
    assert np.abs(luma_of(frame) - expected).max() <= 4


def test_full_range_becomes_limited(tmp_path: Path) -> None:
    planes = replace(grey(WIDTH, HEIGHT), full_range=True)
    planes.y[:] = 255
    path = tmp_path / "white.segment"
    with encode_segment(path, settings_for(Fraction(1, 25))) as encoder:
        encoder.write(planes, 0)
    (frame,) = decoded(path)
    assert np.abs(luma_of(frame).astype(int) - 235).max() <= 2
    assert planes.y.max() == 255, "the caller's picture was changed"


def test_tags_of_the_source_are_in_the_stream(tmp_path: Path) -> None:
    tagged = replace(
        settings_for(MILLISECOND),
        sample_aspect=Fraction(4, 3),
        primaries=9,
        transfer=16,
        matrix=9,
    )
    (path,) = encode_numbered(tmp_path, [0, 40], tagged)
    assert read_header(path).settings == tagged
    with av.open(BytesIO(read_header(path).extradata + next(read_packets(path)).data)) as container:
        codec = container.streams.video[0].codec_context
        assert codec.sample_aspect_ratio == Fraction(4, 3)
        assert (codec.color_primaries, codec.color_trc, codec.colorspace) == (9, 16, 9)
        assert codec.color_range == 1


def test_an_rgb_source_is_not_tagged_as_rgb() -> None:
    assert replace(settings_for(MILLISECOND), matrix=0).coded_matrix == 6
    assert replace(settings_for(MILLISECOND), matrix=1).coded_matrix == 1


def test_another_size_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="among pictures of 160x120"),
        encode_segment(tmp_path / "a.segment", settings_for(MILLISECOND)) as encoder,
    ):
        encoder.write(grey(80, 60), 0)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "a.segment"
    with (
        pytest.raises(OutputError, match=r"File exists|Not a directory") as caught,
        encode_segment(path, settings_for(MILLISECOND)),
    ):
        pytest.fail("the block was entered")
    assert caught.value.path == path


def test_a_full_disk_is_reported_and_leaves_no_file(tmp_path: Path) -> None:
    settings = replace(settings_for(MILLISECOND), crf=0)
    with file_size_limit(4096), pytest.raises(OutputError, match="too large"):
        encode_numbered(tmp_path, range(3), settings)
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_block_is_not_taken_for_one_of_the_file(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError),
        encode_segment(tmp_path / "a.segment", settings_for(MILLISECOND)),
    ):
        (tmp_path / "source.mp4").read_bytes()


@pytest.mark.parametrize("damage", ["empty", "text", "cut"])
def test_a_damaged_segment_is_reported(tmp_path: Path, damage: str) -> None:
    (path,) = encode_numbered(tmp_path, range(10), settings_for(MILLISECOND))
    whole = path.read_bytes()
    path.write_bytes(
        {"empty": b"", "text": b"no video" * 9, "cut": whole[: len(whole) // 2]}[damage]
    )
    with pytest.raises(OutputError) as caught:
        list(read_packets(path))
    assert caught.value.path == path


@pytest.mark.parametrize("wrong", [{"width": 0}, {"time_base": Fraction(0)}])
def test_impossible_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"cannot be encoded|must be positive"):
        replace(settings_for(MILLISECOND), **wrong)


def test_settings_survive_json() -> None:
    settings = replace(settings_for(Fraction(1001, 30000)), sample_aspect=Fraction(8, 9), crf=18.5)
    assert EncoderSettings.from_json(settings.to_json()) == settings
