"""What a run tells while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from jobs.report import FileOutcome

SHARE_TO_TELL: Final = 0.01


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    outcome : FileOutcome or None
        The file that has just ended.
    files_done, files_failed, files_total : int
        With those that earlier runs did.
    frames : int
        Frames analysed.
    share : float
        How much of what this run has to do is done, by bytes of input, 0-1.
    seconds : float
        Since the run began.
    """

    outcome: FileOutcome | None
    files_done: int
    files_failed: int
    files_total: int
    frames: int
    share: float
    seconds: float

    @property
    def seconds_left(self) -> float | None:
        """Estimate; None before enough is done to tell."""
        if self.share < SHARE_TO_TELL:
            return None
        return self.seconds * (1 - self.share) / self.share


Listener = Callable[[Progress], None]
