"""What made a result: recorded in every timeline and in the record of a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from emotion_core.bundle import Bundle
from emotion_core.faces.detector import WEIGHTS_SHA256
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.version import __version__


def made_by(bundle: Bundle) -> dict[str, Any]:
    """Software, model and detector, as JSON values."""
    return {
        "software": {"name": "emotion-annotate", "version": __version__},
        "model": {"card": dict(bundle.card), "sha256": bundle.sha256},
        "detector": {"name": "YuNet 2023mar", "sha256": WEIGHTS_SHA256},
    }


def timeline_metadata(
    bundle: Bundle, analysis: AnalysisOptions, render: RenderOptions | None
) -> dict[str, Any]:
    """What the timelines of a run share in their footers, as JSON values.

    `render` is None where no copies are drawn.
    """
    return {
        **made_by(bundle),
        "analysis": asdict(analysis),
        "render": None if render is None else asdict(render),
    }
