"""Intervals: when one emotion holds on a face, from its onset over its apex to its offset.

The cores of an interval are the rows in which the smoothed probability of its emotion reaches
`enter`. Two cores belong together where that probability does not fall below `leave` between them,
even if another emotion is a little likelier there. From the first core back and from the last one
on, the interval goes as far as its emotion is the likeliest and reaches `leave`. So where one
emotion follows another, one ends and the other begins where their probabilities cross, and the rule
reads the same forwards and backwards in time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from emotion_core.errors import MediaError, UsageError
from emotion_core.files import reported_for, written_aside
from emotion_core.labels import EMOTIONS
from emotion_core.timeline.join import SpanJoin
from emotion_core.timeline.schema import NO_IDENTITY, Column
from emotion_core.timeline.sight import Sight
from emotion_core.timeline.spans import NONE, PROBABILITY_UNIT, Rows, Span, find_spans, with_ends
from emotion_core.timeline.store import METADATA_KEY, read_blocks

log = logging.getLogger(__name__)

_US_PER_S: Final = 1_000_000
_PROBABILITIES: Final = [f"p_{name}" for name in EMOTIONS]
_READ: Final = ["frame", "time_us", "track", "uncertain", "identity", "gap", *_PROBABILITIES]
_i64, _f64 = pa.int64(), pa.float64()

INTERVAL_COLUMNS: Final[tuple[Column, ...]] = (
    Column("source", pa.string(), "", "", "As in the timeline."),
    Column("track", pa.int32(), "", "from 0", "Number of the face in the file."),
    Column(
        "emotion",
        pa.dictionary(pa.int32(), pa.string()),
        "",
        ", ".join(EMOTIONS),
        "The likeliest at its onset, apex and offset.",
    ),
    Column("onset_us", _i64, "µs", "", "Time of the first frame."),
    Column("apex_us", _i64, "µs", "", "Time of the frame with the highest probability."),
    Column(
        "offset_us",
        _i64,
        "µs",
        "",
        "Where the last frame ends: the time of the analysed frame that follows it. The last frame "
        "of the file lasts as long as the one before it.",
    ),
    Column("onset_frame", _i64, "", "from 0", "Number of the first frame."),
    Column("apex_frame", _i64, "", "from 0", "Number of the frame of the apex."),
    Column("offset_frame", _i64, "", "from 0", "Number of the last frame, which belongs to it."),
    Column(
        "duration_us", _i64, "µs", "above 0", "From onset to offset, with gaps that are bridged."
    ),
    Column("apex_probability", _f64, "", "0.5-1", "The highest probability of the emotion."),
    Column(
        "mean_confidence",
        _f64,
        "",
        "0-1",
        "Mean of the emotion's probability over its frames, each by how long it lasts.",
    ),
    Column("uncertain_share", _f64, "", "0-1", "Of the time of its frames, what is uncertain."),
    Column("frames", _i64, "", "from 1", "Rows of the interval; bridged frames are not counted."),
    Column(
        "cut_at_start",
        pa.bool_(),
        "",
        "",
        "Whether it may have begun before its onset: the face is not seen in the analysed frame "
        "before, or there is none, or frames are missing in between.",
    ),
    Column(
        "cut_at_end",
        pa.bool_(),
        "",
        "",
        "Whether it may have gone on after its offset: the face is not seen in the analysed frame "
        "after it, or there is none, or frames are missing in between.",
    ),
    Column("identity", pa.int32(), "", "from 0", "Number of the person in the run.", NO_IDENTITY),
)  # fmt: skip

INTERVAL_SCHEMA: Final = pa.schema([(column.name, column.type) for column in INTERVAL_COLUMNS])
"""Sorted by source, onset and track."""


@dataclass(frozen=True)
class IntervalRule:
    """What makes an interval.

    Attributes
    ----------
    enter : float
        Probability that the emotion reaches at least once; 0.5 or more.
    leave : float
        Probability that it keeps; at least 1 - `enter`, so that no two intervals of a track
        overlap, above 1/3, so that no more than two emotions reach it, and no more than `enter`.
    min_duration : float, s
        The face shows the emotion for at least as long; bridged gaps do not count. What is shorter
        than the smoothing is wide comes out of it longer and lower.
    bridge : float, s
        For so long the face may be out of sight, or frames may be undecodable, within an interval.
        A track ends after a second.

    Raises
    ------
    UsageError
        A value is out of its range.
    """

    enter: float = 0.6
    leave: float = 0.4
    min_duration: float = 0.25
    bridge: float = 0.5

    def __post_init__(self) -> None:
        if not 0.5 <= self.enter <= 1:
            raise UsageError(None, f"intervals are entered at 0.5 to 1, not at {self.enter}")
        # Decimals that add up to 1 do not do so in binary.
        if not max(1 / 3, 1 - self.enter - 1e-9) < self.leave <= self.enter:
            low = max(0.334, 1 - self.enter)
            raise UsageError(
                None,
                f"intervals that are entered at {self.enter} are left at {low:.3g} to "
                f"{self.enter}, not at {self.leave}",
            )
        for name, seconds in (("min_duration", self.min_duration), ("bridge", self.bridge)):
            if not 0 <= seconds < np.inf:
                raise UsageError(None, f"{name} of intervals is in seconds, not {seconds}")

    @property
    def bridge_us(self) -> int:
        """`bridge` in µs."""
        return round(self.bridge * _US_PER_S)


def find_intervals(timeline: Path, rule: IntervalRule | None = None) -> pa.Table:
    """The intervals of a timeline, read a block at a time, with the schema `INTERVAL_SCHEMA`.

    Stills have none. Where the clock of a file steps back, intervals end.

    Raises
    ------
    MediaError
        The timeline cannot be read, or lacks a column.
    """
    rule = rule or IntervalRule()
    source = source_of(timeline)
    people: dict[int, int] = {}
    blocks = (_rows(block) for block in _noting(read_blocks(timeline, _READ), people))
    sight = Sight()
    rows = sight.watched(with_ends(blocks))
    found = sorted(_joined(rows, rule), key=lambda span: (span.onset_us, span.track))
    return _table(source, found, sight, people)


def _noting(blocks: Iterable[pa.Table], people: dict[int, int]) -> Iterator[pa.Table]:
    """The same blocks, while the person of each track that has a number is noted."""
    for block in blocks:
        named = block.filter(block["identity"].is_valid())
        people.update(zip(named["track"].to_pylist(), named["identity"].to_pylist(), strict=True))
        yield block


def source_of(timeline: Path) -> str:
    """The file of the first row; empty where there is none.

    Raises
    ------
    MediaError
        The timeline cannot be read.
    """
    for rows in read_blocks(timeline, ("source",)):
        if len(rows):
            return str(rows["source"][0].as_py())
    return ""


def all_intervals(timelines: Iterable[Path], rule: IntervalRule | None = None) -> pa.Table:
    """The intervals of all timelines as one table, whose metadata hold the rule.

    Raises
    ------
    MediaError
        As of `find_intervals`.
    """
    rule = rule or IntervalRule()
    named = sorted((source_of(timeline), timeline) for timeline in timelines)
    schema = _schema_of(rule)
    tables = [find_intervals(timeline, rule).cast(schema) for _, timeline in named]
    return pa.concat_tables([schema.empty_table(), *tables]).unify_dictionaries()


def write_intervals(path: Path, timelines: Iterable[Path]) -> int:
    """One table over all timelines, read one after the other; the number of its rows.

    Those that cannot be read are left out, with a warning.

    Raises
    ------
    OutputError
        The table cannot be written.
    """
    rule, count = IntervalRule(), 0
    schema = _schema_of(rule)
    with (
        written_aside(path) as partial,
        reported_for(path),
        pq.ParquetWriter(partial, schema) as writer,
    ):
        for timeline in _by_source(timelines):
            try:
                rows = find_intervals(timeline, rule)
            except MediaError as error:
                log.warning("left out of the intervals: %s", error)
                continue
            writer.write_table(rows.cast(schema))
            count += len(rows)
    return count


def _schema_of(rule: IntervalRule) -> pa.Schema:
    content = json.dumps({"intervals": asdict(rule)})
    return INTERVAL_SCHEMA.with_metadata({METADATA_KEY: content.encode()})


def _by_source(timelines: Iterable[Path]) -> list[Path]:
    named = []
    for timeline in timelines:
        try:
            named.append((source_of(timeline), timeline))
        except MediaError as error:
            log.warning("left out of the intervals: %s", error)
    return [timeline for _, timeline in sorted(named)]


def _rows(block: pa.Table) -> Rows:
    block = block.filter(block["time_us"].is_valid())
    start_us = block["time_us"].to_numpy()
    probabilities = np.stack([block[name].fill_null(0).to_numpy() for name in _PROBABILITIES], 1)
    # Of equal ones the first is the likeliest, as in the timeline.
    order = np.argsort(-probabilities, axis=1, kind="stable")
    likeliest, second = order[:, 0].astype(np.int64), order[:, 1].astype(np.int64)
    every = np.arange(len(block))
    return Rows(
        frame=block["frame"].to_numpy(),
        start_us=start_us,
        end_us=start_us,
        track=block["track"].fill_null(NONE).to_numpy().astype(np.int64),
        emotion=likeliest,
        second=second,
        confidence=probabilities[every, likeliest].astype(np.float32),
        runner_up=probabilities[every, second].astype(np.float32),
        uncertain=block["uncertain"].fill_null(False).to_numpy(),
        gap=block["gap"].fill_null(False).to_numpy(),
    )


def _joined(blocks: Iterable[Rows], rule: IntervalRule) -> Iterator[Span]:
    """All intervals, track by track, joined where blocks meet."""
    joins: dict[int, SpanJoin] = {}
    for rows in blocks:
        for span in find_spans(rows, rule.enter, rule.leave, rule.bridge_us):
            join = joins.setdefault(span.track, SpanJoin(rule.enter, rule.bridge_us))
            yield from _kept(join.update(span), rule)
        # Tracks that have ended need no memory any more.
        now_us = int(rows.start_us[-1])
        for track in [track for track, join in joins.items() if join.is_over(now_us)]:
            yield from _kept(joins.pop(track).finish(), rule)
    for join in joins.values():
        yield from _kept(join.finish(), rule)


def _kept(spans: Iterable[Span], rule: IntervalRule) -> Iterator[Span]:
    shortest_us = max(1, round(rule.min_duration * _US_PER_S))
    return (span for span in spans if span.shown_us >= shortest_us)


def _table(source: str, spans: list[Span], sight: Sight, people: Mapping[int, int]) -> pa.Table:
    rows: list[Mapping[str, Any]] = [
        asdict(span)
        | {
            "source": source,
            "emotion": EMOTIONS[span.emotion],
            "duration_us": span.offset_us - span.onset_us,
            "apex_probability": span.apex,
            "mean_confidence": span.probability_sum * PROBABILITY_UNIT / span.shown_us,
            "uncertain_share": span.uncertain_us / span.shown_us,
            "cut_at_start": sight.begins(span.track, span.onset_frame),
            "cut_at_end": sight.ends(span.track, span.offset_frame),
            "identity": people.get(span.track),
        }
        for span in spans
    ]
    return pa.Table.from_pylist(rows, INTERVAL_SCHEMA)
