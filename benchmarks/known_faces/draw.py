"""Scenes as clips: busts and boards in front of a textured wall, encoded as H.264."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.known_faces.people import Person, head_from_behind, person
from benchmarks.known_faces.scene import HEIGHT, WIDTH, Actor, Scene, Screen, place_at
from scripts.sample_scenes import Pose

Canvas = NDArray[np.float32]

WALL_WIDTH: Final = 4 * WIDTH
MILLISECOND: Final = Fraction(1, 1000)
X264: Final = {
    "preset": "superfast", "crf": "20", "threads": "1", "sc_threshold": "0", "mbtree": "0",
    "g": "50", "bf": "2",
}  # fmt: skip


def make_clip(scene: Scene, folder: Path) -> Path:
    """Encode a scene: `folder/NAME.mp4`, the same bytes each time."""
    path = folder / f"{scene.name}.mp4"
    options = {"fflags": "+bitexact", "video_track_timescale": "90000"}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=25, options=X264)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context.time_base, context.thread_count = MILLISECOND, 1
        for number, time_ms in enumerate(scene.times_ms):
            picture = draw(scene, number)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = time_ms, MILLISECOND
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def draw(scene: Scene, number: int) -> NDArray[np.uint8]:
    """A frame in RGB."""
    time = scene.times_ms[number] / 1000
    shot = scene.shots[scene.shot(time)]
    left = shot.left(time)
    canvas = _wall(shot.wall)[:, left : left + WIDTH].copy()
    for actor in shot.actors:
        _draw_actor(canvas, actor, time, left)
    for screen in shot.screens:
        _draw_screen(canvas, screen, time, left)
    grain = _grain()[number % 7 :][:HEIGHT, number * 13 % 64 :][:, :WIDTH, None]
    times, factors = zip(*scene.light, strict=True)
    canvas = canvas * np.float32(np.interp(time, times, factors)) + grain
    return np.asarray((canvas * 255 + 0.5).clip(0, 255), np.uint8)


def _draw_actor(canvas: Canvas, actor: Actor, time: float, left: int) -> None:
    pose = actor.pose(time)
    if pose is None:
        return
    who = person(actor.who)
    rgba = head_from_behind(actor.who) if actor.is_turned(time) else who.rgba
    # Halved first: the warp itself does not average what it skips.
    halvings = max(0, int(np.log2(who.box[3] / pose.face_height)))
    small = _halved(actor.who, actor.is_turned(time), halvings) if halvings else rgba
    _lay(canvas, small, _placing(who, pose, left, 2**halvings))


def _placing(who: Person, pose: Pose, left: int, shrunk: int) -> NDArray[np.float64]:
    """The matrix from pixels of a bust, shrunk by a factor, to the picture's."""
    scale = pose.face_height / who.box[3]
    matrix = cv2.getRotationMatrix2D(who.centre, pose.roll, scale).astype(np.float64)
    matrix[:, 2] += np.array([pose.x - left, pose.y]) - who.centre
    matrix[:, :2] *= shrunk
    return matrix


@cache
def _halved(who: str, turned: bool, times: int) -> Canvas:
    rgba = head_from_behind(who) if turned else person(who).rgba
    for _ in range(times):
        size = (rgba.shape[1] // 2, rgba.shape[0] // 2)
        rgba = cv2.resize(rgba, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return rgba


def _lay(canvas: Canvas, rgba: Canvas, matrix: NDArray[np.float64]) -> None:
    """Draw a bust on the part of the canvas that it touches."""
    height, width = rgba.shape[:2]
    corners = np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]], np.float64)
    touched = matrix @ corners
    x0, y0 = np.floor(touched.min(axis=1)).astype(int).clip(0)
    x1, y1 = np.ceil(touched.max(axis=1)).astype(int)
    part = canvas[y0 : max(y1, y0), x0 : max(x1, x0)]
    if not part.size:
        return
    moved = matrix.copy()
    moved[:, 2] -= x0, y0
    layer = cv2.warpAffine(rgba, moved, part.shape[1::-1], flags=cv2.INTER_LINEAR)
    part *= 1 - layer[..., 3:]
    part += layer[..., :3]


def _draw_screen(canvas: Canvas, screen: Screen, time: float, left: int) -> None:
    pose = place_at(screen.way, time)
    if pose is None:
        return
    x0, y0 = round(pose.x - left - screen.width / 2), round(pose.y - screen.height / 2)
    part = canvas[max(y0, 0) : max(y0 + screen.height, 0), max(x0, 0) : max(x0 + screen.width, 0)]
    stripes = 0.3 + 0.08 * np.sin(np.arange(part.shape[1], dtype=np.float32) / 4)
    part[:] = stripes[None, :, None] * np.array([0.7, 1, 0.9], np.float32)


@cache
def _wall(seed: int) -> Canvas:
    """Blotches of three sizes on a tint of its own."""
    random = np.random.default_rng(seed)
    wall = np.full((HEIGHT, WALL_WIDTH), 0.5, np.float32)
    for cell, strength in ((90, 0.16), (24, 0.06), (6, 0.03)):
        cells = random.normal(0, strength, (HEIGHT // cell + 2, WALL_WIDTH // cell + 2))
        grown = cv2.resize(cells.astype(np.float32), None, fx=cell, fy=cell)
        wall += grown[:HEIGHT, :WALL_WIDTH]
    tint = random.uniform(0.75, 1.1, 3).astype(np.float32) * random.uniform(0.75, 1.15)
    return np.asarray((wall[..., None] * tint).clip(0.02, 0.98), np.float32)


@cache
def _grain() -> Canvas:
    noise = np.random.default_rng(1).normal(0, 0.008, (HEIGHT + 7, WIDTH + 64))
    return np.asarray(noise, np.float32)
