"""A clock on functions of the program while it really runs: how much of the time each takes."""

from __future__ import annotations

import functools
import inspect
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Stopwatch:
    """Seconds by stage. A stage within another counts for itself alone, so their sum is the whole.

    Attributes
    ----------
    seconds : dict of float
        By stage.
    calls : dict of int
        By stage; of a generator, how often it gave something.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._inner: list[float] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what the block takes, without the stages in it."""
        self._inner.append(0.0)
        began = time.perf_counter()
        try:
            yield
        finally:
            elapsed = time.perf_counter() - began
            self.seconds[name] += elapsed - self._inner.pop()
            self.calls[name] += 1
            if self._inner:
                self._inner[-1] += elapsed

    @contextmanager
    def on(self, owner: Any, function: str, stage: str) -> Iterator[None]:
        """Within the block, every call of a module's or class's function counts for a stage."""
        original = getattr(owner, function)
        make = self._of_generator if inspect.isgeneratorfunction(original) else self._of_call
        setattr(owner, function, make(original, stage))
        try:
            yield
        finally:
            setattr(owner, function, original)

    def _of_call(self, original: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @functools.wraps(original)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.stage(stage):
                return original(*args, **kwargs)

        return timed

    def _of_generator(self, original: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @functools.wraps(original)
        def timed(*args: Any, **kwargs: Any) -> Iterator[Any]:
            items, end = original(*args, **kwargs), object()
            while True:
                with self.stage(stage):
                    item = next(items, end)
                if item is end:
                    return
                yield item

        return timed
