"""How long it takes until a face first shows each emotion."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

FIRST_SCHEMA: Final = pa.schema([
    ("source", pa.string()),
    ("track", pa.int32()),
    ("emotion", pa.string()),
    ("onset_seconds", pa.float64()),
    ("latency_seconds", pa.float64()),
    ("cut_at_start", pa.bool_()),
])  # fmt: skip


def first_times(intervals: pa.Table) -> pa.Table:
    """The first interval of each emotion of each track.

    Parameters
    ----------
    intervals : pyarrow.Table
        With `INTERVAL_SCHEMA`.

    Returns
    -------
    first : pyarrow.Table
        ``onset_seconds`` since the first frame of the video, and the same as ``latency_seconds``;
        that is null where the interval is cut at its start, so that its onset was not seen.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in intervals.sort_by("onset_us").to_pylist():
        seconds = row["onset_us"] / 1_000_000
        found.setdefault(
            (row["source"], row["track"], row["emotion"]),
            {
                "source": row["source"],
                "track": row["track"],
                "emotion": row["emotion"],
                "onset_seconds": seconds,
                "latency_seconds": None if row["cut_at_start"] else seconds,
                "cut_at_start": row["cut_at_start"],
            },
        )
    rows = [found[key] for key in sorted(found, key=lambda key: key[:2])]
    return pa.Table.from_pylist(rows, FIRST_SCHEMA)
