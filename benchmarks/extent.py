"""How much is measured: everything for the page, or next to nothing to see that it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Size:
    """A size of picture, and how long the clips of this size are.

    Attributes
    ----------
    name : str
    width, height : int, px
    loops : int
        How often the sample clip of 9 s is repeated, end to end.
    fer_loops : int
        The same for `fer`, which would take the better part of an hour over the longest clips.
    stage_loops : int
        The same for the measurement of stages.
    """

    name: str
    width: int
    height: int
    loops: int
    fer_loops: int
    stage_loops: int


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    quick : bool
        Whether the figures mean nothing.
    sizes : tuple of Size
    workers : tuple of int
        Of `annotate`; its rivals get as many threads.
    rounds : int
        How often everything is measured, one thing after the other.
    memory_minutes : tuple of float
        Lengths of the short and the long clip.
    calls : int
        Of commands that take less than a second.
    """

    quick: bool
    sizes: tuple[Size, ...]
    workers: tuple[int, ...]
    rounds: int
    memory_minutes: tuple[float, float]
    calls: int


FULL: Final = Extent(
    quick=False,
    sizes=(
        Size("360p", 640, 360, loops=27, fer_loops=3, stage_loops=2),
        Size("720p", 1280, 720, loops=9, fer_loops=1, stage_loops=2),
        Size("1080p", 1920, 1080, loops=4, fer_loops=1, stage_loops=2),
    ),
    workers=(1, 2),
    rounds=3,
    memory_minutes=(1, 10),
    calls=9,
)

QUICK: Final = Extent(
    quick=True,
    sizes=(Size("360p", 640, 360, loops=1, fer_loops=1, stage_loops=1),),
    workers=(1,),
    rounds=1,
    memory_minutes=(0.15, 0.3),
    calls=1,
)
