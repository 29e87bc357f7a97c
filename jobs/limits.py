"""How long a task may take before its worker is taken for hung."""

from __future__ import annotations

from typing import Final

from emotion_core.media.index import VideoInfo
from emotion_core.media.video import Segment
from emotion_core.stills_task import DrawStillsTask, StillsTask
from emotion_core.tasks import AnalyseTask, IndexTask, JoinTask, RenderTask, Task, TimelineTask

BASE_S: Final = 300.0
PER_MEGABYTE_S: Final = 10.0
PER_STILL_S: Final = 60.0
PER_FRAME_S: Final = 0.5
"""For each frame, and again for each megapixel of it: some 50 times what they take on one core."""


def time_limit_s(task: Task) -> float:
    """Seconds that a task may take: the longer, the more frames and pixels it holds."""
    match task:
        case IndexTask(path=path):
            try:
                return BASE_S + path.stat().st_size / 1e6 * PER_MEGABYTE_S
            except OSError:
                return BASE_S
        case AnalyseTask(around=segment) | RenderTask(segment=segment):
            frames = len(segment) + _frames_before(segment)
            return BASE_S + frames * PER_FRAME_S * (1 + _megapixels(segment.info))
        case TimelineTask(index=index) | JoinTask(index=index):
            return BASE_S + len(index) * PER_FRAME_S
        case StillsTask(paths=paths) | DrawStillsTask(paths=paths):
            return BASE_S + len(paths) * PER_STILL_S
        case _:
            return BASE_S


def _frames_before(segment: Segment) -> float:
    """About how many frames are decoded on the way to the first."""
    if segment.seek_pts is None:
        return segment.preceding
    info = segment.info
    return float((int(segment.pts[0]) - segment.seek_pts) * info.time_base * info.frame_rate)


def _megapixels(info: VideoInfo) -> float:
    return info.stored_width * info.stored_height / 1e6
