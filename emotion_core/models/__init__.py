"""Models that travel with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DEFAULT_BUNDLE: Final = Path(__file__).resolve().parent / "default"
