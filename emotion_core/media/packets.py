"""One pass over a file's packets, without decoding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from emotion_core.media.limits import check_frames


@dataclass(frozen=True, repr=False)
class Packets:
    """Packets that are to be shown, in the order of the file.

    Attributes
    ----------
    pts : ndarray [shape=(n,), int64]
        Of those that have one.
    key : ndarray [shape=(n,), bool]
        Which of them hold a key frame.
    complete : bool
        There are some, each has a PTS, and the file was read to its end.
    """

    pts: NDArray[np.int64]
    key: NDArray[np.bool_]
    complete: bool

    def __repr__(self) -> str:
        return f"Packets({len(self.pts)}, complete={self.complete})"


def scan_packets(path: Path, container: InputContainer, stream: VideoStream) -> Packets:
    """The packets of a stream; those after a fault of the container are missing.

    Raises
    ------
    MediaError
        There are too many.
    """
    pts: list[int] = []
    key: list[bool] = []
    complete = True
    try:
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_discard:
                continue
            if packet.pts is None:
                complete = False
                continue
            pts.append(packet.pts)
            key.append(packet.is_keyframe)
            check_frames(path, len(pts))
    except (av.error.FFmpegError, OSError, IndexError):
        complete = False
    return Packets(np.array(pts, np.int64), np.array(key, np.bool_), complete and bool(pts))
