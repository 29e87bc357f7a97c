"""Rows of a timeline to spans: consecutive rows of a track that are alike in what they show."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

PROBABILITY_UNIT: Final = 2.0**-25
"""float32 from 0.25 on is a whole multiple of this, so that sums of probabilities are exact and do
not depend on how rows come in blocks."""

GAP_US: Final = 1_000_000
"""Where frames are missing for longer, a frame does not last until the next one."""

NONE: Final = -1
"""The emotion of a span in which none leads."""


@dataclass(frozen=True)
class Rows:
    """Some rows of a timeline, each array of shape (n,); all rows of a frame lie together.

    Attributes
    ----------
    frame : ndarray [int64]
    start_us, end_us : ndarray [int64, µs]
        Time of the frame, and of the analysed frame that follows it.
    track : ndarray [int64]
        -1 without a face.
    emotion, second : ndarray [int64]
        The likeliest emotion and the one after it: positions in `EMOTIONS`.
    confidence, runner_up : ndarray [float32, 0-1]
        Smoothed probabilities of these two.
    uncertain : ndarray [bool]
    gap : ndarray [bool]
        Whether frames are missing before this one.
    """

    frame: NDArray[np.int64]
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    track: NDArray[np.int64]
    emotion: NDArray[np.int64]
    second: NDArray[np.int64]
    confidence: NDArray[np.float32]
    runner_up: NDArray[np.float32]
    uncertain: NDArray[np.bool_]
    gap: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Rows:
        """Some of the rows, in the order of `rows`."""
        return Rows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def followed_by(self, other: Rows) -> Rows:
        """These rows, then the others."""
        names = self.__dataclass_fields__
        return Rows(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in names))


@dataclass(frozen=True)
class Span:
    """Consecutive rows of a track in which the same emotion leads, or none.

    Attributes
    ----------
    track, emotion : int
    contested : int
        The one other emotion that could be meant in all of its rows, or none.
    onset_us, apex_us, offset_us : int
        Start of the first frame, start of that of the apex, end of the last.
    onset_frame, apex_frame, offset_frame : int
    apex : float, 0-1
        The highest probability of its emotion.
    frames : int
    shown_us, uncertain_us : int
        How long its frames last together, and those that are uncertain.
    probability_sum, contested_sum : int
        Sums over frames of probability times duration, of its emotion and of the second likeliest,
        in `PROBABILITY_UNIT` · µs.
    """

    track: int
    emotion: int
    contested: int
    onset_us: int
    apex_us: int
    offset_us: int
    onset_frame: int
    apex_frame: int
    offset_frame: int
    apex: float
    frames: int
    shown_us: int
    uncertain_us: int
    probability_sum: int
    contested_sum: int

    def followed_by(self, other: Span) -> Span:
        """Both as one, where `other` is the next of the track; of equal apices the first counts."""
        higher = other if other.apex > self.apex else self
        return replace(
            self,
            contested=self.contested if self.contested == other.contested else NONE,
            apex_us=higher.apex_us,
            apex_frame=higher.apex_frame,
            apex=higher.apex,
            offset_us=other.offset_us,
            offset_frame=other.offset_frame,
            frames=self.frames + other.frames,
            shown_us=self.shown_us + other.shown_us,
            uncertain_us=self.uncertain_us + other.uncertain_us,
            probability_sum=self.probability_sum + other.probability_sum,
            contested_sum=self.contested_sum + other.contested_sum,
        )

    def of_contested(self) -> Span:
        """The same rows as a span of the emotion that contests it, without an apex."""
        return replace(
            self, emotion=self.contested, contested=NONE, apex=0.0,
            probability_sum=self.contested_sum, contested_sum=0,
        )  # fmt: skip


def with_ends(blocks: Iterable[Rows]) -> Iterator[Rows]:
    """The same rows with the end of each frame, a few later than they come.

    A frame lasts as long as `frame_ends` says.
    """
    held: Rows | None = None
    step_us = 0
    for block in blocks:
        rows = block if held is None else held.followed_by(block)
        if not len(rows):
            continue
        # The last frame ends where the next block begins.
        complete = int(np.searchsorted(rows.frame, rows.frame[-1]))
        held = rows.take(slice(complete, None))
        if complete:
            end_us, step_us = frame_ends(rows.frame, rows.start_us, step_us, rows.gap)
            yield replace(rows, end_us=end_us).take(slice(None, complete))
    if held is not None:
        yield replace(held, end_us=held.start_us + step_us)


def frame_ends(
    frame: NDArray[np.int64],
    start_us: NDArray[np.int64],
    step_us: int,
    gap: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int64], int]:
    """End in µs of the frame of each row, and how long the last frame but one lasts.

    A frame lasts until the analysed frame after it. Where that is not known, it lasts as long as
    the frame before it: at the end of the file, where its clock steps back, and where frames are
    missing for more than `GAP_US`.

    Parameters
    ----------
    frame, start_us : ndarray [shape=(n,), int64]
        At least one row; all rows of a frame lie together.
    step_us : int
        How long the frame before these lasts. Of the last frame the end is only a guess.
    gap : ndarray [shape=(n,), bool], optional
        Whether frames are missing before that of the row.
    """
    first = np.append(True, frame[1:] != frame[:-1])
    steps = np.append(step_us, np.diff(start_us[first]))
    is_known = steps >= 0
    if gap is not None:
        is_known[1:] &= ~(gap[first][1:] & (steps[1:] > GAP_US))
    known = steps[np.maximum.accumulate(np.where(is_known, np.arange(len(steps)), 0))]
    lasting = np.append(known[1:], known[-1])
    return start_us + lasting[np.cumsum(first) - 1], int(known[-1])


def find_spans(rows: Rows, enter: float, leave: float, bridge_us: int) -> list[Span]:
    """Spans of some rows, by track and then by time.

    Parameters
    ----------
    rows : Rows
    enter, leave : float
        A row is of the likeliest emotion where that reaches `leave`, else of none; it is contested
        by the second likeliest where that reaches `leave`, too, and the likeliest not `enter`.
    bridge_us : int
        A span ends where its track is not seen for longer.
    """
    faces = np.flatnonzero(rows.track >= 0)
    if not len(faces):
        return []
    rows = rows.take(faces[np.argsort(rows.track[faces], kind="stable")])
    emotion = np.where(rows.confidence >= np.float32(leave), rows.emotion, NONE)
    could_be = (rows.runner_up >= np.float32(leave)) & (rows.confidence < np.float32(enter))
    contested = np.where(could_be, rows.second, NONE)
    unseen_us = rows.start_us[1:] - rows.end_us[:-1]
    breaks = (unseen_us > bridge_us) | (unseen_us < 0)
    for values in (rows.track, emotion, contested):
        breaks |= values[1:] != values[:-1]
    starts = np.append(0, np.flatnonzero(breaks) + 1)
    duration = rows.end_us - rows.start_us
    sums = {
        "shown_us": duration,
        "uncertain_us": duration * rows.uncertain,
        "probability_sum": duration * _units(rows.confidence),
        "contested_sum": duration * _units(rows.runner_up),
    }
    sums = {name: np.add.reduceat(values, starts) for name, values in sums.items()}
    spans = []
    bounds = [*starts.tolist(), len(rows)]
    for number, (first, stop) in enumerate(itertools.pairwise(bounds)):
        last = stop - 1
        apex = first + int(rows.confidence[first:stop].argmax())
        spans.append(
            Span(
                track=int(rows.track[first]),
                emotion=int(emotion[first]),
                contested=int(contested[first]),
                onset_us=int(rows.start_us[first]),
                apex_us=int(rows.start_us[apex]),
                offset_us=int(rows.end_us[last]),
                onset_frame=int(rows.frame[first]),
                apex_frame=int(rows.frame[apex]),
                offset_frame=int(rows.frame[last]),
                apex=float(rows.confidence[apex]),
                frames=stop - first,
                **{name: int(values[number]) for name, values in sums.items()},
            )
        )
    return spans


def _units(probability: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.rint(probability.astype(np.float64) / PROBABILITY_UNIT).astype(np.int64)
