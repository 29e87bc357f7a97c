"""What became of each file, and of the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.exit_codes import ExitCode

if TYPE_CHECKING:
    from emotion_core.timeline.summary import FileSummary


@dataclass(frozen=True)
class FileOutcome:
    """The end of one file.

    Attributes
    ----------
    path : Path
    source : str
    seconds : float
        From its first task to its last.
    summary : FileSummary or None
        None where it failed.
    stage : str
        Where it failed.
    error : str
        Why; empty where it did not.
    attempts : int
        Of the task that failed.
    trace : str
        The traceback, where the program itself failed.
    pictures : int
        In the file of a still; only the first is analysed.
    """

    path: Path
    source: str
    seconds: float
    summary: FileSummary | None = None
    stage: str = ""
    error: str = ""
    attempts: int = 1
    trace: str = ""
    pictures: int = 1

    @property
    def ok(self) -> bool:
        return self.summary is not None

    def failure(self) -> dict[str, Any]:
        """Its line in ``failures.jsonl``."""
        line = {
            "path": str(self.path),
            "source": self.source,
            "stage": self.stage,
            "error": self.error,
            "attempts": self.attempts,
        }
        return line | ({"traceback": self.trace} if self.trace else {})


@dataclass
class Report:
    """What became of a run.

    Attributes
    ----------
    outcomes : list of FileOutcome
        In the order in which files ended.
    seconds : float
    complete : bool
        No interruption and no fault of the program ended the run early.
    stills_gone : int
        Stills of an earlier run that are no longer in their folder and lost their rows.
    """

    outcomes: list[FileOutcome] = field(default_factory=list)
    seconds: float = 0.0
    complete: bool = False
    stills_gone: int = 0

    @property
    def done(self) -> list[FileOutcome]:
        return [outcome for outcome in self.outcomes if outcome.ok]

    @property
    def failed(self) -> list[FileOutcome]:
        return [outcome for outcome in self.outcomes if not outcome.ok]

    @property
    def frames(self) -> int:
        return sum(outcome.summary.frames for outcome in self.outcomes if outcome.summary)

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.SOME_FAILED if self.failed else ExitCode.DONE

    def counts(self) -> dict[str, int]:
        """Totals, for ``run.json``."""
        summaries = [outcome.summary for outcome in self.outcomes if outcome.summary]
        return {
            "files_done": len(self.done),
            "files_failed": len(self.failed),
            "stills_first_picture_only": sum(outcome.pictures > 1 for outcome in self.outcomes),
            "stills_gone": self.stills_gone,
            "frames": sum(summary.frames for summary in summaries),
            "frames_with_face": sum(summary.with_face for summary in summaries),
            "frames_damaged": sum(summary.damaged for summary in summaries),
            "frames_undecodable": sum(summary.undecodable for summary in summaries),
        }
