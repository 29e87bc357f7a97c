"""The best way to join two groups one to one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def assign(gains: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs of rows and columns with the largest sum of gains, each in one pair at most.

    Pairs without a gain above 0 are left out. Shortest augmenting paths with potentials (Jonker and
    Volgenant, 1987): exact, O(rows² · columns).

    Parameters
    ----------
    gains : ndarray [shape=(rows, columns), float64]

    Returns
    -------
    pairs : list of (int, int)
        By rising row.
    """
    if gains.shape[0] > gains.shape[1]:
        return sorted((row, column) for column, row in assign(gains.T))
    rows, columns = gains.shape
    if rows == 1:  # mostly there is one face, which takes what it gains most from
        best = int(gains.argmax())
        return [(0, best)] if gains[0, best] > 0 else []
    # Nothing to gain costs as much as a pair that is left out.
    costs = np.minimum(-gains, 0)
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    partner = np.full(columns, -1)
    for row in range(rows):
        _augment(row, costs, row_price, column_price, partner)
    pairs = ((int(row), column) for column, row in enumerate(partner) if row >= 0)
    return sorted((row, column) for row, column in pairs if gains[row, column] > 0)


def _augment(
    row: int,
    costs: NDArray[np.float64],
    row_price: NDArray[np.float64],
    column_price: NDArray[np.float64],
    partner: NDArray[np.intp],
) -> None:
    """Give one more row a column, moving others along the cheapest path; all in place."""
    columns = costs.shape[1]
    distance = np.full(columns, np.inf)
    previous = np.full(columns, -1)
    done = np.zeros(columns, np.bool_)
    current, column, reached = row, -1, 0.0
    while True:
        through = reached + costs[current] - row_price[current] - column_price
        nearer = ~done & (through < distance)
        distance[nearer], previous[nearer] = through[nearer], column
        column = int(np.where(done, np.inf, distance).argmin())
        reached, done[column] = float(distance[column]), True
        if partner[column] < 0:
            break
        current = int(partner[column])
    row_price[row] += reached
    for seen in np.flatnonzero(done):
        if partner[seen] >= 0:
            row_price[partner[seen]] += reached - distance[seen]
        column_price[seen] -= reached - distance[seen]
    while column >= 0:
        before = int(previous[column])
        partner[column] = row if before < 0 else partner[before]
        column = before
