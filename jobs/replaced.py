"""Rows of stills that earlier runs wrote and this run replaces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from emotion_core.errors import MediaError
from emotion_core.files import reported_for
from emotion_core.layout import timelines_of
from emotion_core.timeline.run_tables import SUMMARY_FILE
from emotion_core.timeline.store import new_timeline, read_metadata
from jobs.chunks import CHUNK_PREFIX
from jobs.plan import Plan, StillsWork
from jobs.report import Report


def drop_replaced_rows(plan: Plan, report: Report, output: Path) -> int:
    """Take out of earlier timelines the stills that have ended in this run, and those gone.

    Gone is a still of a folder that was searched, of which this run knows nothing. Rows of other
    stills stay; a timeline without rows is deleted, one that is not of stills is left alone.

    Parameters
    ----------
    plan : Plan
    report : Report
        May be that of an interrupted run.
    output : Path
        The folder of all results.

    Returns
    -------
    gone : int
        How many stills were dropped that are no longer in their folder.

    Raises
    ------
    OutputError
    """
    planned = {file.source for file in plan.files}
    ended = {outcome.source for outcome in report.outcomes} | report.finished_before
    gone = 0
    for timeline, metadata in _earlier_timelines(plan, report, output):
        inputs, kept = metadata["inputs"], []
        for still in inputs:
            known = still["source"] in planned
            if not known and Path(still["path"]).parent in plan.listed:
                gone += 1
            elif still["source"] not in ended:
                kept.append(still)
        if len(kept) < len(inputs):
            _keep_only(kept, timeline, metadata)
    return gone


def count_others(output: Path, plan: Plan) -> int:
    """How many files of earlier runs lie in an output beside those of this run.

    Raises
    ------
    OutputError
        The table over the run cannot be read.
    """
    table = output / SUMMARY_FILE
    with reported_for(table, "read"):
        sources = pq.read_table(table, columns=["source"])["source"].cast(pa.string())
    return len(set(sources.unique().to_pylist()) - {file.source for file in plan.files})


def _earlier_timelines(
    plan: Plan, report: Report, output: Path
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Timelines of stills beside those of this run, with their metadata."""
    done = {outcome.source for outcome in report.done} | report.finished_before
    works = [work for work in plan.works if isinstance(work, StillsWork)]
    written = {work.timeline for work in works if any(file.source in done for file in work.files)}
    folders = {work.timeline.parent for work in works}
    folders |= {timelines_of(output, plan.placed.get(name, name)) for name in plan.listed.values()}
    for folder in sorted(folders):
        for timeline in sorted(folder.glob(f"{CHUNK_PREFIX}*.parquet")):
            if timeline in written:
                continue
            try:
                metadata = read_metadata(timeline)
            except MediaError:
                # Not ours: the table over the run will speak of it.
                continue
            if all("source" in still for still in metadata.get("inputs", [{}])):
                yield timeline, metadata


def _keep_only(stills: list[dict[str, Any]], timeline: Path, metadata: dict[str, Any]) -> None:
    if not stills:
        with reported_for(timeline, "deleted"):
            timeline.unlink()
        return
    rows = pq.read_table(timeline)
    kept = pc.is_in(rows["source"].cast(pa.string()), pa.array([s["source"] for s in stills]))
    with new_timeline(timeline, metadata | {"inputs": stills}) as append:
        append(rows.filter(kept))
