"""Ray on this machine without parts that nothing asks for, which take longest to start.

Ray has no settings for this, so functions of its own are replaced while it starts. A version that
has them no longer starts as it does by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final

_HELPERS: Final = ("start_monitor", "start_log_monitor", "start_api_server")
"""Processes that scale a cluster, forward logs and serve pages, of 60 MB each. Ray waits a second
for the last one."""

_REGISTERED_WITHIN_S: Final = 30
_ASKED_EVERY_S: Final = 0.02


@contextmanager
def quick_start() -> Iterator[None]:
    """A Ray that is started in the block has no helpers, and is used as soon as it can be."""
    from ray._private import services
    from ray._private.node import Node

    with ExitStack() as replaced:
        for name in _HELPERS:
            replaced.enter_context(_replaced(Node, name, lambda _: _start_nothing))
        replaced.enter_context(_replaced(services, "get_node", _once_registered))
        yield


@contextmanager
def _replaced(owner: Any, name: str, by: Callable[[Any], Any]) -> Iterator[None]:
    original = getattr(owner, name, None)
    if original is None:
        yield
        return
    setattr(owner, name, by(original))
    try:
        yield
    finally:
        setattr(owner, name, original)


def _start_nothing(*_: Any, **__: Any) -> None:
    pass


def _once_registered(get_node: Callable[[str, str], Any]) -> Callable[[str, str], Any]:
    """Ask for a node when it is there: Ray would ask again after whole seconds."""

    def wait(gcs_address: str, node_id: str) -> Any:
        with suppress(AttributeError, TypeError):  # as another version of Ray may raise
            _await_node(gcs_address, node_id)
        return get_node(gcs_address, node_id)

    return wait


def _await_node(gcs_address: str, node_id: str) -> None:
    from ray._private.services import _get_gcs_client_options
    from ray._private.state import GlobalState

    state = GlobalState()
    state._initialize_global_state(_get_gcs_client_options(gcs_address))
    deadline = time.monotonic() + _REGISTERED_WITHIN_S
    while time.monotonic() < deadline:
        if node_id in {node["NodeID"] for node in state.node_table()}:
            break
        time.sleep(_ASKED_EVERY_S)
    state.disconnect()
