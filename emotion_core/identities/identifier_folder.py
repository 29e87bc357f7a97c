"""The folder of an identifier: the network that tells people apart, and the card that describes it.

It is made of weights that are not part of this project, so it does not travel with the package.
Like a model bundle it is data only, and checked against the hashes of its card.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emotion_core.bundle import check_files
from emotion_core.errors import BundleError
from emotion_core.faces.crop import CROP_NAME
from emotion_core.faces.faces import EMBEDDING_LENGTH

KIND: Final = "identifier"
CARD_FORMAT: Final = 1
EMBEDDING: Final = "embedding"
"""Name of the network's output."""

_ADVICE: Final = (
    "make an identifier with 'emotion-training initial-weights' and then "
    "'emotion-training identifier', and pass the folder that the latter writes to --identities"
)


@dataclass(frozen=True)
class IdentifierFolder:
    """A verified identifier.

    Attributes
    ----------
    path : Path
        The folder.
    card : Mapping
        The parsed ``card.json``.
    sha256 : str
        Hash of ``card.json``; it covers the network through the hashes that the card lists.
    """

    path: Path
    card: Mapping[str, Any]
    sha256: str

    @property
    def model_path(self) -> Path:
        """The OpenVINO intermediate representation."""
        return self.path / "model.xml"

    @property
    def input_size(self) -> int:
        """Side of the square input in pixels."""
        return int(self.card["input"]["size"])

    @property
    def precision(self) -> str:
        """Arithmetic of the inference: ``f32`` or ``bf16``."""
        return str(self.card["precision"])


def load_identifier(folder: Path | str) -> IdentifierFolder:
    """Read and verify what ``emotion-training identifier`` wrote.

    Raises
    ------
    BundleError
        The folder or a file is missing, a hash differs, or the card describes something else or a
        format that this version does not read.
    """
    path = Path(folder).absolute()
    if not path.is_dir():
        raise BundleError(path, f"no such folder: {_ADVICE}")
    card_path = path / "card.json"
    try:
        text = card_path.read_bytes()
        card = json.loads(text)
    except OSError as error:
        message = f"cannot be read ({error.strerror}), so its folder is no identifier: {_ADVICE}"
        raise BundleError(card_path, message) from error
    except (ValueError, RecursionError) as error:
        raise BundleError(card_path, f"not valid JSON ({error}): {_ADVICE}") from error
    if not _is_known(card):
        message = f"describes no identifier that this version reads: {_ADVICE}"
        raise BundleError(card_path, message)
    check_files(path, card["files"], _ADVICE)
    return IdentifierFolder(path, card, hashlib.sha256(text).hexdigest())


def _is_known(card: Any) -> bool:
    try:
        found = card["kind"], card["format"], card["input"]["crop"], card["length"]
        size, precision, files = card["input"]["size"], card["precision"], card["files"]
    except (KeyError, TypeError):
        return False
    return (
        found == (KIND, CARD_FORMAT, CROP_NAME, EMBEDDING_LENGTH)
        and isinstance(size, int)
        and 16 <= size <= 512
        and precision in ("f32", "bf16")
        and isinstance(files, dict)
    )
