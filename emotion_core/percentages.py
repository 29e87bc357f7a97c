"""Shares of a whole in whole per cent, which sum up to what they are shares of."""

from __future__ import annotations

from collections.abc import Sequence


def whole_percentages(shares: Sequence[float]) -> list[int]:
    """Round shares by the method of the largest remainder (Hamilton).

    Parameters
    ----------
    shares : sequence of float, 0-1
        Parts of one whole; they may sum up to less than 1.

    Returns
    -------
    percentages : list of int
        They sum up to the rounded sum of the shares, and each lies less than 1 from its own.

    Examples
    --------
    >>> whole_percentages([0.335, 0.335, 0.33])
    [34, 33, 33]
    """
    exact = [100 * share for share in shares]
    found = [int(value + 1e-9) for value in exact]
    missing = round(sum(exact)) - sum(found)
    order = sorted(range(len(exact)), key=lambda i: (found[i] - exact[i], i))
    for index in order[:missing]:
        found[index] += 1
    return found
