"""The scenes that tracks are measured on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from benchmarks.known_faces.scene import HEIGHT, Actor, Scene, Screen, Shot
from scripts.sample_scenes import Pose

SIMPLE: Final = "simple"
CROSSING: Final = "crossing"
OCCLUSION: Final = "occlusion"
MISSED: Final = "missed"
SUCCESSION: Final = "succession"
SCALE: Final = "scale"
CUT: Final = "cut"
NO_CUT: Final = "no cut"


def _stay(x: float, y: float, height: float, start: float, end: float) -> tuple[Pose, ...]:
    """Sway about a place."""
    middle = (start + end) / 2
    return (
        Pose(start, x - 8, y, height, -2),
        Pose(middle, x + 8, y + 4, height * 1.04, 2),
        Pose(end, x - 6, y - 2, height, -1),
    )


def _line(
    begin: tuple[float, float, float], end: tuple[float, float, float], start: float, stop: float
) -> tuple[Pose, ...]:
    """From one place (x, y, height) to another."""
    return Pose(start, *begin), Pose(stop, *end)


def _board(x: float, width: int, start: float, end: float) -> Screen:
    """A board that stands from the floor to the ceiling."""
    return Screen(width, HEIGHT + 20, _line((x, HEIGHT / 2, 0), (x, HEIGHT / 2, 0), start, end))


def _swing(x: float, width: int, start: float, end: float) -> Screen:
    """A board that comes from the right, stands before x, and goes back."""
    away, middle = 640 + width, HEIGHT / 2
    return Screen(
        width,
        HEIGHT + 20,
        (
            Pose(start - 0.2, away, middle, 0),
            Pose(start, x, middle, 0),
            Pose(end, x, middle, 0),
            Pose(end + 0.2, away, middle, 0),
        ),
    )


_SIMPLE = (
    Scene("one_stays", SIMPLE, 4, (Shot(0, (Actor("ada", _stay(320, 170, 110, 0, 9)),)),)),
    Scene(
        "two_walk",
        SIMPLE,
        5,
        (
            Shot(
                0,
                (
                    Actor("ben", _line((150, 150, 80), (250, 170, 100), 0, 9)),
                    Actor("cem", _line((520, 190, 100), (420, 170, 90), 0, 9)),
                ),
                1,
            ),
        ),
    ),
    Scene(
        "three_come_and_go",
        SIMPLE,
        8,
        (
            Shot(
                0,
                (
                    Actor("dee", _line((-60, 130, 80), (160, 140, 80), 0.4, 3)),
                    Actor("dee", _line((160, 140, 80), (-60, 150, 80), 5.5, 7.5)),
                    Actor("eva", _stay(330, 170, 90, 1.5, 6)),
                    Actor("hal", _line((700, 190, 95), (520, 180, 95), 2.2, 7)),
                ),
                2,
            ),
        ),
    ),
    Scene(
        "uneven_clock",
        SIMPLE,
        5,
        (
            Shot(
                0,
                (
                    Actor("gus", _line((120, 180, 95), (270, 160, 105), 0, 5.2)),
                    Actor("fay", _line((420, 160, 85), (540, 180, 95), 0, 5.2)),
                ),
                3,
            ),
        ),
        uneven=True,
    ),
)

_CROSSING = (
    Scene(
        "two_cross",
        CROSSING,
        5,
        (
            Shot(
                0,
                (
                    Actor("ben", _line((540, 165, 85), (100, 165, 85), 0, 5)),
                    Actor("ada", _line((100, 175, 110), (540, 175, 110), 0, 5)),
                ),
                4,
            ),
        ),
    ),
    Scene(
        "alike_cross",
        CROSSING,
        4,
        (
            Shot(
                0,
                (
                    Actor("eva", _line((520, 175, 92), (110, 175, 92), 0, 4)),
                    Actor("ada", _line((110, 180, 96), (520, 180, 96), 0, 4)),
                ),
                5,
            ),
        ),
    ),
    Scene(
        "fast_cross",
        CROSSING,
        4,
        (
            Shot(
                0,
                (
                    Actor("hal", _line((560, 150, 70), (90, 190, 80), 1, 2.4)),
                    Actor("gus", _line((80, 180, 90), (570, 165, 90), 1.1, 2.5)),
                ),
                6,
            ),
        ),
    ),
    Scene(
        "meet_and_turn_back",
        CROSSING,
        6,
        (
            Shot(
                0,
                (
                    Actor(
                        "fay",
                        (
                            Pose(0, 540, 165, 85),
                            Pose(2.6, 330, 165, 88),
                            Pose(3.2, 330, 165, 88),
                            Pose(6, 560, 165, 85),
                        ),
                    ),
                    Actor(
                        "cem",
                        (
                            Pose(0, 90, 175, 100),
                            Pose(2.6, 300, 175, 100),
                            Pose(3.2, 300, 175, 100),
                            Pose(6, 90, 175, 100),
                        ),
                    ),
                ),
                7,
            ),
        ),
    ),
    Scene(
        "three_cross",
        CROSSING,
        6,
        (
            Shot(
                0,
                (
                    Actor("dee", _line((580, 130, 75), (70, 150, 75), 0, 6)),
                    Actor("hal", _line((60, 160, 85), (580, 150, 85), 0.3, 5.5)),
                    Actor("gus", _line((200, 210, 100), (450, 200, 100), 0, 6)),
                ),
                8,
            ),
        ),
    ),
)

_OCCLUSION = (
    Scene(
        "behind_a_post",
        OCCLUSION,
        5,
        (
            Shot(
                0,
                (Actor("ben", _line((100, 160, 85), (560, 175, 90), 0, 5)),),
                9,
                (_board(330, 110, 0, 9),),
            ),
        ),
    ),
    Scene(
        "a_board_for_a_second",
        OCCLUSION,
        6,
        (
            Shot(
                0,
                (
                    Actor("ada", _stay(300, 170, 100, 0, 7)),
                    Actor("fay", _stay(120, 160, 90, 0, 7)),
                ),
                10,
                (_swing(320, 240, 2.2, 3.0),),
            ),
        ),
    ),
    Scene(
        "cross_behind_a_post",
        OCCLUSION,
        5,
        (
            Shot(
                0,
                (
                    Actor("hal", _line((560, 160, 85), (90, 160, 85), 0, 4.4)),
                    Actor("eva", _line((90, 180, 90), (560, 180, 90), 0, 4.4)),
                ),
                11,
                (_board(325, 120, 0, 9),),
            ),
        ),
    ),
    Scene(
        "two_hidden_at_once",
        OCCLUSION,
        5,
        (
            Shot(
                0,
                (
                    Actor("cem", _line((220, 170, 85), (280, 170, 85), 0, 5)),
                    Actor("dee", _line((420, 170, 85), (360, 170, 85), 0, 5)),
                ),
                12,
                (_swing(320, 340, 2.0, 2.7),),
            ),
        ),
    ),
)

_MISSED = (
    Scene(
        "turned_away",
        MISSED,
        6,
        (
            Shot(
                0,
                (
                    Actor("gus", _stay(200, 175, 100, 0, 7), ((1, 1.25), (2, 2.5), (4, 4.4))),
                    Actor(
                        "ben", _line((340, 160, 80), (520, 170, 95), 0, 7), ((1.5, 1.9), (3, 3.5))
                    ),
                ),
                13,
            ),
        ),
    ),
    Scene(
        "turned_away_for_a_second",
        OCCLUSION,
        5,
        (
            Shot(
                0,
                (
                    Actor("cem", _line((150, 165, 90), (330, 175, 95), 0, 6), ((1, 2),)),
                    Actor("ben", _stay(480, 165, 85, 0, 6), ((2.52, 3.52),)),
                ),
                46,
            ),
        ),
    ),
    Scene(
        "turned_away_while_walking",
        MISSED,
        4,
        (
            Shot(
                0,
                (
                    Actor(
                        "ada", _line((80, 160, 80), (560, 180, 95), 0, 4), ((1, 1.3), (2.2, 2.7))
                    ),
                    Actor("hal", _line((560, 150, 60), (400, 140, 60), 0, 4), ((1.8, 2.2),)),
                ),
                14,
            ),
        ),
    ),
)

_SUCCESSION = (
    Scene(
        "another_turns_round",
        SUCCESSION,
        5,
        (
            Shot(
                0,
                (
                    Actor("cem", _stay(280, 170, 95, 0, 6), ((2, 6),)),
                    Actor("dee", _stay(365, 165, 85, 0, 6), ((0, 2.32),)),
                ),
                47,
            ),
        ),
    ),
    Scene(
        "two_take_turns",
        SUCCESSION,
        6,
        (
            Shot(
                0,
                (
                    Actor("ben", _stay(270, 165, 85, 0, 7), ((1.4, 2.3), (4, 7))),
                    Actor("gus", _stay(370, 175, 95, 0, 7), ((0, 1.8), (3, 3.8))),
                ),
                48,
            ),
        ),
    ),
)

_SCALE = (
    Scene(
        "comes_near",
        SCALE,
        5,
        (
            Shot(
                0,
                (
                    Actor("dee", _stay(120, 150, 70, 0, 6)),
                    Actor(
                        "cem",
                        (
                            Pose(0, 400, 140, 60),
                            Pose(1, 400, 140, 60),
                            Pose(3, 380, 190, 180),
                            Pose(5.2, 390, 190, 180),
                        ),
                    ),
                ),
                15,
            ),
        ),
    ),
    Scene(
        "goes_away_turned",
        SCALE,
        5,
        (
            Shot(
                0,
                (
                    Actor(
                        "fay",
                        (Pose(0, 280, 190, 180), Pose(1, 280, 190, 180), Pose(3, 350, 150, 60),
                         Pose(5.2, 350, 150, 60)),
                        ((1.9, 2.2),),
                    ),
                ),
                16,
            ),
        ),
    ),
)  # fmt: skip

_CUT = (
    Scene(
        "other_people",
        CUT,
        6,
        (
            Shot(0, (Actor("ada", _stay(200, 170, 100, 0, 9)),), 17),
            Shot(2.0, (Actor("ben", _stay(420, 165, 90, 0, 9)),), 18),
            Shot(
                4.2,
                (Actor("cem", _stay(300, 170, 95, 0, 9)), Actor("dee", _stay(480, 160, 80, 0, 9))),
                19,
            ),
        ),
    ),
    Scene(
        "same_person_elsewhere",
        CUT,
        5,
        (
            Shot(0, (Actor("gus", _stay(180, 170, 90, 0, 9)),), 20),
            Shot(1.48, (Actor("gus", _stay(450, 180, 130, 0, 9)),), 21),
            Shot(3.3, (Actor("gus", _stay(440, 180, 120, 0, 9)),), 22),
        ),
    ),
    Scene(
        "another_at_the_same_place",
        CUT,
        6,
        (
            Shot(0, (Actor("eva", _stay(320, 170, 100, 0, 9)),), 23),
            Shot(1.72, (Actor("ada", _stay(320, 170, 100, 0, 9)),), 24),
            Shot(3.6, (Actor("hal", _stay(322, 172, 100, 0, 9)),), 25),
        ),
    ),
    Scene(
        "quick_shots",
        CUT,
        4,
        tuple(
            Shot(0.48 * i, (Actor(who, _stay(240 + 40 * (i % 4), 170, 95, 0, 9)),), 26 + i)
            for i, who in enumerate(("fay", "cem", "fay", "ben", "cem", "ada", "eva", "ada"))
        ),
        uneven=True,
    ),
)  # fmt: skip

_NO_CUT = (
    Scene(
        "flashes",
        NO_CUT,
        5,
        (
            Shot(
                0,
                (Actor("ben", _stay(200, 170, 90, 0, 9)), Actor("gus", _stay(430, 170, 95, 0, 9))),
                40,
            ),
        ),
        light=(
            (0, 1), (1.0, 1), (1.04, 2.2), (1.12, 1), (2.48, 1), (2.52, 3), (2.56, 3), (2.6, 1),
            (3.6, 1), (3.64, 1.8), (3.68, 1),
        ),
    ),
    Scene(
        "fades",
        NO_CUT,
        6,
        (Shot(0, (Actor("hal", _stay(300, 170, 100, 0, 9)),), 41),),
        light=((0, 0), (1, 1), (3, 1), (3.3, 0.35), (3.7, 0.35), (4.0, 1), (5.2, 1), (5.9, 0)),
    ),
    Scene(
        "pans",
        NO_CUT,
        5,
        (
            Shot(
                0,
                (Actor("ada", _stay(500, 170, 95, 0, 9)), Actor("cem", _stay(800, 170, 95, 0, 9))),
                42,
                camera=((0, 100), (1, 100), (1.6, 480), (3, 480), (3.5, 150), (5, 150)),
            ),
        ),
    ),
    Scene(
        "whip_pan",
        NO_CUT,
        4,
        (
            Shot(
                0,
                (Actor("eva", _stay(300, 170, 95, 0, 9)), Actor("ben", _stay(1500, 170, 95, 0, 9))),
                43,
                camera=((0, 0), (1.5, 0), (2.1, 1200), (4, 1200)),
            ),
        ),
    ),
    Scene(
        "the_light_goes_on",
        NO_CUT,
        4,
        (Shot(0, (Actor("dee", _stay(320, 170, 110, 0, 9)),), 44),),
        light=((0, 0.45), (1.96, 0.45), (2.0, 1), (4, 1)),
    ),
)  # fmt: skip

SCENES: Final[Mapping[str, Scene]] = MappingProxyType(
    {
        scene.name: scene
        for scene in (
            *_SIMPLE,
            *_CROSSING,
            *_OCCLUSION,
            *_MISSED,
            *_SUCCESSION,
            *_SCALE,
            *_CUT,
            *_NO_CUT,
        )
    }
)
