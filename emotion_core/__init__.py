"""Faces and their apparent emotions in pictures and videos: media, faces, emotions, timelines.

The names of the public interface are imported when they are first used, so that importing the
package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from emotion_core.version import __version__

if TYPE_CHECKING:
    from emotion_core.annotation import Annotation
    from emotion_core.annotator import Annotator, annotate_media
    from emotion_core.results.read import read_timeline

__all__ = ["Annotation", "Annotator", "__version__", "annotate_media", "read_timeline"]

_HOMES: Final = {
    "Annotation": "emotion_core.annotation",
    "Annotator": "emotion_core.annotator",
    "annotate_media": "emotion_core.annotator",
    "read_timeline": "emotion_core.results.read",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
