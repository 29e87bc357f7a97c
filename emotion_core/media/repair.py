"""Times and frames that decoding does not give, put in from what is known."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

PAIRED_SHARE: Final = 0.25
"""Of the packets where nothing is damaged; where more give no frame, fields come in pairs."""

FIELD_STEPS: Final = 0.75
"""A second field lies half the step from frame to frame after its first."""

STEPS_BACK_SHARE: Final = 0.05
"""Of the frames. Where a container knows PTS, fewer that step back are a fault of single frames."""


def fill_gaps(pts: list[int | None]) -> NDArray[np.int64]:
    """PTS with those that are missing put evenly between their neighbours, or one step beyond."""
    known = np.array([i for i, value in enumerate(pts) if value is not None])
    values = np.array([value for value in pts if value is not None], np.int64)
    if len(known) == len(pts):
        return values
    step = int(np.median(np.diff(values))) if len(values) > 1 else 1
    # Neighbours beyond either end continue at the usual step.
    known = np.concatenate([[-1], known, [len(pts)]])
    ends = values[0] - step * (known[1] + 1), values[-1] + step * (len(pts) - known[-2])
    values = np.concatenate([[ends[0]], values, [ends[1]]])
    filled = np.interp(np.arange(len(pts)), known, (values - values[0]).astype(np.float64))
    return np.asarray(np.rint(filled) + values[0], np.int64)


def dts_are_the_clock(
    pts: list[int | None],
    dts: list[int | None],
    stretch: NDArray[np.int64],
    *,
    knows_pts: bool,
) -> bool:
    """Whether DTS are to be taken for the times of frames, as they come from the decoder.

    Containers that know decoding times only get PTS made up by FFmpeg, in the order of decoding;
    the decoder then puts them in another. So where they step back more often than DTS do, these are
    the clock (FFmpeg's `best_effort_timestamp`, over the whole file).

    Parameters
    ----------
    pts, dts : list of int or None
        Of frames.
    stretch : ndarray [shape=(n,), int64]
        Of the file, that each frame belongs to; clocks start again between them.
    knows_pts : bool
        The container has PTS of its own.
    """
    within = (stretch[1:] == stretch[:-1]).tolist()
    steps = [
        b - a
        for a, b, same in zip(pts, pts[1:], within, strict=False)
        if same and a is not None and b is not None
    ]
    back = sum(step < 0 for step in steps)
    steps = [
        b - a
        for a, b, same in zip(dts, dts[1:], within, strict=False)
        if same and a is not None and b is not None
    ]
    if not back or not steps or back <= sum(step <= 0 for step in steps):
        return False
    return not knows_pts or back >= STEPS_BACK_SHARE * len(pts)


def shifts_between(
    times: NDArray[np.int64], stretch: NDArray[np.int64], stretches: int, usual: int
) -> NDArray[np.int64]:
    """What is added to the times of each stretch so that each follows the one before.

    The last frame before a jump lasts as long as frames of its stretch mostly do.

    Parameters
    ----------
    times : ndarray [shape=(n,), int64]
        Of frames.
    stretch : ndarray [shape=(n,), int64]
        That each frame belongs to.
    stretches : int
    usual : int
        How long a frame lasts where a stretch has only one.

    Returns
    -------
    shifts : ndarray [shape=(stretches,), int64]
    """
    shifts = np.zeros(stretches, np.int64)
    order = np.lexsort((times, stretch))
    bounds = np.searchsorted(stretch[order], np.arange(stretches + 1))
    end: int | None = None
    for number in range(stretches):
        own = times[order[bounds[number] : bounds[number + 1]]]
        if number:
            shifts[number] = shifts[number - 1]
        if not len(own):
            continue
        if end is not None:
            shifts[number] = end - own[0]
        steps = np.diff(own)
        steps = steps[steps > 0]
        usual = int(np.median(steps)) if len(steps) else usual
        end = int(own[-1] + shifts[number]) + usual
    return shifts


def lost_packets(
    shown: NDArray[np.bool_],
    gave_frame: NDArray[np.bool_],
    in_damage: NDArray[np.bool_],
    times: NDArray[np.int64],
    frame_times: NDArray[np.int64],
) -> NDArray[np.intp]:
    """Numbers of the packets whose frame was lost, of those that gave none, by time.

    Where the decoder met no error, what gives no frame is none: second fields, hidden frames, and
    packets that say that nothing has changed. Second fields are none in damage, either.

    Parameters
    ----------
    shown, gave_frame : ndarray [shape=(m,), bool]
        Packets that are to give a frame, and those that did.
    in_damage : ndarray [shape=(m,), bool]
        From an error up to the next whole key frame.
    times : ndarray [shape=(m,), int64]
        Of packets; of those that are shown.
    frame_times : ndarray [shape=(n,), int64]
        Of frames.
    """
    candidates = np.flatnonzero(shown & in_damage & ~gave_frame)
    candidates = candidates[np.argsort(times[candidates], kind="stable")]
    sound = shown & ~in_damage
    silent = (sound & ~gave_frame).sum()
    if len(frame_times) < 2 or silent <= PAIRED_SHARE * sound.sum():
        return candidates
    rising = np.sort(frame_times)
    apart = FIELD_STEPS * float(np.median(np.diff(rising)))
    kept: list[int] = []
    latest = -np.inf
    for number in candidates.tolist():
        time = int(times[number])
        place = int(np.searchsorted(rising, time, side="right"))
        if place:
            latest = max(latest, int(rising[place - 1]))
        if time - latest > apart:
            kept.append(number)
            latest = time
    return np.array(kept, np.intp)


def spread_backwards(damaged: NDArray[np.bool_], leaning: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Damage with the B-frames before it, which lean on the picture that they are shown before.

    Parameters
    ----------
    damaged, leaning : ndarray [shape=(n,), bool]
        Frames in order of presentation: those known to be damaged, and B-frames.
    """
    spread = damaged.copy()
    for start in np.flatnonzero(damaged[1:] & ~damaged[:-1]) + 1:
        before = int(start) - 1
        while before >= 0 and leaning[before] and not spread[before]:
            spread[before] = True
            before -= 1
    return spread
