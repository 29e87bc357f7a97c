"""From rounds to figures: rates, ratios, and whether the project's promises hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

FER_SPEEDUP_MIN: Final = 4.0
FLOOR_TIME_MAX: Final = 2.5
HELP_SECONDS_MAX: Final = 0.5

Size = Mapping[str, Any]
"""One of the `sizes` of `benchmarks.throughput`."""


@dataclass(frozen=True)
class Promise:
    """What the program must reach.

    Attributes
    ----------
    name, limit : str
    value : float or None
        None where it was not measured.
    holds : bool
    """

    name: str
    limit: str
    value: float | None
    holds: bool

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "not measured"
        return "pass" if self.holds else "**miss**"


def rate(size: Size, program: str, workers: int, clock: str = "whole_s") -> float | None:
    """Median frames per second over all rounds; None where the program was left out."""
    rates = _rates(size, program, workers, clock)
    return median(rates) if rates else None


def speedup(
    size: Size, program: str, other: str, workers: int, clock: str = "whole_s"
) -> float | None:
    """How many times as fast as another a program is: median over rounds of the ratio of rates."""
    ours, theirs = (_rates(size, name, workers, clock) for name in (program, other))
    # A program that was left out has no round.
    ratios = [one / another for one, another in zip(ours, theirs, strict=False)]
    return median(ratios) if ratios else None


def promises(results: Mapping[str, Any]) -> list[Promise]:
    """Every promise, whether or not what it needs was measured."""
    throughput = results.get("throughput", {"workers": [1], "sizes": []})
    calls = results.get("startup", {}).get("annotate_help_s", [])
    return [
        *(_beside_fer(throughput, workers) for workers in throughput["workers"]),
        *(_above_floor(throughput, workers) for workers in throughput["workers"]),
        Promise(
            "`annotate --help`: seconds",
            f"≤ {HELP_SECONDS_MAX:g}",
            median(calls) if calls else None,
            holds=bool(calls) and median(calls) <= HELP_SECONDS_MAX,
        ),
    ]


def _beside_fer(throughput: Mapping[str, Any], workers: int) -> Promise:
    size = _size(throughput, "360p")
    value = None if size is None else speedup(size, "annotated", "fer", workers)
    return Promise(
        f"360p with annotated copies, {count_workers(workers)}: times as fast as `fer`",
        f"≥ {FER_SPEEDUP_MIN:g}",
        value,
        holds=value is not None and value >= FER_SPEEDUP_MIN,
    )


def _above_floor(throughput: Mapping[str, Any], workers: int) -> Promise:
    size = _size(throughput, "720p")
    value = None if size is None else speedup(size, "recode", "annotated", workers)
    return Promise(
        f"720p with annotated copies, {count_workers(workers)}: times as long as the floor",
        f"≤ {FLOOR_TIME_MAX:g}",
        value,
        holds=value is not None and value <= FLOOR_TIME_MAX,
    )


def count_workers(workers: int) -> str:
    """Return "1 worker" or "2 workers"."""
    return f"{workers} worker{'s' if workers > 1 else ''}"


def _size(throughput: Mapping[str, Any], name: str) -> Size | None:
    return next((size for size in throughput["sizes"] if size["name"] == name), None)


def _rates(size: Size, program: str, workers: int, clock: str) -> list[float]:
    longest = max(run["frames"] for runs in size["rounds"] for run in runs)
    return [
        longest / _seconds(run, longest, clock)
        for runs in size["rounds"]
        for run in runs
        if (run["program"], run["workers"]) == (program, workers)
    ]


def _seconds(run: Mapping[str, Any], frames: int, clock: str) -> float:
    """What the run would have taken over so many frames: a start is paid once, at any length."""
    start_s = run["whole_s"] - run["own_s"] if clock == "whole_s" else 0.0
    return float(start_s + run["own_s"] * frames / run["frames"])
