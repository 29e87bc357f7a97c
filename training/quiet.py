"""TensorFlow without its greetings: what it prints while it is imported tells users nothing."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Final

_NOISE: Final = re.compile(
    rb"WARNING: All log messages before absl|[IW]\d{4} [\d:.]+ .*|.*: [IW] (tensorflow|external)/.*"
)
"""Notes and warnings in the form of absl and of TensorFlow; errors are kept."""

_NOISY: Final = frozenset({"tensorflow", "jax", "nncf"})


def import_quietly() -> None:
    """From now on, import them without what they print of no consequence."""
    # Only what the user set himself overrides this. Without a GPU, that there is none is no error.
    level = "2" if Path("/proc/driver/nvidia/version").exists() else "3"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", level)
    if not any(isinstance(finder, _QuietFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _QuietFinder())


@contextmanager
def without_noise() -> Iterator[None]:
    """Keep C++ libraries' notes from the standard error; all else follows at the end."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            for line in caught:
                if not _NOISE.match(line):
                    os.write(2, line)


class _QuietFinder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A package of those that print, to be imported quietly."""
        if fullname not in _NOISY:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _QuietLoader(spec.loader)
        return spec


class _QuietLoader(Loader):
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the package's own loader."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Import it."""
        with without_noise():
            self._loader.exec_module(module)
