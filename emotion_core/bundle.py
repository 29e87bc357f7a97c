"""Model bundles: a folder with the inference form of the classifier and the card that describes it.

A bundle is data only. Every file that the card lists is checked against its SHA-256 before
anything is read from it, and nothing in a bundle is executed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from emotion_core.errors import BundleError
from emotion_core.faces.crop import CROP_NAME
from emotion_core.files import hash_file
from emotion_core.labels import EMOTIONS
from emotion_core.models import DEFAULT_BUNDLE

CARD_FORMAT: Final = 1
QUALITY_EXPONENTS: Final = ("temperature_exponent", "threshold_exponent")
"""Of the card's ``quality``: how `emotion_core.emotions.calibrate.Calibration` depends on it."""

BRIEF: Final = (
    "name", "version", "precision", "temperature", "abstention_threshold", "quality",
)  # fmt: skip
"""What a timeline says of the card of its model; the whole card is kept beside the timelines."""

INFERENCE_FILES: Final = ("model.xml", "model.bin")


@dataclass(frozen=True)
class Bundle:
    """A verified model bundle.

    Attributes
    ----------
    path : Path
        The folder.
    card : Mapping
        The parsed ``card.json``.
    text : bytes
        ``card.json`` as it is on disk.
    """

    path: Path
    card: Mapping[str, Any]
    text: bytes = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        """Hash of ``card.json``; it covers the model through the hashes that the card lists."""
        return hashlib.sha256(self.text).hexdigest()

    @property
    def model_path(self) -> Path:
        """The OpenVINO intermediate representation."""
        return self.path / "model.xml"

    @property
    def name(self) -> str:
        """Name and version, as the card gives them."""
        return f"{self.card['name']} {self.card['version']}"

    @property
    def input_size(self) -> int:
        """Side of the square input in pixels."""
        return int(self.card["input"]["size"])

    @property
    def precision(self) -> str:
        """Arithmetic of the inference: ``f32`` or ``bf16``."""
        return str(self.card["precision"])

    @property
    def temperature(self) -> float:
        """Divisor of the logits that calibrates the probabilities."""
        return float(self.card["temperature"])

    @property
    def abstention_threshold(self) -> float:
        """Confidence below which a row of full quality is marked uncertain."""
        return float(self.card["abstention_threshold"])


def load_bundle(folder: Path | str = DEFAULT_BUNDLE) -> Bundle:
    """Read and verify a model bundle.

    Raises
    ------
    BundleError
        The folder or a file is missing, a hash differs, or the card describes a model with other
        labels, another crop or a format that this version does not read.
    """
    path = Path(folder).absolute()
    if not path.is_dir():
        raise BundleError(path, "no model bundle here: pass the folder that holds card.json")
    card_path = path / "card.json"
    try:
        text = card_path.read_bytes()
        card = json.loads(text)
    except OSError as error:
        raise BundleError(
            card_path, f"cannot be read ({error.strerror}): not a model bundle"
        ) from error
    except (ValueError, RecursionError) as error:
        raise BundleError(
            card_path, f"not valid JSON ({error}): export the bundle again"
        ) from error
    _check_card(card_path, card)
    check_files(path, card["files"])
    return Bundle(path=path, card=card, text=text)


def brief(tool: Mapping[str, Any]) -> dict[str, Any]:
    """What names a model or an identifier, and what rows are read with, of a card and its hash.

    Parameters
    ----------
    tool : mapping
        ``card`` and ``sha256``. What is brief already, or has no card, stays as it is.
    """
    if "card" not in tool:
        return dict(tool)
    card = tool["card"]
    found = {name: card[name] for name in BRIEF if name in card}
    if "quality" in found:
        found["quality"] = {name: found["quality"].get(name, 0) for name in QUALITY_EXPONENTS}
    return found | {"sha256": tool["sha256"]}


def _check_card(path: Path, card: Any) -> None:
    if not isinstance(card, dict) or card.get("format") != CARD_FORMAT:
        found = card.get("format") if isinstance(card, dict) else type(card).__name__
        raise BundleError(path, f"card format {found!r}, but this version reads {CARD_FORMAT}")
    try:
        labels, crop = card["labels"], card["input"]["crop"]
        size, channels = card["input"]["size"], card["input"]["channels"]
        temperature, threshold = card["temperature"], card["abstention_threshold"]
        precision, outputs, files = card["precision"], card["outputs"], card["files"]
        identity = card["name"], card["version"]
    except (KeyError, TypeError) as error:
        raise BundleError(path, f"the card lacks {error}: export the bundle again") from error
    if list(labels) != list(EMOTIONS) or list(outputs.get("logits", ())) != list(EMOTIONS):
        raise BundleError(
            path, f"labels {labels} differ from {list(EMOTIONS)}: the model is for another task"
        )
    if crop != CROP_NAME:
        raise BundleError(
            path, f"trained on crop {crop!r}, but this version cuts {CROP_NAME!r}: train it again"
        )
    if channels != 1 or not isinstance(size, int) or not 16 <= size <= 512:
        raise BundleError(path, f"input {size} x {size} x {channels} is not a grey square")
    numbers = all(isinstance(value, int | float) for value in (temperature, threshold))
    if not numbers or not 0 < temperature < math.inf or not 0 <= threshold <= 1:
        raise BundleError(path, f"temperature {temperature} or threshold {threshold} out of range")
    _check_quality(path, card.get("quality", {}))
    if precision not in ("f32", "bf16"):
        raise BundleError(path, f"precision {precision!r} is neither 'f32' nor 'bf16'")
    if not all(isinstance(text, str) for text in identity) or not isinstance(files, dict):
        raise BundleError(path, "name, version or files have the wrong type")


def _check_quality(path: Path, quality: Any) -> None:
    """An older card has none: nothing depends on quality then."""
    found = (
        [quality.get(name, 0) for name in QUALITY_EXPONENTS] if isinstance(quality, dict) else []
    )
    numbers = all(isinstance(value, int | float) and 0 <= value <= 10 for value in found)
    if not found or not numbers:
        names = " and ".join(QUALITY_EXPONENTS)
        raise BundleError(path, f"quality {quality} must give {names} from 0 to 10")


def check_files(
    folder: Path, hashes: Mapping[str, str], advice: str = "copy or export the bundle again"
) -> None:
    """Compare the files of a model with the hashes that its card lists.

    Parameters
    ----------
    folder : Path
    hashes : mapping of str to str
        SHA-256 by name.
    advice : str
        What to do where they differ.

    Raises
    ------
    BundleError
        One that inference needs is missing, or one differs.
    """
    for name in INFERENCE_FILES:
        if name not in hashes:
            message = f"the card lists no hash for {name}: {advice}"
            raise BundleError(folder / "card.json", message)
    for name, expected in hashes.items():
        if Path(name).name != name:
            raise BundleError(folder / "card.json", f"{name!r} is not a plain file name")
        file = folder / name
        if not file.is_file():
            if name in INFERENCE_FILES:
                raise BundleError(file, f"is missing: {advice}")
            continue
        try:
            found = hash_file(file)
        except OSError as error:
            raise BundleError(file, f"cannot be read ({error.strerror})") from error
        if found != expected:
            raise BundleError(
                file,
                f"SHA-256 {found[:12]}… differs from the card's {expected[:12]}…: "
                f"the file was altered or damaged; {advice}",
            )
