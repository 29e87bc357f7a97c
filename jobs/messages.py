"""What the command says before and after a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emotion_core.layout import annotated_folder, timelines_folder
from emotion_core.media.kinds import Kind
from emotion_core.printable import printable
from emotion_core.terminal import counted
from jobs.reasons import NEW, NEW_CHUNK
from jobs.report import FAILURES_FILE

if TYPE_CHECKING:
    from jobs.report import Report
    from jobs.todo import Todo

NAMES_SHOWN: Final = 3
KINDS_SHOWN: Final = 4
_PASSED_OVER: Final = {
    Kind.ARCHIVE: "unpack it first",
    Kind.UNREAD: "not read, convert it first",
    Kind.UNKNOWN: "neither name nor content is known; name a file itself to have it tried",
}


def describe_todo(todo: Todo) -> Iterator[str]:
    """What there is to do, and why where not all is new."""
    for folder, name in todo.named_anew.items():
        yield (
            f"{folder}: its results are named {name}, as there are results of another folder "
            f"named {folder.name}."
        )
    reasons = todo.reasons()
    if todo.finished or todo.failed or not reasons.keys() <= {NEW, NEW_CHUNK}:
        yield (
            f"{len(todo.finished):,} of {todo.total:,} done already, {len(todo.files):,} to do"
            f"{_in_words(reasons)}."
        )
    elif todo.files:
        yield f"{counted(len(todo.files), 'file')} to do."
    if todo.failed:
        yield f"{len(todo.failed):,} failed before, not tried again (--retry-failed does)."


def describe_report(report: Report, output: Path) -> Iterator[str]:
    """What became of a run."""
    from emotion_core.timeline.run_tables import TABLES

    failed = report.failed
    rate = report.frames / report.seconds if report.seconds else 0.0
    if all(outcome.before for outcome in report.outcomes):
        yield "Nothing was left to do."
    else:
        yield (
            f"{len(report.done):,} done, {len(failed):,} failed; "
            f"{counted(report.frames, 'frame')} in {report.seconds:.1f} s ({rate:.0f}/s)."
        )
    first_only = sum(outcome.pictures > 1 for outcome in report.done)
    if first_only:
        files = counted(first_only, "file")
        yield f"Of {files} with more than one picture, the first was analysed."
    one_of_many = sum(outcome.videos > 1 for outcome in report.done)
    if one_of_many:
        files = counted(one_of_many, "file")
        yield f"Of {files} with more than one video stream, the main one was analysed."
    if report.stills_gone:
        gone = counted(report.stills_gone, "still")
        yield f"Taken out of the timelines: {gone} no longer in the folder."
    if report.old_copies:
        copies = counted(report.old_copies, "earlier copy", "earlier copies")
        yield (
            f"{copies} in {annotated_folder(output).name} may show other "
            "results: the run had --no-video."
        )
    yield from describe_passed_over(report.passed_over)
    if report.others:
        yield f"{output.name} also holds {counted(report.others, 'earlier file')}."
    if not report.complete:
        yield "Ended at the first failure (--fail-fast). The same command goes on from there."
    if failed:
        yield f"Failed files and why: {output / FAILURES_FILE}"
    if report.complete and (report.done or report.finished_before):
        drawn = () if report.old_copies else (annotated_folder(output),)
        results = (timelines_folder(output), *drawn, *map(output.joinpath, TABLES))
        there = ", ".join(result.name for result in results if result.exists())
        yield f"Results: {output} ({there})"


def describe_passed_over(passed_over: Mapping[Kind, Sequence[Path]]) -> Iterator[str]:
    """Files in folders that a user may miss, a line for each kind; run.json has their names."""
    for kind, advice in _PASSED_OVER.items():
        paths = passed_over.get(kind, ())
        if paths:
            yield f"Passed over: {_by_suffix(paths)}: {advice}."


def _by_suffix(paths: Sequence[Path]) -> str:
    """Such as "2 .zip, 1 without suffix"; the names themselves of a few."""
    if len(paths) <= NAMES_SHOWN:
        return ", ".join(printable(path.name) for path in paths)
    counts = Counter(path.suffix.lower() or "without suffix" for path in paths)
    parts = [f"{count:,} {printable(suffix)}" for suffix, count in counts.most_common(KINDS_SHOWN)]
    rest = len(paths) - sum(count for _, count in counts.most_common(KINDS_SHOWN))
    return ", ".join([*parts, *([f"{rest:,} others"] if rest else [])])


def _in_words(reasons: dict[str, int]) -> str:
    if not reasons:
        return ""
    return ": " + ", ".join(f"{count:,} ({reason})" for reason, count in reasons.items())
