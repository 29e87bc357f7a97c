"""Many timelines as one Arrow table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from emotion_core.errors import UsageError
from emotion_core.results.find import find_timelines
from emotion_core.results.names import find_sources
from emotion_core.timeline.schema import SCHEMA
from emotion_core.timeline.store import read_blocks

_SOURCE: Final = ("source",)


def read_timeline(
    out: Path | str,
    *,
    columns: Sequence[str] | None = None,
    sources: str | Collection[str] | None = None,
) -> pa.Table:
    """Read one timeline, or all timelines of a run, as one table.

    Parameters
    ----------
    out : Path or str
        The output folder of a run, a folder that holds timelines at any depth, or a timeline.
    columns : sequence of str, optional
        Columns wanted, in this order; all by default.
    sources : str or collection of str, optional
        Files wanted: each a `source`, the end of one (``phone/turned.mov``), or a file name with
        or without its ending, if that fits one file only. All by default.

    Returns
    -------
    table : pyarrow.Table
        One row per face and frame, and one for each frame without a face; types, units and
        meaning of the columns as in `emotion_core.timeline.schema.COLUMNS`. Files follow each
        other in the order of their paths.

    Raises
    ------
    UsageError
        There is no timeline, a column does not exist, or a name fits no file or several.
    MediaError
        A file is not a timeline, was written by a version with other columns, or is damaged.

    Examples
    --------
    >>> faces = read_timeline("out").to_pandas().dropna(subset="emotion")  # doctest: +SKIP
    """
    names = SCHEMA.names if columns is None else list(columns)
    unknown = [name for name in names if name not in SCHEMA.names]
    if unknown:
        raise UsageError(None, f"a timeline has no column {', '.join(unknown)}")
    timelines = find_timelines(out)
    if sources is None:
        return _joined((pa.concat_tables(read_blocks(path, names)) for path in timelines), names)
    wanted = find_sources(
        [sources] if isinstance(sources, str) else sources,
        [name for path in timelines for name in sources_of(path)],
    )
    return _joined((_rows_of(path, names, wanted) for path in timelines), names)


def sources_of(timeline: Path) -> list[str]:
    """Files that a timeline has rows of, in their order: one video, or several stills.

    Raises
    ------
    MediaError
        As of `read_blocks`.
    """
    found: dict[str, None] = {}
    for rows in read_blocks(timeline, _SOURCE):
        found.update(dict.fromkeys(pc.unique(rows["source"]).to_pylist()))
    return list(found)


def _rows_of(path: Path, columns: Sequence[str], wanted: Collection[str]) -> pa.Table:
    read = list(dict.fromkeys([*columns, "source"]))
    values = pa.array(sorted(wanted), pa.string())
    blocks = [
        rows.filter(pc.is_in(rows["source"].cast(pa.string()), values)).select(columns)
        for rows in read_blocks(path, read)
    ]
    return pa.concat_tables(blocks)


def _joined(tables: Iterator[pa.Table], columns: Sequence[str]) -> pa.Table:
    schema = pa.schema([SCHEMA.field(name) for name in columns])
    return pa.concat_tables(table.cast(schema) for table in tables).unify_dictionaries()
