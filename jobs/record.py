"""The record of a run: ``run.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from emotion_core.files import reported_for, written_aside
from jobs.config import JobConfig
from jobs.machine import describe_machine, library_versions, now
from jobs.plan import Plan
from jobs.report import Report

RECORD_FILE: Final = "run.json"


def write_record(
    config: JobConfig, plan: Plan, report: Report, tools: dict[str, Any], *, ended: bool
) -> None:
    """What runs, or ran, and how far it came.

    Raises
    ------
    OutputError
    """
    run = {
        **tools,
        "complete": report.complete,
        "config": config.settings(),
        "begun": report.begun,
        "ended": now() if ended else None,
        "machine": describe_machine(),
        "libraries": library_versions(),
        "counts": report.counts() | {"files_ignored": len(plan.ignored)},
        "passed_over": {
            kind.value: [str(path) for path in paths] for kind, paths in plan.passed_over.items()
        },
        "seconds": round(report.seconds, 3),
    }
    text = json.dumps(run, indent=2, ensure_ascii=False) + "\n"
    path: Path = config.output / RECORD_FILE
    with written_aside(path) as partial, reported_for(path):
        # Names that are not UTF-8 stay readable as JSON escapes.
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")
