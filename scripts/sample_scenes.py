"""The scenes of `sample_media/`: people cut from two portraits, placed in front of a wall."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]  # RGB

HOPPER_OUTLINE = (
    "12,600 18,500 24,440 45,390 150,345 196,322 197,300 172,280 157,220 158,190 150,170 "
    "150,95 172,82 180,50 232,25 288,25 345,55 354,85 372,95 372,180 375,215 360,275 350,305 "
    "332,312 332,322 440,362 492,392 511,440 511,600"
)
COLLINS_OUTLINE = (
    "22,345 45,290 60,260 112,215 118,180 150,152 182,150 180,120 155,95 153,60 185,25 225,12 "
    "270,20 300,60 300,100 275,135 262,172 290,195 305,240 340,265 362,345"
)


@dataclass(frozen=True)
class Cutout:
    """A person cut from a portrait: premultiplied RGBA (float32, 0 to 1) and where the face is."""

    rgba: NDArray[np.float32]
    face_x: float
    face_y: float
    face_height: float

    def halved(self) -> "Cutout":
        """Return the cutout at half the size."""
        height, width = self.rgba.shape[:2]
        small = cv2.resize(self.rgba, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        return Cutout(small, self.face_x / 2, self.face_y / 2, self.face_height / 2)


@dataclass(frozen=True)
class Pose:
    """Where a face is: centre and height in px of the frame, roll in degrees, at `time` s."""

    time: float
    x: float
    y: float
    face_height: float
    roll: float = 0.0


def portrait(package: str, inner_path: str) -> Picture:
    """Read a picture that an installed package ships, without importing the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is needed for its sample portrait: pip install {package}")
    with Image.open(Path(spec.origin).parent / inner_path) as image:
        return np.asarray(image.convert("RGB"))


@cache
def hopper_portrait() -> Picture:
    """Rear Admiral Grace Hopper, 512 by 600."""
    return portrait("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")


@cache
def collins_portrait() -> Picture:
    """Eileen Collins, 512 by 512."""
    return portrait("skimage", "data/astronaut.png")


@cache
def hopper() -> Cutout:
    """Hopper without her background."""
    return cut_out(hopper_portrait(), HOPPER_OUTLINE, (268, 226, 212))


@cache
def collins() -> Cutout:
    """Collins without her background, from the chest up."""
    return cut_out(collins_portrait()[:345], COLLINS_OUTLINE, (223, 119, 113))


def cut_out(picture: Picture, outline: str, face: tuple[float, float, float]) -> Cutout:
    """Cut a person out along a rough outline ("x,y x,y …"), refined by GrabCut."""
    points = np.array([[int(n) for n in point.split(",")] for point in outline.split()])
    inside = cv2.fillPoly(np.zeros(picture.shape[:2], np.uint8), [points], 1)
    # Replicated borders: the person goes on below the picture.
    sure = cv2.erode(inside, disc(25), borderType=cv2.BORDER_REPLICATE)
    maybe = cv2.dilate(inside, disc(11))
    labels = np.select(
        [sure > 0, inside > 0, maybe > 0], [cv2.GC_FGD, cv2.GC_PR_FGD, cv2.GC_PR_BGD], cv2.GC_BGD
    ).astype(np.uint8)
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, labels, None, *models, 6, cv2.GC_INIT_WITH_MASK)
    mask = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc(9), borderType=cv2.BORDER_REPLICATE)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc(9), borderType=cv2.BORDER_REPLICATE)
    # One pixel narrower, so that no rim of the old background shows.
    mask = cv2.erode(mask, disc(3), borderType=cv2.BORDER_REPLICATE)
    alpha = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.3)
    alpha[:, [0, -1]] = 0
    rgba = np.dstack([picture / np.float32(255) * alpha[..., None], alpha])
    return Cutout(rgba.astype(np.float32), *face)


def disc(diameter: int) -> NDArray[np.uint8]:
    """Return a round kernel."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter))


@cache
def background(width: int, height: int, warm: bool = True) -> NDArray[np.float32]:
    """Return a softly lit wall, out of focus: plain, but nowhere the same."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    light = np.exp(-((x - 0.35) ** 2 / 0.25 + (y - 0.25) ** 2 / 0.35))
    window = 1 / (1 + np.exp(-(0.06 - np.abs(x - 0.82 + 0.1 * y)) / 0.03))
    shade = 0.5 + 0.32 * light + 0.08 * window - 0.16 * y
    tint = np.array([1.0, 0.93, 0.84] if warm else [0.82, 0.93, 1.0], np.float32)
    # Grain against banding.
    grain = np.random.default_rng(0).normal(0, 0.004, shade.shape)
    return ((shade + grain)[..., None] * tint).clip(0, 1).astype(np.float32)


