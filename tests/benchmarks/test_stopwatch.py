"""A stage counts for itself alone, and the clock leaves what it watched as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from benchmarks.stopwatch import Stopwatch

NAP_S = 0.05


def test_a_stage_counts_without_the_stages_in_it() -> None:
    watch = Stopwatch()
    began = time.perf_counter()
    with watch.stage("outer"):
        with watch.stage("inner"):
            time.sleep(NAP_S)
        with watch.stage("inner"):
            time.sleep(NAP_S)
    whole = time.perf_counter() - began
    assert 2 * NAP_S <= watch.seconds["inner"] <= whole
    assert watch.seconds["outer"] == pytest.approx(whole - watch.seconds["inner"], abs=NAP_S / 2)
    assert sum(watch.seconds.values()) == pytest.approx(whole, abs=NAP_S / 2)


def test_a_watched_function_counts_also_when_it_raises_and_is_put_back() -> None:
    def fail() -> None:
        time.sleep(NAP_S)
        raise LookupError("on purpose")

    owner = SimpleNamespace(work=fail)
    watch = Stopwatch()
    with pytest.raises(LookupError), watch.on(owner, "work", "stage"):
        owner.work()
    assert watch.seconds["stage"] >= NAP_S
    assert owner.work is fail


def test_a_generator_counts_while_it_works_and_not_while_its_items_are_used() -> None:
    def make(count: int) -> Iterator[int]:
        for number in range(count):
            time.sleep(NAP_S)
            yield number

    owner = SimpleNamespace(make=make)
    watch = Stopwatch()
    with watch.on(owner, "make", "making"), watch.stage("using"):
        numbers = []
        for number in owner.make(2):
            time.sleep(2 * NAP_S)
            numbers.append(number)
    assert numbers == [0, 1]
    assert watch.seconds["making"] >= 2 * NAP_S
    assert watch.seconds["using"] >= 4 * NAP_S
    assert watch.seconds["making"] < watch.seconds["using"]
