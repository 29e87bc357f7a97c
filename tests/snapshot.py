"""What lies in an output folder, byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

# It tells of the run, not of its results.
RECORD = "run.json"


def snapshot(output: Path) -> dict[str, str]:
    """Hashes of all files by their path below the folder, hidden ones too."""
    return {
        str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(output.rglob("*"))
        if path.is_file() and path.name != RECORD
    }
