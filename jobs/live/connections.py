"""Connections to the page of a live session: so many at most, and none that asks nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS_MAX: Final = 64
"""Browsers open six each. Analysis needs file descriptors, too."""

IDLE_MAX_S: Final = 5.0
"""So long a connection may be open without a whole request."""

BACKLOG: Final = 32
"""Connections that are accepted at once, before any is counted."""

log = logging.getLogger(__name__)


class Connection(H11Protocol):
    """A connection that gives way where there are too many, and is closed where it is idle."""

    _all: list[Connection] = []  # noqa: RUF012 - shared by all connections of the process
    _told = False

    def connection_made(self, transport: Any) -> None:
        """Take it, in the place of the one that is idle for longest if there are too many."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._expect()
        Connection._all.append(self)
        if len(Connection._all) > CONNECTIONS_MAX:
            _tell_once()
            idle = next((each for each in Connection._all if not each._is_answered()), self)
            idle._leave()

    def data_received(self, data: bytes) -> None:
        """Handle what came; a part of a request does not keep a connection open."""
        super().data_received(data)
        if self._is_answered():
            self._expect_no_more()
        elif self._timer is None:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._expect_no_more()
        if self in Connection._all:
            Connection._all.remove(self)
        super().connection_lost(exc)

    def _is_answered(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect(self) -> None:
        self._timer = self.loop.call_later(IDLE_MAX_S, self._leave)

    def _expect_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _leave(self) -> None:
        self._expect_no_more()
        if self in Connection._all:
            Connection._all.remove(self)
        self.transport.abort()


def _tell_once() -> None:
    if not Connection._told:
        Connection._told = True
        log.warning(
            "more than %d connections to the page at once: idle ones are closed", CONNECTIONS_MAX
        )
