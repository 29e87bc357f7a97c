"""Figures per condition over people: each is measured in one or several files."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from emotion_core.errors import UsageError
from emotion_core.results.conditions import Conditions
from emotion_core.results.groups import MEASURES, FileFigures, grouped_figures

RESAMPLES: Final = 10_000
SEED: Final = 0
_INTERVAL: Final = (2.5, 97.5)


def summarise_units(tracks: pa.Table, conditions: Conditions) -> pa.Table:
    """One row per group: means over units, such as people, of the means over their files.

    Each unit counts the same, however many files it has in the group.

    Parameters
    ----------
    tracks : pyarrow.Table
        One row per file and track, of `SUMMARY_SCHEMA`.
    conditions : Conditions
        With a unit for each source.

    Returns
    -------
    groups : pyarrow.Table
        The conditions, ``units``, ``files``, and of each of `MEASURES` the mean, ``<measure>_sd``
        (between units, n - 1), ``<measure>_low`` and ``<measure>_high`` (`bootstrap_interval`),
        and ``<measure>_n``, the units that have it.

    Raises
    ------
    UsageError
        A condition has the name of one of the other columns.
    """
    names, groups, files = grouped_figures(tracks, conditions)
    columns = {"units": pa.int64(), "files": pa.int64(), "face_seconds": pa.float64()}
    for name in MEASURES:
        columns |= {f"{name}{end}": pa.float64() for end in ("", "_sd", "_low", "_high")}
        columns[f"{name}_n"] = pa.int64()
    clash = [name for name in names if name in columns]
    if clash:
        raise UsageError(None, f"a condition cannot be called {clash[0]!r}: rename the column")
    rows = []
    for values, keys in groups.items():
        units: dict[str, list[FileFigures]] = defaultdict(list)
        for key in keys:
            units[conditions.unit_of[key[0]]].append(files[key])
        rows.append(
            dict(zip(names, values, strict=True))
            | {
                "units": len(units),
                "files": len(keys),
                "face_seconds": sum(files[key].counts["face_seconds"] for key in keys),
            }
            | _measures(list(units.values()))
        )
    schema = pa.schema([*((name, pa.string()) for name in names), *columns.items()])
    return pa.Table.from_pylist(rows, schema)


def _measures(units: Sequence[Sequence[FileFigures]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in MEASURES:
        having = [[f.measures[name] for f in unit if name in f.measures] for unit in units]
        means = [statistics.fmean(values) for values in having if values]
        low, high = bootstrap_interval(means)
        row |= {
            name: statistics.fmean(means) if means else None,
            f"{name}_sd": statistics.stdev(means) if len(means) > 1 else None,
            f"{name}_low": low,
            f"{name}_high": high,
            f"{name}_n": len(means),
        }
    return row


def bootstrap_interval(means: Sequence[float]) -> tuple[float | None, float | None]:
    """The 95 % percentile interval of the mean of some units, by drawing units anew.

    `RESAMPLES` times as many units are drawn with replacement, from NumPy's default generator with
    `SEED`, so that the same units in the same order always have the same interval. None for fewer
    than two.
    """
    if len(means) < 2:
        return None, None
    generator = np.random.default_rng(SEED)
    drawn = generator.integers(0, len(means), (RESAMPLES, len(means)))
    low, high = np.percentile(np.asarray(means)[drawn].mean(axis=1), _INTERVAL)
    return float(low), float(high)
