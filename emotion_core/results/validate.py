"""Whether a timeline keeps what the schema promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emotion_core.errors import MediaError
from emotion_core.results.block import Block
from emotion_core.results.made import Made
from emotion_core.results.order import OrderCheck
from emotion_core.results.promises import promises_of
from emotion_core.timeline.store import read_blocks, read_metadata


@dataclass(frozen=True)
class Fault:
    """A promise that a timeline breaks.

    Attributes
    ----------
    timeline : Path
    row : int or None
        The first row that breaks it, from 0; None where it concerns the file.
    message : str
    """

    timeline: Path
    row: int | None
    message: str

    def __str__(self) -> str:
        place = "" if self.row is None else f"row {self.row}: "
        return f"{self.timeline}: {place}{self.message}"


def find_faults(timeline: Path) -> Iterator[Fault]:
    """Check a timeline: schema, order, ranges, times, and that values fit each other.

    Each promise that is broken gives one fault, with the first row that breaks it. Which frames
    ``--sample-fps`` chose depends on the video, so that missing frames are found without it only.
    """
    found: dict[str, int | None] = {}
    try:
        for row, message in _faults(timeline):
            found.setdefault(message, row)
    except MediaError as error:
        found[error.message] = None
    for message, row in found.items():
        yield Fault(timeline, row, message)


def _faults(timeline: Path) -> Iterator[tuple[int | None, str]]:
    made = Made.of(timeline, read_metadata(timeline))
    promises, order = promises_of(made), OrderCheck(made)
    start = 0
    for rows in read_blocks(timeline):
        block = Block(rows)
        for promise in promises:
            broken = promise.broken_in(block)
            if broken.any():
                yield start + int(broken.argmax()), promise.message
        for row, message in order.update(rows):
            yield start + row, message
        start += len(rows)
    for message in order.finish():
        yield None, message
