"""What a person's face reads at rest, taken off, so that it reads as neutral.

Some faces at rest look sad or angry to a classifier. In a multinomial logit model that is an offset
of the person's own: so many steps of log odds, against neutral, in every frame. What is measured
here is that offset, on frames in which the person is at rest or that are typical of the person, and
what is left of the probabilities without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import QUALITY_FLOOR, softmax
from emotion_core.labels import EMOTIONS

NEUTRAL: Final = EMOTIONS.index("neutral")
NEUTRAL_AT_REST: Final = 0.9
"""As which a face at rest is to read at least, the others being equal. The median of the shipped
model is 0.91 on 1,500 pictures that most voters call neutral."""

SEEN_LEAST_US: Final = 3_000_000
SEEN_LEAST_IN_RANGE_US: Final = 1_000_000

_P: Final = [f"p_{name}" for name in EMOTIONS]
_BASELINE: Final = [f"baseline_{name}" for name in EMOTIONS]
_SMALLEST: Final = float(np.finfo(np.float32).tiny)
_OTHERS_AT_REST: Final = np.log((1 - NEUTRAL_AT_REST) / (len(EMOTIONS) - 1) / NEUTRAL_AT_REST)


@dataclass(frozen=True)
class Rest:
    """Which rows say how a face looks at rest.

    Attributes
    ----------
    start_us, stop_us : int or None
        Those from `start_us` until before `stop_us`, on the clock of ``time_us``; None: all.
    """

    start_us: int | None = None
    stop_us: int | None = None

    @property
    def seen_least_us(self) -> int:
        """How long a face must be seen in them."""
        return SEEN_LEAST_US if self.start_us is None else SEEN_LEAST_IN_RANGE_US

    def holds(self, time_us: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether rows of these times are among them."""
        if self.start_us is None or self.stop_us is None:
            return np.ones(len(time_us), np.bool_)
        return (time_us >= self.start_us) & (time_us < self.stop_us)


@dataclass(frozen=True, repr=False)
class AtRest:
    """What is seen of a track, or a person, at rest.

    Attributes
    ----------
    duration_us : int
        Of its n rows together.
    p : ndarray [shape=(n, 7), float32, 0-1]
    quality : ndarray [shape=(n,), float32, 0-1]
    """

    duration_us: int
    p: NDArray[np.float32]
    quality: NDArray[np.float32]


def rows_at_rest(
    blocks: Iterable[pa.Table], rest: Rest, column: str = "track"
) -> dict[int, AtRest]:
    """Those of each track, or person, of a video.

    Parameters
    ----------
    blocks : iterable of pyarrow.Table
        All rows of its timeline, in their order; about 50 bytes of each are held. A row lasts until
        the next analysed frame, the last one as long as the one before it.
    rest : Rest
    column : {'track', 'identity'}
        What rows belong together by.

    Returns
    -------
    found : dict of int to AtRest
    """
    parts = [_columns(rows, column) for rows in blocks]
    if not parts:
        return {}
    time_us, number, quality, p = (np.concatenate(values) for values in zip(*parts, strict=True))
    lasting = _durations(time_us)
    chosen = rest.holds(time_us) & (number >= 0)
    found = {}
    for key in np.unique(number[chosen]):
        rows = chosen & (number == key)
        found[int(key)] = AtRest(int(lasting[rows].sum()), p[rows], quality[rows])
    return found


def offsets_of(files: Iterable[Mapping[int, AtRest]], rest: Rest) -> dict[int, NDArray[np.float64]]:
    """How each track or person differs from neutral at rest, from all rows of its number.

    Parameters
    ----------
    files : iterable of mapping of int to AtRest
        Of one video; of several, where numbers are those of people.
    rest : Rest

    Returns
    -------
    offsets : dict of ndarray [shape=(7,), float64]
        As `offset_at_rest` gives them. What is seen too shortly has none.
    """
    together: dict[int, list[AtRest]] = {}
    for file in files:
        for number, seen in file.items():
            together.setdefault(number, []).append(seen)
    return {
        number: offset_at_rest(
            np.concatenate([part.p for part in seen]),
            np.concatenate([part.quality for part in seen]),
        )
        for number, seen in together.items()
        if sum(part.duration_us for part in seen) >= rest.seen_least_us
    }


