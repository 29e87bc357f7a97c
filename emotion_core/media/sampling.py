"""Which frames of a video are in the range that was asked for, and which of them are analysed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from emotion_core.media.clock import frames_in_range, frames_on_grid
from emotion_core.media.index import VideoIndex
from emotion_core.options import AnalysisOptions


def frame_range(index: VideoIndex, options: AnalysisOptions) -> tuple[int, int]:
    """First frame and the one after the last, of start <= time < end; equal where none is."""
    info = index.info
    start, end = (
        None if value is None else _exactly(value) for value in (options.start, options.end)
    )
    inside = np.flatnonzero(frames_in_range(index.pts, info.pts0, info.time_base, start, end))
    return (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, 0)


def sampled_frames(index: VideoIndex, options: AnalysisOptions) -> NDArray[np.bool_]:
    """Frames to analyse, shape (n,), over the whole video.

    The grid starts at the file's first frame, whatever the range, so that runs over different
    ranges agree where they overlap.
    """
    first, stop = frame_range(index, options)
    if options.sample_fps is not None:
        rate = _exactly(options.sample_fps)
        chosen = frames_on_grid(index.pts, index.info.pts0, index.info.time_base, rate)
    else:
        chosen = np.arange(len(index)) % options.stride == 0
    numbers = np.arange(len(index))
    return chosen & (numbers >= first) & (numbers < stop)


def _exactly(value: float) -> Fraction:
    """The decimal that was written, not the binary number nearest to it."""
    return Fraction(str(float(value)))
