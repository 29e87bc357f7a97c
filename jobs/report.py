"""What became of each file, and of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from emotion_core.media.kinds import Kind
from jobs.exit_codes import ExitCode
from jobs.machine import now

if TYPE_CHECKING:
    from emotion_core.identities.looks import Looks
    from emotion_core.timeline.summary import FileSummary

FAILURES_FILE: Final = "failures.jsonl"


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
    clock_jumps : int
        How often the clock of a video jumps; its time goes on.
    videos : int
        Streams of a video's file; only the one that players choose is analysed.
    tried : mapping or None
        What decided its failure, by `jobs.failures.what_is_tried`; None where the failure says
        nothing about the file.
    before : bool
        It failed in an earlier run and was not tried again.
    looks : Looks or None
        What its tracks or faces look like: biometric data, which is written nowhere.
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
    clock_jumps: int = 0
    videos: int = 1
    tried: Mapping[str, Any] | None = None
    before: bool = False
    looks: Looks | None = None

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
            "tried": self.tried,
        }
        return line | ({"traceback": self.trace} if self.trace else {})


@dataclass
class Report:
    """What became of a run.

    Attributes
    ----------
    outcomes : list of FileOutcome
        In the order in which files ended.
    finished_before : frozenset of str
        Sources of files that earlier runs finished, and that were left alone.
    seconds : float
    complete : bool
        Nothing ended the run early: no interruption, no full disk, no `--fail-fast`.
    stills_gone : int
        Stills of an earlier run that are no longer in their folder and lost their rows.
    others : int
        Files of earlier runs, not among the inputs of this one, whose results lie there as well.
    begun : str
        When the run began, UTC, by ISO 8601.
    old_copies : int
        Copies of earlier runs, of files that this run did without drawing any.
    passed_over : mapping of Kind to sequence of Path
        As of the plan.
    """

    outcomes: list[FileOutcome] = field(default_factory=list)
    finished_before: frozenset[str] = frozenset()
    seconds: float = 0.0
    complete: bool = False
    stills_gone: int = 0
    old_copies: int = 0
    passed_over: Mapping[Kind, Sequence[Path]] = field(default_factory=dict)
    others: int = 0
    begun: str = field(default_factory=now)

    @property
    def done(self) -> list[FileOutcome]:
        return [outcome for outcome in self.outcomes if outcome.ok]

    @property
    def failed(self) -> list[FileOutcome]:
        return [outcome for outcome in self.outcomes if not outcome.ok]

    @property
    def known(self) -> int:
        """How many files have ended, in this run or before it."""
        return len(self.outcomes) + len(self.finished_before)

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
            "files_done_before": len(self.finished_before),
            "files_failed": len(self.failed),
            "stills_first_picture_only": sum(outcome.pictures > 1 for outcome in self.outcomes),
            "videos_with_clock_jumps": sum(outcome.clock_jumps > 0 for outcome in self.outcomes),
            "videos_one_stream_only": sum(outcome.videos > 1 for outcome in self.outcomes),
            "stills_gone": self.stills_gone,
            "files_of_earlier_runs": self.others,
            "frames": sum(summary.frames for summary in summaries),
            "frames_with_face": sum(summary.with_face for summary in summaries),
            "frames_damaged": sum(summary.damaged for summary in summaries),
            "frames_undecodable": sum(summary.undecodable for summary in summaries),
        }
