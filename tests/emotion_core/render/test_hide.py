from __future__ import annotations

import numpy as np
import pyarrow as pa

from emotion_core.render.hide import boxes_to_hide


def rows(*faces: tuple[int, int, float]) -> pa.Table:
    """Frame, track and left edge of each face."""
    frame, track, left = zip(*faces, strict=True)
    ones = [10.0] * len(faces)
    columns = {"frame": frame, "track": track, "box_x": left, "box_y": ones}
    return pa.table(columns | {"box_w": ones, "box_h": ones})


def lefts(hidden: dict[int, list[tuple[float, float, float, float]]], frame: int) -> list[float]:
    return sorted(box[0] for box in hidden.get(frame, []))


def test_a_face_missed_between_two_frames_is_hidden_on_its_way() -> None:
    hidden = boxes_to_hide(rows((0, 0, 0.0), (4, 0, 40.0), (0, 1, 300.0)), np.arange(6))
    assert [lefts(hidden, frame) for frame in range(6)] == [
        [0, 300], [10], [20], [30], [40], [],
    ]  # fmt: skip


def test_between_analysed_frames_both_sides_are_hidden() -> None:
    hidden = boxes_to_hide(rows((0, 0, 0.0), (3, 1, 99.0)), np.array([0, 3, 6]))
    assert [lefts(hidden, frame) for frame in range(7)] == [
        [0], [0, 99], [0, 99], [99], [99], [99], [],
    ]  # fmt: skip