def _durations(time_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """How long the frame of each row lasts, from the times of all rows in order."""
    begins = np.diff(time_us, prepend=time_us[:1] - 1) != 0
    # Where a recording's clock starts again, nobody knows.
    steps = np.maximum(np.diff(time_us[begins]), 0)
    last = steps[-1:] if len(steps) else np.zeros(1, np.int64)
    return np.asarray(np.append(steps, last)[np.cumsum(begins) - 1], np.int64)


def offset_at_rest(p: NDArray[np.float32], quality: NDArray[np.float32]) -> NDArray[np.float64]:
    """By how much a face at rest exceeds one that is neutral, in log odds against neutral.

    Parameters
    ----------
    p : ndarray [shape=(n, 7), float32, 0-1]
        Probabilities of rows at rest, or of typical ones.
    quality : ndarray [shape=(n,), float32, 0-1]
        How much each row counts.

    Returns
    -------
    offset : ndarray [shape=(7,), float64]
        For each emotion, the weighted median of its log odds against neutral, less what these are
        for a face that is neutral with `NEUTRAL_AT_REST`; 0 where that is negative, and for
        neutral.
    """
    logs = np.log(np.maximum(p.astype(np.float64), _SMALLEST))
    odds = logs - logs[:, [NEUTRAL]]
    typical = _weighted_median(odds, np.maximum(quality, QUALITY_FLOOR).astype(np.float64))
    offset = np.maximum(typical - _OTHERS_AT_REST, 0)
    offset[NEUTRAL] = 0
    return np.asarray(offset, np.float64)


def without_offset(p: NDArray[np.float32], offset: NDArray[np.float64]) -> NDArray[np.float32]:
    """Probabilities, shape (n, 7), after log odds against neutral are lowered by an offset."""
    return softmax(np.log(np.maximum(p.astype(np.float64), _SMALLEST)) - offset, 1.0)


def with_baseline(
    rows: pa.Table, offsets: Mapping[int, NDArray[np.float64]], column: str = "track"
) -> pa.Table:
    """The same rows with ``baseline_<emotion>`` where the number in `column` has an offset."""
    _, number, _, p = _columns(rows, column)
    known = np.isin(number, list(offsets))
    values = np.stack([_floats(rows[name]) for name in _BASELINE], axis=1)
    null = rows[_BASELINE[0]].is_null().to_numpy() & ~known
    for key in np.unique(number[known]):
        chosen = number == key
        values[chosen] = without_offset(p[chosen], offsets[int(key)])
    for index, name in enumerate(_BASELINE):
        filled = pa.array(values[:, index], pa.float32(), mask=null)
        rows = rows.set_column(rows.column_names.index(name), name, filled)
    return rows


def _columns(
    rows: pa.Table, column: str
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Time in µs, number (-1: none), quality and probabilities of each row."""
    p = np.stack([_floats(rows[name]) for name in _P], axis=1)
    number = rows[column].fill_null(-1).to_numpy()
    return rows["time_us"].to_numpy(), number, _floats(rows["quality"]), p


def _floats(column: pa.ChunkedArray) -> NDArray[np.float32]:
    return np.array(column.fill_null(0).to_numpy(), np.float32)


def _weighted_median(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of each column, the smallest value that half of the weight does not exceed."""
    order = np.argsort(values, axis=0, kind="stable")
    reached = np.cumsum(weights[order], axis=0)
    position = (reached < reached[-1] / 2).sum(axis=0)
    chosen = np.take_along_axis(order, position[None], axis=0)
    return np.asarray(np.take_along_axis(values, chosen, axis=0)[0], np.float64)
