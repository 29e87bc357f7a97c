"""Builders of damaged files."""

import random
from collections.abc import Collection
from pathlib import Path

import av

from .codecs import make_h264
from .encode import FRAMES, VideoSpec, h264_options, write_clip

BROKEN_PACKETS = (20,)


def flip_bits(path: Path, count: int, seed: int) -> Path:
    """Flip `count` bits of a file in place, leaving its header and index alone.

    In an MP4 only its `mdat` is touched, in other files all but the first quarter.
    """
    data = bytearray(path.read_bytes())
    start, stop = len(data) // 4, len(data)
    box = data.find(b"mdat")
    if box >= 4:
        start, stop = box + 4, box - 4 + int.from_bytes(data[box - 4 : box], "big")
    chance = random.Random(seed)
    for _ in range(count):
        data[chance.randrange(start, stop)] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    return path


def truncate(path: Path, share: float) -> Path:
    """Keep the first `share` (0 to 1) of a file's bytes, in place."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def make_truncated(path: Path, share: float = 0.6) -> Path:
    """An MP4 whose index is whole and whose last packets are missing."""
    spec = VideoSpec(options=h264_options())
    write_clip(path, [spec], container_format="mp4", container_options={"movflags": "+faststart"})
    return truncate(path, share)


def make_unfinished(path: Path) -> Path:
    """An MP4 whose recording was cut off before the index was written: it cannot be opened."""
    return truncate(make_h264(path), 0.8)


def make_bit_flipped(path: Path, count: int = 20, seed: int = 1) -> Path:
    """H.264 with `count` flipped bits in its packets."""
    return flip_bits(make_h264(path), count, seed)


def make_undecodable(path: Path, broken: Collection[int] = BROKEN_PACKETS) -> Path:
    """H.264 in which the packets at positions `broken` (file order) give no frame.

    No B-frames, so packet n is frame n. Timestamps are whole.
    """
    whole = path.with_suffix(".whole.mp4")
    write_clip(whole, [VideoSpec(options=h264_options(bf="0"), frames=FRAMES)])
    with av.open(str(whole)) as source, av.open(str(path), "w", format="mp4") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for position, packet in enumerate(source.demux(video=0)):
            if packet.pts is None:
                continue
            if position in broken:
                # NAL unit lengths that cannot be.
                packet.update(b"\xff" * packet.size)
            packet.stream = stream
            target.mux(packet)
    whole.unlink()
    return path


def make_empty_file(path: Path) -> Path:
    """A file of no bytes."""
    path.write_bytes(b"")
    return path


def make_text_file(path: Path) -> Path:
    """Text under the name of a video."""
    path.write_text("This is not a video.\n" * 200)
    return path
