"""What the nodes of a cluster must see alike: the output, and the input of each task."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import uuid4

from emotion_core.errors import EmotionError, OutputError
from emotion_core.files import reported_for
from emotion_core.stills_task import DrawStillsTask, StillOutcome, StillsTask, TryStillTask
from emotion_core.tasks import (
    AnalyseTask,
    IndexTask,
    JoinTask,
    Models,
    RenderTask,
    Task,
    TimelineTask,
)
from jobs.parts import WORK_FOLDER

PATIENCE_S: Final = 10.0
"""A file server's clients may not know for some seconds what another one has written."""

POLL_S: Final = 0.2
_ADVICE: Final = "put it on a file system that all nodes share, under the same path"


class NotShared(EmotionError):
    """A node does not see what this machine sees; it says nothing about the file."""


class SharedOutput:
    """A file in the output that nodes are asked to read, and to answer beside.

    Parameters
    ----------
    output : Path

    Raises
    ------
    OutputError
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        self.question = output / WORK_FOLDER / f"nodes-{uuid4().hex}"
        with reported_for(self.question):
            self.question.parent.mkdir(parents=True, exist_ok=True)
            self.question.write_text(self.question.name)

    def check_answer(self, answer: str, node: str) -> None:
        """See what a worker has written.

        Raises
        ------
        NotShared
            It is not there.
        """
        path = self.question.with_name(answer)
        if not _within_patience(lambda: _reads(path, answer)):
            raise _other_output(self._output, node)
        with suppress(OSError):
            path.unlink()

    def close(self) -> None:
        """Remove the file, and answers that came late."""
        for path in self.question.parent.glob(f"{self.question.name}*"):
            with suppress(OSError):
                path.unlink()


def answer(output: Path, question: Path) -> str:
    """Read the file of a `SharedOutput` and answer beside it, in a worker; the answer's name.

    Raises
    ------
    NotShared
        There is no such file here.
    OutputError
        The answer cannot be written.
    """
    if not _within_patience(lambda: _reads(question, question.name)):
        raise _other_output(output, socket.gethostname())
    path = question.with_name(f"{question.name}-{uuid4().hex}")
    with reported_for(output):
        path.write_text(path.name)
    return path.name


def _other_output(output: Path, node: str) -> NotShared:
    return NotShared(
        output, f"node {node} sees another folder there, or none: {_ADVICE}, then run again"
    )


def _reads(path: Path, text: str) -> bool:
    try:
        return path.read_text() == text
    except OSError:
        return False


def _within_patience(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    """Whether a condition holds, now or soon."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_S)
    return True


def input_sizes(task: Task) -> dict[Path, int]:
    """Sizes of those inputs of a task that this process sees."""
    sizes: dict[Path, int] = {}
    for path in _inputs(task):
        with suppress(OSError):
            sizes[path] = path.stat().st_size
    return sizes


def run_where_seen(task: Task, sizes: Mapping[Path, int], models: Models) -> object:
    """Run a task whose inputs this process must see as another one did.

    Parameters
    ----------
    task : Task
    sizes : mapping of Path to int
        What `input_sizes` said there.
    models : Models

    Raises
    ------
    NotShared
        None is seen. Of a chunk of stills, those that are seen are done.
    """
    unseen = {path: error for path, size in sizes.items() if (error := _unseen(path, size))}
    if not isinstance(task, StillsTask) or len(unseen) == len(task.paths):
        for error in unseen.values():
            raise error
        return task.run(models)
    left = [number for number, path in enumerate(task.paths) if path not in unseen]
    narrowed = replace(
        task,
        paths=tuple(task.paths[number] for number in left),
        sources=tuple(task.sources[number] for number in left),
        annotated=task.annotated and tuple(task.annotated[number] for number in left),
    )
    done = iter(narrowed.run(models))
    return [
        StillOutcome(source, None, unseen[path]) if path in unseen else next(done)
        for path, source in zip(task.paths, task.sources, strict=True)
    ]


def _unseen(path: Path, size: int) -> NotShared | None:
    def seen() -> bool:
        try:
            return path.stat().st_size == size
        except OSError:
            return False

    # Inputs have been there for long, most often: a second is enough. A timeline is new.
    if _within_patience(seen, PATIENCE_S if path.suffix == ".parquet" else 1.0):
        return None
    what = "another file there" if path.exists() else "no such file"
    return NotShared(path, f"node {socket.gethostname()} sees {what}: {_ADVICE}")


def _inputs(task: Task) -> Iterable[Path]:
    match task:
        case IndexTask(path=path) | TryStillTask(path=path):
            return (path,)
        case AnalyseTask(segment=segment):
            return (segment.info.path,)
        case RenderTask():
            return task.segment.info.path, task.timeline
        case TimelineTask(index=index) | JoinTask(index=index):
            return (index.info.path,)
        case StillsTask() | DrawStillsTask():
            # Those that are drawn from a timeline read it, too.
            return task.paths if isinstance(task, StillsTask) else (*task.paths, task.timeline)
        case _:
            return ()


def written_sizes(task: Task) -> dict[Path, int]:
    """Sizes of the results of a task that has ended, as the process sees them that ran it."""
    match task:
        case TimelineTask(timeline=timeline):
            places: tuple[Path, ...] = (timeline,)
        case JoinTask(annotated=annotated):
            places = (annotated,)
        case StillsTask(timeline=timeline, annotated=copies):
            places = (timeline, *(copies or ()))
        case DrawStillsTask(annotated=copies):
            places = copies
        case _:
            places = ()
    sizes: dict[Path, int] = {}
    for path in places:
        with suppress(OSError):
            sizes[path] = path.stat().st_size
    return sizes


def check_results(paths: Iterable[Path], sizes: Mapping[Path, int], *, patient: bool) -> None:
    """See that results lie where a user looks for them, whole, as they were written.

    Parameters
    ----------
    paths : iterable of Path
    sizes : mapping of Path to int
        As `written_sizes` gave them.
    patient : bool
        Another machine may have written them.

    Raises
    ------
    OutputError
        One is missing, or another file lies there.
    """
    for path in paths:
        size = sizes.get(path)

        def there(path: Path = path, size: int | None = size) -> bool:
            try:
                return path.stat().st_size == size and bool(size)
            except OSError:
                return False

        if not _within_patience(there, PATIENCE_S if patient else 0.0):
            raise OutputError(
                path,
                "was written, but is not there or another file is: see that nothing else removes "
                "results and that all nodes share the output, then run the same command again",
            )
