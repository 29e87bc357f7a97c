"""Errors that concern a user's input.

::

    EmotionError                 carries the path that it concerns
    ├── UsageError               the request cannot be carried out as it stands
    ├── MediaError               a file cannot be read
    │   ├── UnsupportedMedia     a known kind of file that is not read; the message says what to do
    │   ├── SegmentMismatch      what is read disagrees with the index: index it anew, read in order
    │   └── SourceError          a camera or stream cannot be opened, or sends no video
    ├── BundleError              a model is missing, altered or made for something else
    ├── OutputError              a result cannot be written
    │   └── DiskFull             no space is left for it, or no quota
    └── UnexpectedError          the program itself failed on a file

A file must not end the work on others: what else is raised while one is worked on becomes an
`UnexpectedError` with its traceback. Elsewhere it is a programming error and is not caught.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from emotion_core.printable import printable


class EmotionError(Exception):
    """Base class: a fault of an input or an output, not of the program.

    Parameters
    ----------
    path : Path or str or None
        The file or folder that the error concerns; None where only the caller knows it.
    message : str
        What is wrong and what to do about it, without the path.
    """

    def __init__(self, path: Path | str | None, message: str) -> None:
        super().__init__(path, message)
        self.path = None if path is None else Path(path)
        self.message = message

    def __str__(self) -> str:
        """On one line that a terminal may show, whatever the name of the file holds."""
        return printable(self.message if self.path is None else f"{self.path}: {self.message}")


class UsageError(EmotionError):
    """The request cannot be carried out as it stands."""


class MediaError(EmotionError):
    """A picture or video cannot be read."""


class UnsupportedMedia(MediaError):
    """A known kind of file that is not read; the message says how to convert it."""


class SegmentMismatch(MediaError):
    """What is read disagrees with the index: the file must be indexed anew, and read in order."""


class SourceError(MediaError):
    """A camera or stream cannot be opened, or sends no video."""


class BundleError(EmotionError):
    """A model bundle or an identifier is missing, altered or made for something else."""


class OutputError(EmotionError):
    """A result cannot be written."""


class DiskFull(OutputError):
    """No space is left for a result, or no quota."""


class UnexpectedError(EmotionError):
    """The program itself failed on a file.

    Parameters
    ----------
    path : Path or str or None
    message : str
    trace : str
        The traceback of what was raised.
    """

    def __init__(self, path: Path | str | None, message: str, trace: str) -> None:
        super().__init__(path, message)
        # What unpickling passes to the constructor.
        self.args = (path, message, trace)
        self.trace = trace

    @classmethod
    def of(cls, path: Path | str | None, error: Exception) -> UnexpectedError:
        """From what was raised, within its handler."""
        message = f"the program failed on it ({type(error).__name__}: {error}): please report this"
        return cls(path, message, traceback.format_exc())
