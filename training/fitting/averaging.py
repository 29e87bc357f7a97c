"""A moving average of the weights while they are fitted, which generalises better than the last.

Noisy labels push the weights about until the end; their average lies in the middle of where they
are pushed (Izmailov et al. 2018, arXiv:1803.05407).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

    from training.fitting.batches import Batches

PICTURES_FOR_STATISTICS: Final = 2048
"""By which averaged weights get statistics, changed at random as in fitting."""

EVERY: Final = 8
"""Steps between two entries of the average; neighbours are much alike."""


class WeightAverage:
    """Exponential moving average of all variables of a network.

    Parameters
    ----------
    model : keras.Model
    decay : float, 0-1
        Share of the average that is left after one step. While the average is young, less is, so
        that the first weights do not linger.
    state : list of ndarray or None
        The average at the end of an earlier `updates`, to go on from.
    updates : int
    """

    def __init__(
        self,
        model: keras.Model,
        decay: float,
        state: list[NDArray[Any]] | None = None,
        updates: int = 0,
    ) -> None:
        self._model = model
        self._decay = decay**EVERY
        self.state = [np.array(value) for value in model.variables] if state is None else state
        self.updates = updates

    def after_step(self, step: int) -> None:
        """Take the weights in, at every so many steps."""
        if (step + 1) % EVERY:
            return
        self.updates += 1
        decay = min(self._decay, self.updates / (self.updates + 10))
        self.state = _mixed(self.state, self._model, decay)

    @contextmanager
    def applied(self, pictures: Iterable[NDArray[np.float32]]) -> Iterator[None]:
        """Give the network the average for a while.

        Parameters
        ----------
        pictures : iterable of ndarray [shape=(n, side, side, 1), float32]
            Batches by which batch normalisation learns the statistics that its inputs have under
            the average; those of the weights on the way are others.
        """
        own = [np.array(value) for value in self._model.variables]
        _assign(self._model, self.state)
        estimate_statistics(self._model, pictures)
        self.state = [np.array(value) for value in self._model.variables]
        try:
            yield
        finally:
            _assign(self._model, own)


def first_pictures(batches: Batches) -> Iterator[NDArray[np.float32]]:
    """So many batches of pictures as make `PICTURES_FOR_STATISTICS`, or all that there are."""
    count = min(len(batches), math.ceil(PICTURES_FOR_STATISTICS / batches.batch_size))
    return (batches[i][0] for i in range(count))


def estimate_statistics(model: keras.Model, pictures: Iterable[NDArray[np.float32]]) -> None:
    """Set the moving statistics of all batch normalisation that is fitted to the mean over batches.

    Parameters
    ----------
    model : keras.Model
    pictures : iterable of ndarray [shape=(n, side, side, 1), float32]
    """
    import keras

    norms = [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]
    moving = [variable for layer in norms for variable in layer.non_trainable_variables]
    momenta = [layer.momentum for layer in norms]
    try:
        for layer in norms:
            layer.momentum = 0.0  # so that one pass leaves the statistics of its batch
        found = [_after_a_pass(model, moving, batch) for batch in pictures]
    finally:
        for layer, momentum in zip(norms, momenta, strict=True):
            layer.momentum = momentum
    for variable, values in zip(moving, zip(*found, strict=True), strict=True):
        variable.assign(np.mean(values, axis=0))


def _after_a_pass(
    model: keras.Model, variables: Sequence[Any], batch: NDArray[np.float32]
) -> list[NDArray[np.float32]]:
    """What some variables that are not fitted are after one pass as in fitting."""
    import keras

    if keras.backend.backend() != "jax":
        model(batch, training=True)
        return [np.array(variable) for variable in variables]
    fitted = [variable.value for variable in model.trainable_variables]
    others = [variable.value for variable in model.non_trainable_variables]
    after = _compiled_pass(model)(fitted, others, batch)
    places = {id(variable): i for i, variable in enumerate(model.non_trainable_variables)}
    return [np.asarray(after[places[id(variable)]]) for variable in variables]


@lru_cache(maxsize=1)  # a fit calls it in every epoch, and compiles it once
def _compiled_pass(model: keras.Model) -> Any:
    import jax

    def variables_after(fitted: Any, others: Any, batch: Any) -> Any:
        return model.stateless_call(fitted, others, batch, training=True)[1]

    return jax.jit(variables_after)


def _assign(model: keras.Model, values: list[NDArray[Any]]) -> None:
    for variable, value in zip(model.variables, values, strict=True):
        variable.assign(value)


def _mixed(state: list[Any], model: keras.Model, decay: float) -> list[Any]:
    """The state, moved towards the weights; what rests there stays as it is, to the last bit."""
    import keras

    if keras.backend.backend() == "jax":
        model.jax_state_sync()  # within an epoch the model lags behind
        return list(_mix()(state, [variable.value for variable in model.variables], decay))
    for i, variable in enumerate(model.variables):
        if np.issubdtype(state[i].dtype, np.floating):
            state[i] += (1 - decay) * (np.asarray(variable) - state[i])
    return state


@cache
def _mix() -> Any:
    import jax

    def mixed(state: list[Any], values: list[Any], decay: float) -> list[Any]:
        return [
            old + (new - old) * (1 - decay) if np.issubdtype(old.dtype, np.floating) else old
            for old, new in zip(state, values, strict=True)
        ]

    return jax.jit(mixed)