def place(canvas: NDArray[np.float32], person: Cutout, pose: Pose) -> NDArray[np.float32]:
    """Return the canvas with a person on it; the body always reaches its lower edge."""
    height, width = canvas.shape[:2]
    while person.face_height > 2 * pose.face_height:
        person = person.halved()
    scale = pose.face_height / person.face_height
    body = (person.rgba.shape[0] - person.face_y) * scale
    # A rolled body ends higher on one side.
    y = max(pose.y, height - body + 0.15 * pose.face_height)
    matrix = cv2.getRotationMatrix2D((person.face_x, person.face_y), pose.roll, scale)
    matrix[:, 2] += pose.x - person.face_x, y - person.face_y
    layer = cv2.warpAffine(person.rgba, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return canvas * (1 - layer[..., 3:]) + layer[..., :3]


def pose_at(poses: Sequence[Pose], time: float) -> Pose | None:
    """Return the pose at a time, eased between key poses; None before and after them."""
    for start, end in pairwise(poses):
        if start.time <= time < end.time:
            share = (time - start.time) / (end.time - start.time)
            # Half eased, half even: people neither stop dead nor glide.
            share = 0.5 * share + 0.5 * share * share * (3 - 2 * share)
            a, b = (np.array([p.x, p.y, p.face_height, p.roll]) for p in (start, end))
            x, y, face_height, roll = a + share * (b - a)
            sway = np.sin(2 * np.pi * time / 1.4)
            return Pose(time, x, y + 0.02 * face_height * sway, face_height, roll + 1.5 * sway)
    return None


def to_picture(canvas: NDArray[np.float32]) -> Picture:
    """Return 0 to 1 as 0 to 255."""
    return (canvas * 255 + 0.5).clip(0, 255).astype(np.uint8)


FRONT_MEETING = (
    Pose(0.8, -150, 190, 100),
    Pose(2.0, 190, 190, 106, -2),
    Pose(3.0, 205, 186, 122, 2),
    Pose(3.9, 190, 188, 130, -1),
    Pose(5.0, -170, 190, 130, 2),
)
BACK_MEETING = (
    Pose(1.3, 800, 205, 80),
    Pose(2.6, 440, 200, 82, 3),
    Pose(3.7, 455, 180, 108, -2),
    Pose(5.0, 850, 180, 104, -3),
)
FRONT_CROSSING = (
    Pose(5.5, 790, 190, 105),
    Pose(6.6, 460, 185, 110, 2),
    Pose(7.4, 215, 190, 116, -2),
    Pose(8.5, -160, 195, 120),
)
BACK_CROSSING = (
    Pose(5.4, -100, 220, 70),
    Pose(6.6, 215, 215, 72, -3),
    Pose(7.4, 425, 210, 75, 2),
    Pose(8.5, 800, 205, 78),
)

PHONE_WALK = (
    Pose(0.0, 150, 200, 75),
    Pose(1.8, 330, 190, 105, 3),
    Pose(3.4, 400, 175, 135, -3),
    Pose(5.0, 310, 180, 110, 2),
    Pose(6.5, 300, 180, 100),
)

UPRIGHT_WALK = (
    Pose(0.0, 570, 300, 150),
    Pose(1.4, 190, 290, 150, -2),
    Pose(2.6, 165, 270, 180, 3),
    Pose(4.1, 190, 280, 160, -2),
)


def draw_meeting(time: float) -> Picture:
    """Both come, move, change size and go; then they cross, Hopper in front."""
    canvas = background(640, 360)
    for person, poses in (
        (collins(), BACK_MEETING),
        (hopper(), FRONT_MEETING),
        (collins(), BACK_CROSSING),
        (hopper(), FRONT_CROSSING),
    ):
        pose = pose_at(poses, time)
        if pose is not None:
            canvas = place(canvas, person, pose)
    return to_picture(canvas)


def draw_walk(
    person: Cutout, poses: Sequence[Pose], width: int, height: int
) -> Callable[[float], Picture]:
    """Return a function that draws one person at a time in seconds."""

    def draw(time: float) -> Picture:
        pose = pose_at(poses, time)
        canvas = background(width, height, warm=False)
        return to_picture(canvas if pose is None else place(canvas, person, pose))

    return draw


def draw_group() -> Picture:
    """Both beside each other, and a small framed portrait on the wall behind them."""
    canvas = background(900, 600).copy()
    grey = collins_portrait()[10:250, 110:310].mean(axis=2)[:, ::-1] / 255
    sepia = (grey[..., None] * np.array([1.0, 0.92, 0.78])).astype(np.float32)
    framed = cv2.copyMakeBorder(
        cv2.resize(sepia, (125, 150), interpolation=cv2.INTER_AREA),
        *(9, 9, 9, 9),
        cv2.BORDER_CONSTANT,
        value=(0.28, 0.2, 0.13),
    )
    top, left = 40, 402
    canvas[top : top + framed.shape[0], left : left + framed.shape[1]] = framed
    canvas = place(canvas, collins(), Pose(0, 655, 300, 165, -2))
    return to_picture(place(canvas, hopper(), Pose(0, 255, 285, 190, 2)))
