"""Summaries as tables to read on a terminal: the columns that matter, rounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import fmean
from typing import Any

import pyarrow as pa
from rich.box import SIMPLE_HEAD
from rich.table import Table

from emotion_core.labels import EMOTIONS
from emotion_core.percentages import whole_percentages
from emotion_core.printable import printable
from emotion_core.terminal import Name, standard_output

LIST_WIDTH = 13
"""Columns of a list of emotions on a terminal, a line each: names of files need the rest."""


def track_table(tracks: pa.Table, weight: str = "time") -> Table:
    """One line per file and track; `weight` says in words what shares are of."""
    people = ("person",) if tracks["identity"].null_count < len(tracks) else ()
    headings = ("file", "track", *people, "s", "emotions", "uncertain", "changes", "no face")
    narrow = standard_output().is_terminal
    table = _table(*headings, list_width=LIST_WIDTH if narrow else None)
    table.caption = (
        f"emotions: % of the {weight} in which the face is seen; changes: of the emotion; "
        "uncertain, no face: % of time. A frame lasts until the next one."
    )
    damaged = {row["source"]: row["share_damaged"] for row in tracks.to_pylist()}
    for source, share in damaged.items():
        if share:
            part = f"{_percent(share)} % of its time is damaged"
            table.caption += f"\n{printable(source)}: {part}."
    for row in _by_picture(tracks.to_pylist()):
        duration_us = row["duration_us"]
        table.add_row(
            Name(" ".join(filter(None, (row["source"], row.get("window"))))),
            row.get("faces") or _whole(row["track"]),
            *(_whole(row["identity"]) for _ in people),
            "" if duration_us is None else f"{duration_us / 1_000_000:.1f}",
            _emotions(row),
            _percent(row["uncertain_share"]),
            _whole(row["transitions"] if duration_us is not None else None),
            _percent(row["share_without_face"]),
        )
    return table


def _by_picture(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same rows, those of a still with several faces as one, whose shares are of its faces."""
    for _, group in groupby(rows, key=lambda row: row["source"]):
        faces = list(group)
        if len(faces) == 1 or faces[0]["duration_us"] is not None:
            yield from faces
            continue
        shares = ("uncertain_share", *(f"share_{name}" for name in EMOTIONS))
        means = {name: fmean(face[name] for face in faces) for name in shares}
        yield faces[0] | means | {"faces": f"0-{len(faces) - 1}", "identity": None}


def group_table(groups: pa.Table, names: Sequence[str], weight: str = "time") -> Table:
    """One line per condition, or per file with its conditions: what `names` are the columns of."""
    per_person = names == ("identity",)
    has_files = "files" in groups.column_names
    has_units = "units" in groups.column_names
    counts = ("units", "files") if has_units else ("files", "faces") if has_files else ("faces",)
    table = _table(*names, *counts, "s", "emotions", "uncertain", "changes/min", "no face")
    table.caption = (
        f"Means over units, which count the same, [95 % bootstrap interval], in % of {weight}. "
        if has_units
        else f"Shares in % of {weight}, over all files of the person. "
        if per_person
        else f"Means over files ± standard deviation between files, in % of {weight}; "
        "each file counts the same. "
        if has_files
        else f"Shares in % of {weight}. "
    ) + "s: seconds of faces seen."
    for row in groups.to_pylist():
        table.add_row(
            *(Name(str(row[name])) for name in names),
            *(_whole(row[count]) for count in counts),
            f"{row['face_seconds']:.1f}",
            _emotions(row),
            _spread(row, "uncertain_share"),
            _spread(row, "transitions_per_minute", scale=1),
            "" if per_person else _spread(row, "share_without_face"),
        )
    return table


def interval_table(intervals: pa.Table) -> Table:
    """Who showed what when: one line per interval."""
    people = ("person",) if intervals["identity"].null_count < len(intervals) else ()
    table = _table("file", "track", *people, "emotion", "from s", "to s", "for s", "mean %")
    table.caption = (
        "mean: of the probability. ‹ it may have begun before, › gone on after: the face was not "
        "seen there."
    )
    for row in intervals.to_pylist():
        onset, offset, duration = (
            f"{row[f'{name}_us'] / 1_000_000:.2f}" for name in ("onset", "offset", "duration")
        )
        table.add_row(
            Name(row["source"]),
            _whole(row["track"]),
            *(_whole(row["identity"]) for _ in people),
            row["emotion"],
            f"‹{onset}" if row["cut_at_start"] else onset,
            f"{offset}›" if row["cut_at_end"] else offset,
            duration,
            _percent(row["mean_confidence"]),
        )
    return table


def print_table(table: Table) -> None:
    """Print on the standard output, in full width where that is a file."""
    standard_output().print(table)


def _table(first: str, *others: str, list_width: int | None = None) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, caption_justify="left", padding=(0, 1, 0, 0))
    table.add_column(Name(first))
    for name in others:
        # Values of the emotions may take several lines, so that all columns fit on a terminal.
        is_list = name == "emotions"
        table.add_column(
            Name(name),
            justify="left" if is_list else "right",
            no_wrap=not is_list,
            max_width=list_width if is_list else None,
        )
    return table


def _emotions(row: dict[str, Any]) -> str:
    """Those that are seen at all, the most frequent first."""
    shares = {name: row[f"share_{name}"] or 0.0 for name in EMOTIONS}
    shown = [name for name in sorted(EMOTIONS, key=lambda name: -shares[name]) if shares[name] > 0]
    percentages = whole_percentages([shares[name] for name in shown])
    return ", ".join(
        f"{name} {percentage}{_spread_around(row, f'share_{name}')}"
        for name, percentage in zip(shown, percentages, strict=True)
    )


def _whole(value: int | None) -> str:
    return "" if value is None else str(value)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.0f}"


def _spread(row: dict[str, Any], name: str, scale: float = 100) -> str:
    if row[name] is None:
        return ""
    return f"{scale * row[name]:.0f}{_spread_around(row, name, scale)}"


def _spread_around(row: dict[str, Any], name: str, scale: float = 100) -> str:
    """The interval of a mean over people, or the deviation of one over files."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is not None and high is not None:
        return f" [{scale * low:.0f}, {scale * high:.0f}]"
    deviation = row.get(f"{name}_sd")
    return "" if deviation is None else f" ± {scale * deviation:.0f}"
