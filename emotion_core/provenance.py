"""What made a result: recorded in every timeline and in the record of a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from emotion_core.bundle import Bundle, brief
from emotion_core.faces.detector import WEIGHTS_SHA256
from emotion_core.identities.identifier_folder import load_identifier
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.version import __version__


def made_by(bundle: Bundle, analysis: AnalysisOptions) -> dict[str, Any]:
    """Software, model, detector, and identifier if one is asked for, as JSON values.

    Raises
    ------
    BundleError
        The identifier is missing, altered or another thing.
    """
    made = {
        "software": {"name": "emotion-annotate", "version": __version__},
        "model": {"card": dict(bundle.card), "sha256": bundle.sha256},
        "detector": {"name": "YuNet 2023mar", "sha256": WEIGHTS_SHA256},
    }
    if analysis.identities is not None:
        identifier = load_identifier(analysis.identities)
        made["identifier"] = {"card": dict(identifier.card), "sha256": identifier.sha256}
    return made


def timeline_metadata(
    tools: dict[str, Any], analysis: AnalysisOptions, render: RenderOptions | None
) -> dict[str, Any]:
    """What the timelines of a run share in their footers, as JSON values.

    Of each card it is what names the model and what rows are read with.

    Parameters
    ----------
    tools : dict
        As `made_by` gives them.
    analysis : AnalysisOptions
    render : RenderOptions or None
        None where no copies are drawn.
    """
    # Which identifier it is, its hash says, wherever it lies.
    identities = None if analysis.identities is None else True
    return {
        **{name: brief(tool) for name, tool in tools.items()},
        "analysis": asdict(analysis) | {"identities": identities},
        "render": None if render is None else asdict(render),
    }
