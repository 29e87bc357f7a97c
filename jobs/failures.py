"""Failures on disk: ``failures.jsonl``, a line per file, there as soon as the file has failed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from emotion_core.errors import MediaError
from emotion_core.files import reported_for, written_aside
from emotion_core.tasks import identify
from jobs.report import FAILURES_FILE, FileOutcome


def what_is_tried(path: Path, made_with: str) -> dict[str, Any] | None:
    """What decides whether a file fails again: its state and what is done with it.

    Parameters
    ----------
    path : Path
    made_with : str
        A hash of the configuration, the models and the software.

    Returns
    -------
    tried : dict or None
        JSON values; None where the file cannot be looked at.
    """
    try:
        identity = identify(path)
        # Permissions change this time, and no other.
        return {**identity, "changed_ns": path.stat().st_ctime_ns, "made_with": made_with}
    except (MediaError, OSError):
        return None


class FailureLog:
    """Begins the file of a run anew, and adds to it.

    Raises
    ------
    OutputError
    """

    def __init__(self, output: Path, outcomes: Iterable[FileOutcome]) -> None:
        self._path = output / FAILURES_FILE
        with written_aside(self._path) as partial, reported_for(self._path):
            partial.write_bytes(b"".join(map(_line, outcomes)))

    def add(self, outcome: FileOutcome) -> None:
        """Append a file that has failed.

        Raises
        ------
        OutputError
        """
        with reported_for(self._path), self._path.open("ab") as file:
            file.write(_line(outcome))


def read_failures(output: Path) -> dict[str, Mapping[str, Any]]:
    """Failures of the last run by source; `tried` is None where one says nothing about its file."""
    try:
        lines = (output / FAILURES_FILE).read_bytes().splitlines()
    except OSError:
        return {}
    failures: dict[str, Mapping[str, Any]] = {}
    for line in lines:
        try:
            failure = json.loads(line)
            failures[str(failure["source"])] = {"tried": None, **failure}
        except (ValueError, KeyError, TypeError):
            # Cut off when a run was killed, or by an older version: the file is tried again.
            continue
    return failures


def known_outcome(path: Path, failure: Mapping[str, Any]) -> FileOutcome:
    """The outcome of a file that is not tried again."""
    return FileOutcome(
        path=path,
        source=failure["source"],
        seconds=0.0,
        stage=str(failure.get("stage", "")),
        error=str(failure.get("error", "")),
        attempts=int(failure.get("attempts", 1)),
        trace=str(failure.get("traceback", "")),
        tried=failure["tried"],
        before=True,
    )


def _line(outcome: FileOutcome) -> bytes:
    text = json.dumps(outcome.failure(), ensure_ascii=False)
    # Names that are not UTF-8 stay readable as JSON escapes.
    return text.encode("utf-8", "backslashreplace") + b"\n"
