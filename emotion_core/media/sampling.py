"""Which frames of a video are in the range that was asked for, analysed, and searched for faces."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.media.camera_cuts import FLASH_FRAMES, FLASH_US
from emotion_core.media.clock import MICROSECONDS, frames_in_range, frames_on_grid, times_us
from emotion_core.media.index import OK, UNDECODABLE, VideoIndex
from emotion_core.options import AnalysisOptions

LONGEST_SPAN: Final = 8
"""Analysed frames from one search to the next, whatever the interval: these pictures are held."""


def frame_range(index: VideoIndex, options: AnalysisOptions) -> tuple[int, int]:
    """First frame and the one after the last, of start <= time < end; equal where none is."""
    info = index.info
    start, end = (
        None if value is None else _exactly(value) for value in (options.start, options.end)
    )
    inside = np.flatnonzero(frames_in_range(index.pts, info.pts0, info.time_base, start, end))
    return (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, 0)


def chosen_frames(index: VideoIndex, options: AnalysisOptions) -> NDArray[np.bool_]:
    """Frames that `--sample-fps` or `--stride` choose, shape (n,), whatever the range.

    The grid starts at the file's first frame, so that runs over different ranges agree where they
    overlap.
    """
    if options.sample_fps is not None:
        rate = _exactly(options.sample_fps)
        return frames_on_grid(index.pts, index.info.pts0, index.info.time_base, rate)
    return np.asarray(np.arange(len(index)) % options.stride == 0)


def sampled_frames(index: VideoIndex, options: AnalysisOptions) -> NDArray[np.bool_]:
    """Frames to analyse, shape (n,): those of `chosen_frames` that are in the range."""
    first, stop = frame_range(index, options)
    numbers = np.arange(len(index))
    return chosen_frames(index, options) & (numbers >= first) & (numbers < stop)


def searched_frames(index: VideoIndex, options: AnalysisOptions) -> NDArray[np.bool_]:
    """Frames that are searched for faces whatever their neighbours show, shape (n,).

    Of the chosen frames that can be decoded, whatever the range:
    the first of each `detection_interval` since the first frame, damaged ones, and those on either
    side of a longer pause or of a clock that steps back. So from one to the next there are less
    than two intervals, and what is between two of them does not depend on anything else.
    """
    usable = np.flatnonzero(chosen_frames(index, options) & (index.status != UNDECODABLE))
    interval_us = round(options.detection_interval * MICROSECONDS)
    searched = np.zeros(len(index), np.bool_)
    if interval_us == 0:
        searched[usable] = True
        return searched
    time_us = times_us(index.pts[usable], index.info.pts0, index.info.time_base)
    steps = np.diff(time_us)
    apart = (steps <= 0) | (steps > interval_us)
    chosen = (np.arange(len(usable)) % LONGEST_SPAN == 0) | (index.status[usable] != OK)
    chosen[1:] |= (np.diff(time_us // interval_us) != 0) | apart
    chosen[:-1] |= apart
    chosen[-1:] = True
    searched[usable[chosen]] = True
    return searched


def searched_around(
    first: int, stop: int, sampled: NDArray[np.bool_], searched: NDArray[np.intp]
) -> tuple[int, int]:
    """The frames first … stop - 1, and so many on either side that searched ones enclose all.

    Parameters
    ----------
    first, stop : int
    sampled : ndarray [shape=(n,), bool]
        Frames that are analysed, over the whole video.
    searched : ndarray [shape=(m,), int]
        Rising numbers of the frames that `searched_frames` chooses.
    """
    wanted = first + np.flatnonzero(sampled[first:stop])
    if not len(wanted):
        return first, stop
    before = searched[: np.searchsorted(searched, wanted[0], side="right")]
    after = searched[np.searchsorted(searched, wanted[-1]) :]
    # Where an end has none, its frames cannot be decoded.
    low, last = before[-1:].tolist(), after[:1].tolist()
    return min([first, *low]), max([stop - 1, *last]) + 1


def compared_around(
    first: int,
    stop: int,
    sampled: NDArray[np.bool_],
    compared: NDArray[np.intp],
    index: VideoIndex,
) -> tuple[int, int]:
    """The frames first … stop - 1, and those around that tell whether cuts are among them.

    These are what `CutFinder` compares: the one before the first that is analysed, and those within
    `FLASH_US` on either side.

    Parameters
    ----------
    first, stop : int
    sampled : ndarray [shape=(n,), bool]
        Frames that are analysed, over the whole video.
    compared : ndarray [shape=(m,), int]
        Rising numbers of the sound frames that `chosen_frames` chooses.
    index : VideoIndex
    """
    low, high = np.searchsorted(compared, [first, stop]).tolist()
    if not sampled[first:stop].any() or low == high:
        return first, stop
    # A long video has many segments: only what may be reached is looked at.
    start = max(low - FLASH_FRAMES, 0)
    near = compared[start : high + FLASH_FRAMES]
    time_us = times_us(index.pts[near], index.info.pts0, index.info.time_base)
    low, high = low - start, high - start
    before = max(low - 1, 0)
    while before > 0 and 0 < time_us[low] - time_us[before - 1] <= FLASH_US:
        before -= 1
    after = high - 1
    while after + 1 < len(near) and 0 < time_us[after + 1] - time_us[high - 1] <= FLASH_US:
        after += 1
    return min(first, int(near[before])), max(stop, int(near[after]) + 1)


def _exactly(value: float) -> Fraction:
    """The decimal that was written, not the binary number nearest to it."""
    return Fraction(str(float(value)))
