"""How a task can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emotion_core.errors import EmotionError, MediaError


@dataclass(frozen=True)
class Finished:
    """A task's result.

    Attributes
    ----------
    value : object
    written : mapping of Path to int
        Sizes in bytes of the results that it has written for the user.
    """

    value: Any
    written: Mapping[Path, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """A task that met a fault of its file."""

    error: EmotionError


@dataclass(frozen=True)
class Died:
    """A task whose worker ended before it did.

    Attributes
    ----------
    reason : str
    started : bool
        The worker had come as far as the task.
    """

    reason: str
    started: bool


class WorkersDied(MediaError):
    """A task of which workers died as often as it was given to one."""


Outcome = Finished | Failed | Died
