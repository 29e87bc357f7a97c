"""What stands behind a model: each one once, however many of the others go back to it.

A fit starts from a bundle, and learns from others, that were fitted in the same way. A record in
which each holds those before it in full doubles with every generation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

ANCESTORS: Final = "ancestors"
"""Entry of a record, by the SHA-256 of each model."""


def with_ancestors(training: Mapping[str, Any]) -> dict[str, Any]:
    """The same record, with those before it under ``ancestors`` by their SHA-256.

    Parameters
    ----------
    training : mapping
        Of a card, or what one is made of; JSON values. Wherever it names something with a
        ``sha256`` and has its ``training`` there, too, that is moved.

    Returns
    -------
    dict
        With the entry only where there are any.
    """
    behind: dict[str, Any] = {}
    own: dict[str, Any] = _without(training, behind)
    return own | {ANCESTORS: behind} if behind else own


def fits_behind(training: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What is recorded of each fit of a model and of those before it, of `with_ancestors`."""
    records = [training, *training.get(ANCESTORS, {}).values()]
    return [fit for record in records for fit in record.get("networks", ())]


def _without(value: Any, behind: dict[str, Any]) -> Any:
    """A copy of a value; what stands behind the models in it is put into `behind`."""
    if isinstance(value, list | tuple):
        return [_without(part, behind) for part in value]
    if not isinstance(value, Mapping):
        return value
    own = dict(value)
    found = dict(own.pop(ANCESTORS, {}))
    if "sha256" in own and "training" in own:
        found[own["sha256"]] = own.pop("training")
    for sha256, record in found.items():
        behind.setdefault(sha256, _without(record, behind))
    return {name: _without(part, behind) for name, part in own.items()}
