"""What a live session leaves in its output folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from emotion_core.bundle import Bundle
from emotion_core.files import reported_for, written_aside
from emotion_core.layout import timeline_of
from emotion_core.live.parts import merge_parts
from emotion_core.provenance import made_by
from jobs.live.config import LiveConfig
from jobs.machine import describe_machine, library_versions, now

GROUP: Final = "live"
"""Where the results of live sources lie, as those of files lie under their input folder."""

_TOTALS_KEPT: Final = ("frames_arrived", "frames_dropped", "outages")


@dataclass
class LiveReport:
    """What became of a session.

    Attributes
    ----------
    totals : list of dict
        Of each source that came to its end.
    timelines : list of Path
    errors : list of str
        Of sources that did not.
    begun : str
        When the session began, UTC, by ISO 8601.
    """

    totals: list[dict[str, Any]] = field(default_factory=list)
    timelines: list[Path] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    begun: str = field(default_factory=now)


def merge_session(output: Path, source: str, report: LiveReport) -> None:
    """Make the timeline of a source whole and note it in the report.

    Raises
    ------
    OutputError
    """
    timeline = timeline_of(output, source)
    totals = next((totals for totals in report.totals if totals["source"] == source), {})
    if merge_parts(timeline, {name: totals[name] for name in _TOTALS_KEPT if name in totals}):
        report.timelines.append(timeline)


def write_record(
    config: LiveConfig,
    bundle: Bundle,
    report: LiveReport,
    *,
    complete: bool,
    ended: bool = True,
) -> None:
    """Write ``run.json`` into the output folder.

    Raises
    ------
    OutputError
    """
    assert config.output is not None
    record = {
        **made_by(bundle, config.analysis),
        "complete": complete,
        "config": config.settings(),
        "begun": report.begun,
        "ended": now() if ended else None,
        "machine": describe_machine(),
        "libraries": library_versions(),
        "live": report.totals,
    }
    path = config.output / "run.json"
    with written_aside(path) as partial, reported_for(path):
        partial.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def session_names(config: LiveConfig, begun: datetime) -> list[str]:
    """What sources are called in results: by name and the time of their begin."""
    stamp = begun.strftime("%Y%m%d-%H%M%S")
    names: list[str] = []
    for address in config.addresses:
        name = f"{GROUP}/{address.name}_{stamp}"
        same = sum(other.rpartition("+")[0] == name or other == name for other in names)
        names.append(f"{name}+{same + 1}" if same else name)
    return names
