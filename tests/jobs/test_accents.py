"""A name from a Mac writes its accents apart from their letters; users write them otherwise."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from emotion_core.errors import UsageError
from emotion_core.results.names import SourceNames
from jobs.inputs import expand_input

NFC, NFD = (unicodedata.normalize(form, "Zo\u00eb.mp4") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("there", "written"), [(NFC, NFD), (NFD, NFC)])
def test_one_name_is_found_however_it_is_written(tmp_path: Path, there: str, written: str) -> None:
    assert SourceNames([f"in/{there}"]).find(written) == f"in/{there}"
    folder = tmp_path / there
    folder.mkdir()
    (folder / there).touch()
    (tmp_path / "list.txt").write_text(f"{tmp_path}/{written}/{written}\n", encoding="utf-8")
    assert expand_input(f"@{tmp_path}/list.txt") == [folder / there]


def test_of_two_that_look_alike_the_exact_one_is_meant(tmp_path: Path) -> None:
    names = SourceNames([f"in/{NFC}", f"in/{NFD}"])
    assert names.find(NFC) == f"in/{NFC}"
    assert names.find(NFD) == f"in/{NFD}"


def test_names_that_look_alike_are_told_apart(tmp_path: Path) -> None:
    # A third way to write a letter: with two accents in another order.
    mixed = "a\u0301\u0323"
    first, second = (unicodedata.normalize(form, mixed) for form in ("NFC", "NFD"))
    assert len({mixed, first, second}) == 3
    with pytest.raises(UsageError, match=r"\\u0323"):
        SourceNames([f"in/{first}", f"in/{second}"]).find(mixed)
    for name in (first, second):
        (tmp_path / name).touch()
    with pytest.raises(UsageError, match="look alike"):
        expand_input(str(tmp_path / mixed))
