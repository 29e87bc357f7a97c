"""People of finished timelines: the column of identities, and baselines of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from emotion_core.identities.looks import Looks
from emotion_core.identities.people import number_people
from emotion_core.timeline.baseline import Rest, offsets_of, rows_at_rest, with_baseline
from emotion_core.timeline.store import new_timeline, read_blocks, read_metadata

People = Mapping[str, Mapping[int, int]]

NUMBERED: Final = "people_numbered"
"""In the metadata of a timeline: whether its people have their numbers, and their baselines."""


def fill_people(timelines: Sequence[Path], looks: Mapping[str, Looks], rest: Rest | None) -> None:
    """Write finished timelines again with the numbers of their people; each is replaced as a whole.

    Faces that are not seen well enough stay without one.

    Parameters
    ----------
    timelines : sequence of Path
        Of one run.
    looks : mapping of str to Looks
        By source.
    rest : Rest or None
        With it, the baseline of each row of a video is that of the person, from all of the person's
        videos, where it has a number and they show the person at rest for long enough.

    Raises
    ------
    MediaError, OutputError
        A timeline cannot be read or written.
    """
    people = number_people(looks)
    videos = [timeline for timeline in timelines if "inputs" not in read_metadata(timeline)]
    for timeline in timelines:
        is_finished = rest is None or timeline not in videos
        _rewrite(timeline, lambda rows: _numbered(rows, people), is_finished)
    if rest is None:
        return
    seen = (rows_at_rest(read_blocks(timeline), rest, "identity") for timeline in videos)
    offsets = offsets_of(seen, rest)
    for timeline in videos:
        _rewrite(timeline, lambda rows: with_baseline(rows, offsets, "identity"), True)


def _rewrite(timeline: Path, change: Callable[[pa.Table], pa.Table], is_finished: bool) -> None:
    with new_timeline(timeline, read_metadata(timeline) | {NUMBERED: is_finished}) as append:
        for rows in read_blocks(timeline):
            append(change(rows))


def _numbered(rows: pa.Table, people: People) -> pa.Table:
    sources = rows["source"].cast(pa.string()).to_pylist()
    numbers, shown = rows["track"].to_pylist(), rows["box_x"].is_valid().to_pylist()
    seen: dict[str, int] = {}
    found: list[int | None] = []
    for source, number, is_shown in zip(sources, numbers, shown, strict=True):
        # Faces of a still are told apart by their order.
        position = seen.get(source, 0)
        seen[source] = position + 1
        key = position if number is None else number
        found.append(people.get(source, {}).get(key) if is_shown else None)
    column = rows.column_names.index("identity")
    return rows.set_column(column, "identity", pa.array(found, pa.int32()))
