"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from emotion_core.errors import OutputError

PARTIAL_PREFIX: Final = ".partial-"


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`; on success synced and renamed to it, otherwise removed.

    Raises
    ------
    OutputError
        The file cannot be written: disk full, no permission, folder gone.
    """
    # A short name of its own: the final one may already be as long as the file system allows.
    partial = path.with_name(f"{PARTIAL_PREFIX}{os.getpid()}-{abs(hash(path.name)):x}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        descriptor = os.open(partial, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(partial, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            path, f"cannot be written ({reason}): check space and permission"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
