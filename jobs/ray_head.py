"""The head of a Ray cluster, asked now and then whether it is still there.

Ray itself ends the driver's process, without a word of ours, once its head has not answered for a
minute.
"""

from __future__ import annotations

import socket
import time
from typing import Final

from emotion_core.errors import EmotionError

ASKED_EVERY_S: Final = 2.0
LOST_AFTER_S: Final = 15.0
"""A head that is started again in its place is back sooner."""

_TIMEOUT_S: Final = 2.0
_AGAIN_S: Final = 0.5


class ClusterLost(EmotionError):
    """The head of a cluster does not answer any more."""


class Head:
    """The head of a cluster.

    Parameters
    ----------
    address : str or None
        ``HOST:PORT``; anything else, as the local Ray, is not asked.
    """

    def __init__(self, address: str | None) -> None:
        host, _, port = (address or "").rpartition(":")
        self._place = (host, int(port)) if host and "/" not in host and port.isdecimal() else None
        self._asked_s = time.monotonic()
        self._answered_s = self._asked_s
        self.is_lost = False
        self.asked_every_s = float("inf") if self._place is None else ASKED_EVERY_S

    def check(self) -> None:
        """Ask, if that was not done a moment ago.

        Raises
        ------
        ClusterLost
            It has not answered for long.
        """
        now = time.monotonic()
        if self._place is None or now - self._asked_s < self.asked_every_s:
            return
        self._asked_s = now
        if self._answers():
            self._answered_s = now
        elif now - self._answered_s >= LOST_AFTER_S:
            self._lose()

    def await_answer(self) -> None:
        """Tell a worker that died by itself from one that went with its cluster.

        Raises
        ------
        ClusterLost
            Nothing answers.
        """
        begun = time.monotonic()
        while not self._answers():
            if time.monotonic() - begun >= LOST_AFTER_S:
                self._lose()
            time.sleep(_AGAIN_S)

    def _answers(self) -> bool:
        if self._place is None:
            return True
        try:
            socket.create_connection(self._place, timeout=_TIMEOUT_S).close()
        except OSError:
            return False
        return True

    def _lose(self) -> None:
        assert self._place is not None
        self.is_lost = True
        host, port = self._place
        raise ClusterLost(
            None,
            f"the head of the Ray cluster at {host}:{port} does not answer any more: start the "
            "cluster again, then run the same command",
        )
