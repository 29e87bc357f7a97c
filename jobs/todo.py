"""What a run has to do: what is finished already is left alone, and why the rest is not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emotion_core.errors import MediaError
from emotion_core.tasks import identify
from emotion_core.timeline.identity import NUMBERED
from emotion_core.timeline.store import read_metadata
from jobs import reasons
from jobs.config import JobConfig
from jobs.failures import known_outcome, read_failures, what_is_tried
from jobs.parts import digest
from jobs.plan import MediaFile, Plan, StillsWork, VideoWork, Work
from jobs.report import FileOutcome


@dataclass
class Todo:
    """What a run has to do.

    Attributes
    ----------
    works : list of (Work, str)
        What is done, and why it is not finished already.
    finished : list of MediaFile
        Their results are complete and made from the same input, models and options.
    failed : list of FileOutcome
        They failed before and would again: nothing that decides it has changed.
    named_anew : mapping of Path to str
        As of the plan.
    """

    works: list[tuple[Work, str]] = field(default_factory=list)
    finished: list[MediaFile] = field(default_factory=list)
    failed: list[FileOutcome] = field(default_factory=list)
    named_anew: Mapping[Path, str] = field(default_factory=dict)

    @property
    def files(self) -> list[MediaFile]:
        """Those that are done."""
        return [file for work, _ in self.works for file in work.files]

    @property
    def total(self) -> int:
        """All files of the plan."""
        return len(self.files) + len(self.finished) + len(self.failed)

    def reasons(self) -> dict[str, int]:
        """Files by why they are done, the most first."""
        counts: Counter[str] = Counter()
        for work, reason in self.works:
            counts[reason] += len(work.files)
        return dict(counts.most_common())


def make_todo(plan: Plan, config: JobConfig, metadata: Mapping[str, Any]) -> Todo:
    """Look at the results that are there.

    Parameters
    ----------
    plan : Plan
    config : JobConfig
    metadata : mapping
        What the timelines of this run would say made them.
    """
    # As it would come back from a timeline.
    wanted = json.loads(json.dumps(metadata))
    made_with, todo = digest(metadata), Todo(named_anew=plan.named_anew)
    failures = {} if config.run.overwrite else read_failures(config.output)
    for work in plan.works:
        if config.run.overwrite:
            todo.works.append((work, reasons.OVERWRITE))
            continue
        known = {file: failures[file.source] for file in work.files if file.source in failures}
        failed = {
            file: failure
            for file, failure in known.items()
            if failure["tried"] is not None
            and failure["tried"] == what_is_tried(file.path, made_with)
        }
        reason = _why_unfinished(work, wanted, failed)
        if reason is None and failed and config.run.retry_failed:
            reason = reasons.FAILED_BEFORE
        elif reason in (reasons.NEW, reasons.NEW_CHUNK) and known:
            reason = reasons.FAILED_OTHERWISE
        if reason is not None:
            todo.works.append((work, reason))
        else:
            todo.finished += [file for file in work.files if file not in failed]
            todo.failed += [known_outcome(file.path, failed[file]) for file in failed]
    if config.analysis.identities is not None and todo.works:
        _add_finished(plan, todo)
    return todo


def _add_finished(plan: Plan, todo: Todo) -> None:
    """Do what is finished again, too: what its people look like is not kept."""
    finished, reason_of = set(todo.finished), {id(work): reason for work, reason in todo.works}
    for work in plan.works:
        if finished.intersection(work.files):
            reason_of[id(work)] = reasons.NUMBERED_TOGETHER
    todo.works = [(work, reason_of[id(work)]) for work in plan.works if id(work) in reason_of]
    again = {file.source for file in todo.files}
    todo.finished = []
    todo.failed = [outcome for outcome in todo.failed if outcome.source not in again]


def _why_unfinished(
    work: Work, wanted: Mapping[str, Any], failed: Mapping[MediaFile, Any]
) -> str | None:
    """Why some file of a work is neither finished nor known to fail."""
    left = [file for file in work.files if file not in failed]
    if not left:
        return None
    try:
        recorded = read_metadata(work.timeline)
        return _why_differs(work, left, recorded, wanted)
    except MediaError:
        if not work.timeline.exists():
            return reasons.NEW if isinstance(work, VideoWork) else reasons.NEW_CHUNK
    except (AttributeError, KeyError, TypeError):
        # A timeline that someone has altered.
        pass
    return reasons.UNREADABLE


def _why_differs(
    work: Work, files: list[MediaFile], recorded: Mapping[str, Any], wanted: Mapping[str, Any]
) -> str | None:
    inputs, copies = _inputs(work, recorded), _copies(work)
    for file in files:
        reason = reasons.why_read_anew(inputs.get(file.source), _identity(file))
        if reason is not None:
            return reason
    reason = reasons.why_made_otherwise(recorded, wanted) or _why_numbered_anew(recorded, wanted)
    if reason is None and wanted["render"] is not None:
        missing = any(not copies[file].exists() for file in files)
        return reasons.COPY_MISSING if missing else None
    return reason


def _why_numbered_anew(recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> str | None:
    if "identifier" not in wanted:
        return None
    if recorded["identifier"]["sha256"] != wanted["identifier"]["sha256"]:
        return reasons.IDENTIFIER_CHANGED
    return None if recorded.get(NUMBERED) else reasons.NOT_NUMBERED


def _inputs(work: Work, recorded: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What a timeline says of its inputs, by source."""
    if isinstance(work, StillsWork):
        return {still["source"]: still for still in recorded["inputs"]}
    return {work.file.source: recorded["input"]}


def _copies(work: Work) -> dict[MediaFile, Path]:
    return dict(zip(work.files, work.copies, strict=True))


def _identity(file: MediaFile) -> dict[str, Any] | None:
    try:
        return identify(file.path)
    except MediaError:
        return None
