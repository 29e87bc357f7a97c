"""An environment of its own for `fer`, whose requirements and this project's exclude each other."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

log = logging.getLogger(__name__)

FER_VERSION: Final = "25.10.3"
REQUIREMENTS: Final = (
    f"fer=={FER_VERSION}",
    "moviepy<2",  # fer imports moviepy.editor
    "opencv-contrib-python<5",  # later ones ship no Haar cascades
    "setuptools<81",  # fer imports pkg_resources
    "tensorflow==2.21.*",
)
DEFAULT_FOLDER: Final = Path.home() / ".cache" / "emotion-annotate" / f"fer-{FER_VERSION}"


def ensure_environment(folder: Path) -> Path:
    """The interpreter of an environment with `fer`, which is made where it is missing.

    Raises
    ------
    ClickException
        It cannot be made; pip has said why.
    """
    python, made_from = folder / "bin" / "python", folder / "requirements.txt"
    wanted = "".join(f"{line}\n" for line in REQUIREMENTS)
    if not made_from.exists() or made_from.read_text(encoding="utf-8") != wanted:
        log.warning("installing fer and TensorFlow into %s: some gigabytes, once", folder)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            subprocess.run([*pip, "install", *REQUIREMENTS], check=True)
        except subprocess.CalledProcessError as error:
            raise click.ClickException(
                f"{folder}: no environment for fer can be made: --no-fer measures without it"
            ) from error
        # Written last: what is there is whole.
        made_from.write_text(wanted, encoding="utf-8")
    return python
