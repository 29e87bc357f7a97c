"""One file of the corpus and what is expected of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FRAME_US: Final = 40_000
"""Of most clips: 25 frames a second."""


def steady(frames: int, step_us: int = FRAME_US) -> tuple[int, ...]:
    """Times of frames that follow each other evenly, in microseconds."""
    return tuple(number * step_us for number in range(frames))


@dataclass(frozen=True)
class Video:
    """A video that is read.

    Attributes
    ----------
    times_us : tuple of int
        Of the frames that it had when it was whole.
    missing : tuple of int
        Fewest and most of these that have no row: nothing of them is left.
    size : tuple of int, px
        Width and height, upright.
    damaged, undecodable : tuple of int
        Fewest and most frames of this status.
    faces : bool
        Some frame has a face.
    jumps : int
        How often its clock jumps, while its time goes on.
    start_us : int
        When players show the first frame.
    ffprobe : str
        Why FFmpeg's ffprobe gives other frames or times; empty where it gives these.
    """

    times_us: tuple[int, ...]
    missing: tuple[int, int] = (0, 0)
    size: tuple[int, int] = (160, 120)
    damaged: tuple[int, int] = (0, 0)
    undecodable: tuple[int, int] = (0, 0)
    faces: bool = True
    jumps: int = 0
    start_us: int = 0
    ffprobe: str = ""


@dataclass(frozen=True)
class Still:
    """A picture that is read.

    Attributes
    ----------
    size : tuple of int, px
        Width and height, upright.
    damaged : bool
        It ends early.
    faces : bool
        It has a face.
    """

    size: tuple[int, int]
    damaged: bool = False
    faces: bool = True


@dataclass(frozen=True)
class Fails:
    """A file that fails, alone, with a message in which this pattern is found."""

    words: str


@dataclass(frozen=True)
class Skipped:
    """What is passed over in a folder, because it is no file of pictures."""


Expected = Video | Still | Fails | Skipped


@dataclass(frozen=True)
class Case:
    """A file of the corpus.

    Attributes
    ----------
    name : str
        Path below the corpus, as `os.fsdecode` gives it.
    what : str
        What is odd about it.
    make : callable
        Writes it to a path; the folder is there.
    expected : Expected
    """

    name: str
    what: str
    make: Callable[[Path], object]
    expected: Expected
