"""Times and frames that decoding does not give, put in from what is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotion_core.media.packets import Packets


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


def lost_frames(pts: NDArray[np.int64], packets: Packets) -> NDArray[np.int64]:
    """PTS of the packets that gave no frame; none where PTS of both cannot be compared.

    Parameters
    ----------
    pts : ndarray [shape=(n,), int64]
        Of the frames that decoding gave.
    packets : Packets
    """
    increasing = bool((np.diff(pts) > 0).all())
    if not packets.complete or not increasing or not np.isin(pts, packets.pts).all():
        return np.empty(0, np.int64)
    return np.setdiff1d(packets.pts, pts)


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
