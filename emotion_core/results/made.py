"""What a timeline's metadata say about how it was made, as far as rows can be held against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import Calibration
from emotion_core.errors import MediaError
from emotion_core.media.clock import JUMPS_KEPT, times_us
from emotion_core.results.block import Block


@dataclass(frozen=True)
class Made:
    """What a timeline's metadata say about how it was made.

    Attributes
    ----------
    calibration : Calibration
    stills : int or None
        How many stills it holds; None for a video.
    frames : int
        Of the video, analysed or not; 1 for stills.
    time_base : Fraction, s
    pts0 : int
        PTS of the video's first frame.
    jumps : tuple of tuple of int
        Frames from which on so many ticks are added to the PTS, and these; at most `JUMPS_KEPT`.
    decode_errors : int or None
        Reported while the video was indexed; None where the timeline does not say.
    stride : int or None
        Every how many frames one was analysed; None where times decided.
    has_start, has_end : bool
        Whether a part of the video only was asked for.
    """

    calibration: Calibration
    stills: int | None
    frames: int
    time_base: Fraction
    pts0: int
    stride: int | None
    has_start: bool
    has_end: bool
    jumps: tuple[tuple[int, int], ...] = ()
    decode_errors: int | None = None

    @classmethod
    def of(cls, timeline: Path, metadata: Mapping[str, Any]) -> Made:
        """From the metadata of a timeline.

        Raises
        ------
        MediaError
            They lack something.
        """
        try:
            calibration = Calibration.of_card(metadata["model"])
            if "inputs" in metadata:
                count = len(metadata["inputs"])
                return cls(calibration, count, 1, Fraction(1), 0, None, False, False)
            analysis = metadata["analysis"]
            return cls(
                calibration,
                stills=None,
                frames=int(metadata["frames"]),
                time_base=Fraction(metadata["time_base"]),
                pts0=int(metadata["pts0"]),
                stride=_stride(metadata),
                has_start=analysis["start"] is not None,
                has_end=analysis["end"] is not None,
                jumps=tuple((int(f), int(s)) for f, s in metadata.get("clock_jumps", ())),
                decode_errors=_count(metadata.get("decode_errors")),
            )
        except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise MediaError(timeline, f"its metadata lack or garble {error}") from error


def _stride(metadata: Mapping[str, Any]) -> int | None:
    # Of a live source, frames may have been dropped.
    if "live" in metadata or metadata["analysis"]["sample_fps"] is not None:
        return None
    return int(metadata["analysis"]["stride"])


def _count(value: Any) -> int | None:
    return None if value is None else int(value)


def wrongly_timed(block: Block, made: Made) -> NDArray[np.bool_]:
    """Rows whose time is not what PTS, time base, first PTS and jumps of the clock say."""
    pts, frame = block.whole("pts"), block.whole("frame")
    known = np.ones(len(block), np.bool_)
    if made.jumps:
        starts, shifts = (np.array(values, np.int64) for values in zip(*made.jumps, strict=True))
        place = np.searchsorted(starts, frame, side="right")
        pts = pts + np.append(0, shifts)[place]
        if len(starts) == JUMPS_KEPT:
            known = frame < starts[-1]
    expected = times_us(pts, made.pts0, made.time_base)
    return np.asarray(known & (block.whole("time_us") != expected))
