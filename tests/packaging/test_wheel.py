"""The wheel holds the three packages and the model, and nothing else."""

from __future__ import annotations

import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import emotion_core

PACKAGES = ("emotion_core", "jobs", "training")
MODEL_FILES = ("card.json", "model.bin", "model.xml")


@pytest.fixture(scope="module")
def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sources(root: Path) -> set[str]:
    modules = {path for package in PACKAGES for path in (root / package).rglob("*.py")}
    marks = {root / package / "py.typed" for package in PACKAGES}
    model = {root / "emotion_core" / "models" / "default" / name for name in MODEL_FILES}
    page = {root / "jobs" / "live" / "page.html"}
    return {str(path.relative_to(root)) for path in modules | marks | model | page}


def test_the_packages_are_there_in_full_and_nothing_else(
    contents: dict[str, bytes], source: Path
) -> None:
    packed = {name for name in contents if ".dist-info/" not in name}
    assert packed == sources(source)


def test_the_model_is_the_one_in_the_source(contents: dict[str, bytes], source: Path) -> None:
    for name in MODEL_FILES:
        inside = f"emotion_core/models/default/{name}"
        assert contents[inside] == (source / inside).read_bytes()


def test_licence_and_notice_travel(contents: dict[str, bytes], source: Path) -> None:
    for name in ("LICENSE", "NOTICE"):
        (packed,) = (data for path, data in contents.items() if path.endswith(f"licenses/{name}"))
        assert packed == (source / name).read_bytes()


def test_the_metadata_say_what_it_is(contents: dict[str, bytes]) -> None:
    (data,) = (data for path, data in contents.items() if path.endswith(".dist-info/METADATA"))
    metadata = message_from_bytes(data)
    assert metadata["Name"] == "emotion-annotate"
    assert metadata["Version"] == emotion_core.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert not [line for line in needed if line.startswith(("tensorflow", "keras"))]
