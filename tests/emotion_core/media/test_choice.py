"""Which stream is read, and what is said of files that are locked or not to be told by a name."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import av
import pytest

from emotion_core.errors import MediaError, UnsupportedMedia
from emotion_core.media.index import index_video
from emotion_core.media.kinds import Kind, kind_in_folder
from tests import clips
from tests.clips.sizes import make_dolby_vision, make_encrypted, make_picture_track_first


def test_a_track_of_one_picture_is_not_the_video(tmp_path: Path) -> None:
    index = index_video(make_picture_track_first(tmp_path / "picture.mkv", frames=10))
    assert len(index) == 10
    assert (index.info.stream, index.info.videos) == (1, 2)


def test_the_largest_of_two_videos_is_read(tmp_path: Path) -> None:
    specs = [
        clips.VideoSpec(width=width, height=height, frames=8, options=clips.encode.h264_options())
        for width, height in ((160, 120), (320, 240))
    ]
    index = index_video(clips.write_clip(tmp_path / "two.mkv", specs))
    assert (index.info.stream, index.info.width) == (1, 320)


def test_the_default_stream_comes_before_a_larger_one(tmp_path: Path) -> None:
    both = clips.make_two_videos(tmp_path / "both.mkv", frames=8, width=320, height=240)
    path = tmp_path / "default.mkv"
    with av.open(str(both)) as source, av.open(str(path), "w") as target:
        streams = [target.add_stream_from_template(s) for s in source.streams.video]
        streams[0].disposition = av.stream.Disposition(0)
        streams[1].disposition = av.stream.Disposition.default
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
    assert index_video(path).info.stream == 1


def test_encrypted_files_are_said_to_be_that(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedMedia, match="is encrypted"):
        index_video(make_encrypted(tmp_path / "locked.mp4", frames=8))


def test_dolby_vision_is_told_by_its_record(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedMedia, match="Dolby Vision"):
        index_video(make_dolby_vision(tmp_path / "dovi.mp4", frames=8))


def test_archives_are_to_be_unpacked(tmp_path: Path) -> None:
    clip = clips.make_mpeg_ts(tmp_path / "clip.ts", frames=8)
    with zipfile.ZipFile(tmp_path / "clips.zip", "w") as packed:
        packed.write(clip, "clip.ts")
    with tarfile.open(tmp_path / "clips.tar", "w") as packed_too:
        packed_too.add(clip, "clip.ts")
    for name in ("clips.zip", "clips.tar"):
        with pytest.raises(MediaError, match="unpack it first"):
            index_video(tmp_path / name)


@pytest.mark.parametrize(
    ("build", "own"),
    [
        (clips.make_h264, "a.mp4"), (clips.make_h264, "a.mkv"), (clips.make_vp9, "a.webm"),
        (clips.make_mpeg4_avi, "a.avi"), (clips.make_mpeg_ps, "a.mpg"),
        (clips.make_mpeg_ts, "a.ts"), (clips.make_raw_h264, "a.h264"), (clips.make_gif, "a.gif"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["MOV001.MOD", "clip.tod", "noname", "clip.2024"])
def test_odd_names_are_read_by_content(tmp_path: Path, build, own: str, name: str) -> None:  # type: ignore[no-untyped-def]
    path = build(tmp_path / own, frames=4).rename(tmp_path / name)
    assert kind_in_folder(path) is (Kind.STILL if own == "a.gif" else Kind.VIDEO)


def test_what_cannot_be_read_has_a_kind(tmp_path: Path) -> None:
    contents = {
        "a.zip": (b"", Kind.ARCHIVE), "odd": (b"PK\x03\x04", Kind.ARCHIVE),
        "a.dng": (b"II*\x00", Kind.UNREAD), "x.y": (b"\xff\x0a", Kind.UNREAD),
        "song.ogg": (b"OggS" + bytes(24) + b"\x01vorbis", Kind.UNKNOWN),
        "notes.txt": (b"\x00\x00\x01\xba", Kind.OTHER), "none": (b"", Kind.UNKNOWN),
        "prose": (b"Give it to me. " * 100, Kind.UNKNOWN),
    }  # fmt: skip
    for name, (content, kind) in contents.items():
        (tmp_path / name).write_bytes(content)
        assert kind_in_folder(tmp_path / name) is kind, name
