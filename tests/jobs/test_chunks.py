"""Chunks of stills: every name in one, of bounded size, and stable when names come and go."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.chunks import CHUNK_MAX, CHUNK_MIN, chunk_file_name, cut_into_chunks

ODD_CHARACTERS = "aA.é\u0301ß \n\\'\"*?[]-_\udce9\U0001f600"


def chunks(names: list[str]) -> list[tuple[str, ...]]:
    ordered = sorted(names)
    return [tuple(ordered[part]) for part in cut_into_chunks(ordered)]


def numbered(count: int, seed: int) -> list[str]:
    """Names as cameras give them, with gaps."""
    numbers = random.Random(seed).sample(range(10 * count + 1), count)
    return [f"IMG_{number:06}.JPG" for number in numbers]


counts_and_seeds = st.tuples(st.integers(1, 1500), st.integers(0, 2**32))


@given(counts_and_seeds)
def test_every_name_is_in_one_chunk_of_bounded_size(case: tuple[int, int]) -> None:
    names = numbered(*case)
    found = chunks(names)
    assert [name for chunk in found for name in chunk] == sorted(names)
    sizes = [len(chunk) for chunk in found]
    assert max(sizes) <= CHUNK_MAX
    assert len(sizes) == 1 or min(sizes) >= CHUNK_MIN


# Any bytes but these two may be a name, whether they are text or not.
file_names = st.lists(
    st.integers(1, 255).filter(lambda byte: byte != ord("/")), min_size=1, max_size=20
).map(lambda name: os.fsdecode(bytes(name)))


@given(counts_and_seeds, file_names)
def test_one_name_more_or_less_changes_few_chunks(case: tuple[int, int], name: str) -> None:
    names = numbered(*case)
    without, with_it = set(chunks(names)), set(chunks([*names, name]))
    # Nearly always one: see below. Five would take several small hashes side by side.
    assert 1 <= len(with_it - without) <= 4
    assert len(without - with_it) <= 4


def test_one_name_more_nearly_always_changes_one_chunk() -> None:
    draw = random.Random(7)
    changed: Counter[int] = Counter()
    for seed in range(40):
        names = numbered(700, seed)
        before = set(chunks(names))
        for _ in range(25):
            with_it = chunks([*names, f"IMG_{draw.randrange(7000):06}b.JPG"])
            changed[len(set(with_it) - before)] += 1
    assert changed[1] >= 0.95 * changed.total()
    assert max(changed) <= 3


def test_a_name_that_changes_changes_no_chunk_elsewhere() -> None:
    names = sorted(numbered(2_000, seed=1))
    renamed = [*names[:1000], "zebra.jpg", *names[1001:]]
    kept = set(chunks(names)) & set(chunks(renamed))
    assert len(kept) >= len(chunks(names)) - 3


def test_a_large_folder_is_cut_evenly() -> None:
    found = chunks([f"{number:05}.jpg" for number in range(100_000)])
    assert 60 <= 100_000 / len(found) <= 90
    names = {chunk_file_name(chunk) for chunk in found}
    assert len(names) == len(found)


@given(st.lists(st.text(ODD_CHARACTERS, min_size=1, max_size=60), min_size=2, max_size=8))
def test_timelines_have_names_of_their_own_that_can_be_written(odd: list[str]) -> None:
    distinct = [chunk_file_name([name]) for name in set(odd)]
    assert len({name.casefold() for name in distinct}) == len(distinct)
    for name in distinct:
        assert len(os.fsencode(name)) <= 255
        assert "\n" not in name
        assert name.encode().decode() == name


@pytest.mark.parametrize(
    ("first", "shown"), [("a b.jpg", "a_b.jpg"), ("x" * 250 + ".jpg", "x" * 40)]
)
def test_timelines_show_the_first_name(first: str, shown: str) -> None:
    name = chunk_file_name([first, "z.jpg"])
    assert name.startswith(f"stills-{shown}-")
    assert name != chunk_file_name([first])
