"""Why a file is done again: what made its results, beside what this run would make them from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

OVERWRITE: Final = "--overwrite"
NEW: Final = "not done before"
NEW_CHUNK: Final = "not done before, or pictures beside it came or went"
UNREADABLE: Final = "its timeline cannot be read"
COPY_MISSING: Final = "its copy is missing"
NEVER_DRAWN: Final = "no copy was drawn"
INPUT_CHANGED: Final = "the input changed"
INPUT_MOVED: Final = "the input lies elsewhere now"
MODEL_CHANGED: Final = "the model changed"
DETECTOR_CHANGED: Final = "the detector changed"
IDENTIFIER_CHANGED: Final = "the identifier changed"
NOT_NUMBERED: Final = "its people were not numbered"
NUMBERED_TOGETHER: Final = "people are numbered over all files of a run"
FAILED_BEFORE: Final = "failed before"
FAILED_OTHERWISE: Final = "failed before, but may not now"


def why_made_otherwise(recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> str | None:
    """The first difference between what made a timeline and what this run would; None: none.

    Parameters
    ----------
    recorded, wanted : mapping
        As `emotion_core.provenance.timeline_metadata` gives it. How copies were drawn only counts
        where this run draws them.
    """
    made, ours = recorded.get("software"), wanted["software"]
    if made != ours:
        version = made.get("version") if isinstance(made, Mapping) else None
        return f"made by version {version}, this is {ours['version']}"
    for part, reason in (("model", MODEL_CHANGED), ("detector", DETECTOR_CHANGED)):
        if recorded.get(part, {}).get("sha256") != wanted[part]["sha256"]:
            return reason
    changed = _changed_option(recorded.get("analysis"), wanted["analysis"])
    if changed is not None or wanted["render"] is None:
        return changed
    if recorded.get("render") is None:
        return NEVER_DRAWN
    return _changed_option(recorded["render"], wanted["render"])


def why_read_anew(recorded: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str | None:
    """How an input differs from what a timeline says it was; None: not at all.

    Parameters
    ----------
    recorded, now : mapping or None
        As `emotion_core.tasks.identify` gives it; None where it is not known.
    """
    if recorded is None or now is None:
        return INPUT_CHANGED
    if any(recorded.get(name) != now[name] for name in ("bytes", "modified_ns")):
        return INPUT_CHANGED
    return None if recorded.get("path") == now["path"] else INPUT_MOVED


def _changed_option(recorded: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> str | None:
    made = recorded or {}
    for name in sorted(wanted.keys() | made.keys()):
        if made.get(name) != wanted.get(name):
            option, now = name.replace("_", "-"), _word(wanted.get(name))
            return f"--{option} is {now} and was {_word(made.get(name))}"
    return None


def _word(value: Any) -> str:
    words = {None: "not given", True: "on", False: "off"}
    # 1 and 0 are equal to the truth values.
    return words[value] if value is None or isinstance(value, bool) else str(value)
