from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from training.bundling.ancestors import fits_behind, with_ancestors
from training.bundling.card import terms_of
from training.networks.face_weights import SHA256 as FACE_WEIGHTS
from training.networks.face_weights import TERMS

FIRST = {"networks": [{"seed": 1, "initial_weights": {"name": "faces", "sha256": FACE_WEIGHTS}}]}


def _next(before: dict[str, Any], number: int) -> dict[str, Any]:
    """A model that started from the one before and learned from it, too."""
    known = {"name": f"model {number - 1}", "sha256": f"{number - 1:064}", "training": before}
    fit = {"seed": number, "initial_weights": known, "teachers": [known]}
    return {"networks": [fit], "rows": number}


def test_each_model_is_described_once() -> None:
    record: dict[str, Any] = FIRST
    sizes = []
    for number in range(2, 12):
        record = with_ancestors(_next(record, number))
        sizes.append(len(json.dumps(record)))
    assert [fit["seed"] for fit in record["networks"]] == [11]
    assert sorted(fit["seed"] for fit in fits_behind(record)) == list(range(1, 12))
    assert record["networks"][0]["teachers"] == [{"name": "model 10", "sha256": f"{10:064}"}]
    assert record["ancestors"][f"{10:064}"]["rows"] == 10
    steps = [after - before for before, after in pairwise(sizes)]
    assert max(steps) - min(steps) < 20
    assert with_ancestors(record) == record


def test_a_record_of_the_older_kind_says_the_same() -> None:
    nested = _next(_next(_next(FIRST, 2), 3), 4)
    assert with_ancestors(nested) == with_ancestors(
        _next(with_ancestors(_next(with_ancestors(_next(FIRST, 2)), 3)), 4)
    )
    assert nested["networks"][0]["initial_weights"]["training"]["rows"] == 3  # left as it was


def test_terms_of_the_first_weights_are_known_at_the_end() -> None:
    assert terms_of(_next(_next(FIRST, 2), 3)) == TERMS
    unknown = {"networks": [{"initial_weights": {"name": "x.keras", "sha256": "0"}}]}
    assert "x.keras" in terms_of(_next(unknown, 2))


def test_without_models_before_there_is_no_entry() -> None:
    assert with_ancestors(FIRST) == FIRST
