from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from emotion_core.overlay import BLOCK_FRAMES, Overlay
from tests.emotion_core.timeline.test_build import (
    make_faces,
    make_index,
    whole_timeline,
    write_timeline,
)

FRAMES = 2 * BLOCK_FRAMES + 50


@pytest.mark.parametrize("stop", [FRAMES, BLOCK_FRAMES + 70])
@pytest.mark.parametrize("stride", [1, 7, 600])
def test_each_frame_shows_the_last_analysed_one(tmp_path: Path, stride: int, stop: int) -> None:
    sampled = np.arange(FRAMES) % stride == 0
    numbers = np.flatnonzero(sampled).tolist()
    faces = make_faces(numbers, [float(number) for number in numbers], [3] * len(numbers))
    table = whole_timeline("a", make_index(FRAMES, sound=True), sampled, [faces])
    write_timeline(tmp_path / "a.parquet", table)
    overlay = Overlay(tmp_path / "a.parquet", sampled, Fraction(25), stop, hiding=True)
    for frame in range(3, stop):
        (label,) = overlay.labels(frame)
        assert label.box[0] == frame // stride * stride
        assert label.box in overlay.hidden(frame)
