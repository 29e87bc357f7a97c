"""Scenes as data: who moves where and when, what stands in front, and what the camera does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.known_faces.people import person
from scripts.sample_scenes import Pose

WIDTH: Final = 640
HEIGHT: Final = 360
FRAME_MS: Final = 40
UNEVEN_MS: Final = (33, 50, 40, 17, 67, 33)
"""Steps of a clip with a variable frame rate."""

SEEN_MIN: Final = 0.6
"""Share of a face's box from which it must be found; a face of which less is seen may be found."""

Front = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]
"""Which points, by x and y in px, something in front covers."""


@dataclass(frozen=True)
class Actor:
    """One person on one way.

    Attributes
    ----------
    who : str
        Name of a person.
    way : sequence of Pose
        Where the centre of the box is; not there before the first and after the last.
    turned : sequence of (float, float), s
        When the back of the head is seen.
    """

    who: str
    way: Sequence[Pose]
    turned: Sequence[tuple[float, float]] = ()

    def pose(self, time: float) -> Pose | None:
        """Where the actor is; None: nowhere."""
        return place_at(self.way, time)

    def is_turned(self, time: float) -> bool:
        """Whether the face is away from the camera."""
        return any(start <= time < end for start, end in self.turned)


@dataclass(frozen=True)
class Screen:
    """A board in front of all: width and height in px, the way of its centre."""

    width: int
    height: int
    way: Sequence[Pose]


@dataclass(frozen=True)
class Shot:
    """What one camera sees until the next one is switched to.

    Attributes
    ----------
    start : float, s
    actors : sequence of Actor
        From back to front.
    wall : int
        Seed of the background.
    screens : sequence of Screen
    camera : sequence of (float, float)
        Times in s and left edges in px: where the camera looks, evenly between.
    """

    start: float
    actors: Sequence[Actor]
    wall: int = 0
    screens: Sequence[Screen] = ()
    camera: Sequence[tuple[float, float]] = ((0, 0),)

    def left(self, time: float) -> int:
        """The camera's left edge, px."""
        times, lefts = zip(*self.camera, strict=True)
        return round(float(np.interp(time, times, lefts)))


@dataclass(frozen=True)
class Scene:
    """A clip to make.

    Attributes
    ----------
    name, kind : str
    seconds : float
    shots : sequence of Shot
        By their start; the first starts at 0.
    light : sequence of (float, float)
        Times in s and factors of brightness: evenly between them. Above 1 the picture tends to
        white.
    uneven : bool
        Frames come at `UNEVEN_MS`.
    """

    name: str
    kind: str
    seconds: float
    shots: Sequence[Shot]
    light: Sequence[tuple[float, float]] = ((0, 1),)
    uneven: bool = False

    @cached_property
    def times_ms(self) -> list[int]:
        """When each frame is shown."""
        steps = UNEVEN_MS if self.uneven else (FRAME_MS,)
        times = [0]
        while times[-1] + steps[len(times) % len(steps)] < self.seconds * 1000:
            times.append(times[-1] + steps[len(times) % len(steps)])
        return times

    def shot(self, time: float) -> int:
        """Position of the shot that is on at a time."""
        return max(i for i, shot in enumerate(self.shots) if shot.start <= time + 1e-9)

    @property
    def cuts(self) -> list[int]:
        """The first frame after each cut."""
        shots = [self.shot(time / 1000) for time in self.times_ms]
        return [i + 1 for i, (a, b) in enumerate(pairwise(shots)) if a != b]

    def truth(self) -> Truth:
        """Who is where in each frame."""
        rows = []
        for frame, time_ms in enumerate(self.times_ms):
            time = time_ms / 1000
            number = self.shot(time)
            shot = self.shots[number]
            left = shot.left(time)
            fronts = [
                front
                for screen in shot.screens
                if (front := _screen_front(screen, time, left)) is not None
            ]
            for position in reversed(range(len(shot.actors))):
                actor = shot.actors[position]
                pose = actor.pose(time)
                if pose is None:
                    continue
                box = box_of(actor.who, pose, left)
                seen = 0.0 if actor.is_turned(time) else _share_seen(box, fronts)
                fronts.append(_actor_front(actor.who, box))
                rows.append((frame, number * 100 + position, seen, *box))
        table = np.array(rows, np.float64).reshape(-1, 7)
        return Truth(
            table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 3:], table[:, 2]
        )


@dataclass(frozen=True)
class Truth:
    """Faces of a scene, n rows.

    Attributes
    ----------
    frame, identity : ndarray [shape=(n,), int64]
        A person has another identity after a cut, and on each way.
    boxes : ndarray [shape=(n, 4), float64, px]
        The detector's box on the portrait, moved and scaled: x, y, width, height.
    seen : ndarray [shape=(n,), float64, 0-1]
        Share of the box that nothing hides; 0 of a face that is turned away.
    """

    frame: NDArray[np.int64]
    identity: NDArray[np.int64]
    boxes: NDArray[np.float64]
    seen: NDArray[np.float64]


def place_at(way: Sequence[Pose], time: float) -> Pose | None:
    """The place at a time, half eased between key places; None before and after them."""
    for start, end in pairwise(way):
        if start.time <= time < end.time:
            share = (time - start.time) / (end.time - start.time)
            share = 0.5 * share + 0.5 * share * share * (3 - 2 * share)
            a, b = (np.array([p.x, p.y, p.face_height, p.roll]) for p in (start, end))
            return Pose(time, *(a + share * (b - a)).tolist())
    return None


def box_of(who: str, pose: Pose, left: float) -> NDArray[np.float64]:
    """The true box of a person in the picture: x, y, width, height."""
    _, _, width, height = person(who).box
    scale = pose.face_height / height
    size = np.array([width * scale, height * scale])
    return np.concatenate([np.array([pose.x - left, pose.y]) - size / 2, size])


def _screen_front(screen: Screen, time: float, left: float) -> Front | None:
    pose = place_at(screen.way, time)
    if pose is None:
        return None
    x0, y0 = pose.x - left - screen.width / 2, pose.y - screen.height / 2

    def covers(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        return (x >= x0) & (x < x0 + screen.width) & (y >= y0) & (y < y0 + screen.height)

    return covers


def _actor_front(who: str, box: NDArray[np.float64]) -> Front:
    """What a bust covers; its roll, of a few degrees, is left out."""
    bust = person(who)
    height, width = bust.rgba.shape[:2]
    scale = bust.box[3] / box[3]

    def covers(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        column = np.floor((x - box[0]) * scale + bust.box[0]).astype(int)
        row = np.floor((y - box[1]) * scale + bust.box[1]).astype(int)
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        alpha = bust.rgba[row.clip(0, height - 1), column.clip(0, width - 1), 3]
        return inside & (alpha > 0.5)

    return covers


def _share_seen(box: NDArray[np.float64], fronts: Sequence[Front]) -> float:
    """Share of a box in the picture that nothing in front covers, on a grid of 20 x 20 points."""
    offsets = (np.arange(20) + 0.5) / 20
    x, y = np.meshgrid(box[0] + offsets * box[2], box[1] + offsets * box[3])
    seen = (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)
    for covers in fronts:
        seen &= ~covers(x, y)
    return float(seen.mean())
