"""Faces and their apparent emotions in pictures and videos: media, faces, emotions, timelines.

The names of the public interface are imported when they are first used, so that importing the
package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from emotion_core.results.read import read_timeline

__version__ = "0.1.0"

__all__ = ["__version__", "read_timeline"]

_HOMES: Final = {"read_timeline": "emotion_core.results.read"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
