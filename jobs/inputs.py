"""Inputs as a user writes them: a file, a folder, a glob, or ``@LIST`` naming these."""

from __future__ import annotations

import os
from pathlib import Path

from emotion_core.paths import absolute_path


def absolute_input(item: str, folder: Path) -> str:
    """An input as written in `folder`, in a form that holds in any other."""
    mark = "@" if is_list(item, folder) else ""
    return mark + str(absolute_path(item.removeprefix(mark), folder))


def is_list(item: str, folder: Path) -> bool:
    """Whether an input names a list of inputs, and not a file that is called like one."""
    return item.startswith("@") and not os.path.lexists(folder / item)
