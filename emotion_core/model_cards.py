"""Cards of the models that results were made with, each once beside them.

A timeline says the hash of its model's card and what its rows are read with; who wants to know
where the model came from finds the card by that hash.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from emotion_core.bundle import Bundle
from emotion_core.files import reported_for, written_aside
from emotion_core.layout import model_card, models_folder


def keep_card(output: Path, bundle: Bundle) -> None:
    """Write a bundle's card into an output folder, where it is not there yet.

    Raises
    ------
    OutputError
    """
    place = model_card(output, bundle.sha256)
    if not place.exists():
        with written_aside(place) as partial, reported_for(place):
            partial.write_bytes(bundle.text)


def copy_cards(outputs: Iterable[Path], target: Path) -> None:
    """Put the cards that several output folders keep into another one.

    Raises
    ------
    OutputError
    """
    for output in outputs:
        for card in sorted(models_folder(output).glob("*.json")):
            place = model_card(target, card.stem)
            with written_aside(place) as partial, reported_for(place):
                shutil.copyfile(card, partial)
