from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from training.evaluation.perturb import CHANGES
from training.evaluation.rating import Robustness
from training.evaluation.tables import robustness


def test_changes_can_be_read_on_a_terminal_of_80_columns() -> None:
    found = [
        Robustness(change, strength, unit, 1.0, 0.8123, 0.1234, 0.9876, 0.1111)
        for change, (_, unit, strengths) in CHANGES.items()
        for strength in strengths
    ]
    evaluation: Any = SimpleNamespace(rated="reported output", robustness=found)
    shown = io.StringIO()
    Console(file=shown, width=80).print(robustness(evaluation))
    text = shown.getvalue()
    assert "…" not in text, "nothing is cut off"
    assert all(
        text.count(change) == len(strengths) for change, (_, _, strengths) in CHANGES.items()
    )
    assert text.count("81.2") == text.count("98.8") == len(found)
