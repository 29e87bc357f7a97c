"""What was seen of a live source as rows of its timeline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from emotion_core.faces.faces import Faces
from emotion_core.live.analyser import Seen
from emotion_core.media.index import DAMAGED, OK
from emotion_core.timeline.build import LiveFrames, live_rows
from emotion_core.timeline.window import TrackedFaces


def rows_of(source: str, seen: Sequence[Seen]) -> pa.Table:
    """One row per face, and one per frame without a face, of at least one frame."""
    frames = LiveFrames(
        number=np.array([frame.number for frame in seen], np.int64),
        time_us=np.array([frame.time_us for frame in seen], np.int64),
        wall_us=np.array([frame.wall_us for frame in seen], np.int64),
        status=np.array([DAMAGED if frame.damaged else OK for frame in seen], np.uint8),
        gap=np.array([frame.gap for frame in seen], np.bool_),
    )
    shown = TrackedFaces(
        Faces.concatenate(frame.faces for frame in seen),
        np.concatenate([frame.track for frame in seen]),
    )
    return live_rows(
        source,
        frames,
        shown,
        scaled=np.concatenate([frame.scaled for frame in seen]),
        smoothed=np.concatenate([frame.smoothed for frame in seen]),
        limits=np.concatenate([frame.limits for frame in seen]),
    )
