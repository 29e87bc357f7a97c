"""A folder belongs to one configuration and one data set; nothing else is mixed into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from emotion_core.files import hash_file
from training.config import FitConfig
from training.errors import RunError
from training.files import read_json, write_json
from training.fitting.run_folder import BEST, CHECKPOINT, CONFIG, HISTORY, HISTORY_CSV

_WRITTEN: Final = (HISTORY, HISTORY_CSV, CHECKPOINT, BEST, "card.json")
"""Of a fit or a bundle: what would be overwritten, or lie among other things."""

_OTHERS: Final = {
    "search": "holds a fit, or a search of another kind; use another folder",
    "initial_weights": "was begun with other initial weights; use another folder",
    "frozen_from": "was begun with other frozen blocks; use another folder",
    "teachers": "was begun with other teachers, or without any; use another folder",
    "answers": "was begun with other answers, or without any; use another folder",
}


def begun_with(config: FitConfig, data: Path, **entries: Any) -> dict[str, Any]:
    """What a fit or a search is made with, as its folder keeps it.

    Parameters
    ----------
    config : FitConfig
    data : Path
        Data set; its name and SHA-256 are kept.
    **entries
        What else decides the outcome, as JSON values; None stands for nothing.
    """
    begun = {"config": _as_json(config), "data": identity(data)}
    return begun | {name: value for name, value in entries.items() if value is not None}


def check_claim(folder: Path, begun: Mapping[str, Any]) -> None:
    """Check that the folder is free, or holds what was begun with the same.

    A setting that an older entry lacks has come later; its default is what was done before.

    Parameters
    ----------
    folder : Path
    begun : mapping
        Of `begun_with`.

    Raises
    ------
    RunError
        If the folder holds anything of another configuration or other data.
    """
    if not (folder / CONFIG).exists():
        others = [name for name in _WRITTEN if (folder / name).exists()]
        if others:
            raise RunError(folder, f"holds {others[0]} that is of no fit here; use another folder")
        return
    found = read_json(folder / CONFIG)
    if not (isinstance(found, dict) and isinstance(found.get("config"), dict)):
        raise RunError(folder / CONFIG, "is not the configuration of a fit; use another folder")
    settings = begun["config"]
    old = _as_json(FitConfig()) | found["config"]
    other = [name for name in settings if old[name] != settings[name]]
    if other:
        message = f"was made with another {', '.join(other)}; use another folder"
        raise RunError(folder, message)
    if found.get("data", {}).get("sha256") != begun["data"]["sha256"]:
        raise RunError(folder, "was made with another data set; use another folder")
    for name, message in _OTHERS.items():
        if found.get(name) != begun.get(name):
            raise RunError(folder, message)


def claim(folder: Path, begun: Mapping[str, Any]) -> None:
    """Write into the folder what is begun there, if it is free.

    Parameters
    ----------
    folder : Path
        Made if it is missing.
    begun : mapping
        Of `begun_with`.

    Raises
    ------
    RunError
        As for `check_claim`.
    OutputError
        If the folder cannot be written.
    """
    check_claim(folder, begun)
    if not (folder / CONFIG).exists():
        write_json(folder / CONFIG, begun)


def identity(path: Path) -> dict[str, Any]:
    """Name and SHA-256 of a file."""
    return {"name": path.name, "sha256": hash_file(path)}


def _as_json(config: FitConfig) -> dict[str, Any]:
    settings = asdict(config)
    return {k: list(v) if isinstance(v, tuple) else v for k, v in settings.items()}
