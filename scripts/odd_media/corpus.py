"""The corpus: every case, by what is odd about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scripts.odd_media.case import Case
from scripts.odd_media.coding_cases import CODING, PIXELS, SIZES
from scripts.odd_media.container_cases import CONTAINERS, HOSTILE
from scripts.odd_media.folder_cases import NAMES, SPECIAL
from scripts.odd_media.still_cases import STILLS
from scripts.odd_media.video_cases import CLOCKS, DAMAGE

CORPUS: Final[Mapping[str, tuple[Case, ...]]] = {
    "Damaged videos": DAMAGE,
    "Clocks": CLOCKS,
    "Coding": CODING,
    "Sizes and turns": SIZES,
    "Pixels": PIXELS,
    "Containers and streams": CONTAINERS,
    "Hostile videos": HOSTILE,
    "Pictures": STILLS,
    "Names": NAMES,
    "What is no file": SPECIAL,
}


def all_cases() -> list[Case]:
    """Every case."""
    return [case for cases in CORPUS.values() for case in cases]


def write_corpus(folder: Path) -> None:
    """Write every case into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in all_cases():
        case.make(folder / case.name)
