"""Paths as a user writes them."""

from __future__ import annotations

import os
from pathlib import Path


def absolute_path(path: Path | str, folder: Path | None = None) -> Path:
    """A path as written in `folder` (the current one by default), absolute and without ``..``.

    ``~`` is the home folder.
    """
    # Unlike Path.expanduser, this leaves a name like ~clip.mp4 as it is.
    whole = (folder or Path.cwd()) / os.path.expanduser(path)
    return Path(os.path.realpath(whole)) if ".." in whole.parts else whole
