"""Figures from rounds: medians of ratios that are formed within each round."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.figures import promises, rate, speedup


def run(program: str, whole_s: float, frames: int = 100, workers: int = 1) -> dict[str, Any]:
    return {
        "program": program, "workers": workers, "frames": frames,
        "whole_s": whole_s, "own_s": whole_s / 2,
    }  # fmt: skip


SIZE = {
    "name": "720p",
    "rounds": [
        [run("recode", 1.0), run("annotated", 2.0), run("annotated", 1.0, workers=2)],
        [run("recode", 4.0), run("annotated", 8.0), run("annotated", 4.0, workers=2)],
        [run("recode", 1.0), run("annotated", 3.0), run("annotated", 2.0, workers=2)],
    ],
}


def test_a_rate_is_the_median_over_rounds_by_the_clock_asked_for() -> None:
    assert rate(SIZE, "annotated", 1) == pytest.approx(100 / 3)
    assert rate(SIZE, "annotated", 1, "own_s") == pytest.approx(200 / 3)
    assert rate(SIZE, "annotated", 2) == pytest.approx(50)
    assert rate(SIZE, "fer", 1) is None


def test_a_ratio_is_formed_within_each_round() -> None:
    assert speedup(SIZE, "recode", "annotated", 1) == pytest.approx(2.0)
    assert speedup(SIZE, "annotated", "fer", 1) is None


def test_the_start_counts_once_however_short_the_clip_of_a_rival_was() -> None:
    # 1 s of start and 1 s of work on a quarter of the frames: 5 s for all, where ours took 2 s.
    size = {"rounds": [[run("annotated", 2.0, frames=400), run("fer", 2.0, frames=100)]]}
    assert rate(size, "fer", 1) == pytest.approx(400 / 5)
    assert rate(size, "fer", 1, "own_s") == pytest.approx(400 / 4)
    assert speedup(size, "annotated", "fer", 1) == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("annotated_s", "fer_s", "help_s", "verdicts"),
    [
        (1.0, 4.0, 0.5, ["pass", "pass", "pass"]),
        (2.6, 4.0, 0.51, ["**miss**", "**miss**", "**miss**"]),
    ],
)
def test_promises_are_judged_at_their_limits(
    annotated_s: float, fer_s: float, help_s: float, verdicts: list[str]
) -> None:
    runs = [run("recode", 1.0), run("annotated", annotated_s), run("fer", fer_s)]
    sizes = [{"name": name, "rounds": [runs]} for name in ("360p", "720p")]
    results = {
        "throughput": {"workers": [1], "sizes": sizes},
        "startup": {"annotate_help_s": [0.1, help_s, 9.0]},
    }
    assert [promise.verdict for promise in promises(results)] == verdicts


def test_what_was_not_measured_is_no_pass() -> None:
    assert {promise.verdict for promise in promises({})} == {"not measured"}
