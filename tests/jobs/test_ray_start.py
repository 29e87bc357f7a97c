from __future__ import annotations

import json
import subprocess
import sys

import pytest

STARTED = """
import json
import psutil
from jobs.ray_session import ray_session

with ray_session(1, None) as workers:
    import ray
    from ray._private import services
    from ray._private.node import Node

    def answer():
        return 42

    answered = ray.get(ray.remote(answer).remote())
    commands = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    replaced = [
        f.__module__
        for f in (Node.start_monitor, Node.start_log_monitor, Node.start_api_server,
                  services.get_node)
        if not f.__module__.startswith("ray.")
    ]
print(json.dumps([workers, answered, commands, replaced]))
"""

WITHOUT = """
from ray._private import services
from ray._private.node import Node
from jobs.ray_start import quick_start

del Node.start_log_monitor
original = services.get_node
{change}
with quick_start():
    assert not hasattr(Node, "start_log_monitor")
    assert services.get_node is not original
    try:
        services.get_node("127.0.0.1:1", "node")
    except RuntimeError as error:
        print(type(error).__name__)
assert services.get_node is original
"""


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_ray_is_started_without_its_helpers_and_works() -> None:
    workers, answered, commands, replaced = json.loads(run(STARTED).splitlines()[-1])
    assert workers == 1
    assert answered == 42
    for part in ("gcs_server", "raylet"):
        assert any(part in command for command in commands), part
    for helper in ("/monitor.py", "log_monitor.py", "dashboard/dashboard.py"):
        assert not any(helper in command for command in commands), helper
    assert replaced == []


def test_a_ray_with_other_insides_starts_as_it_does_by_itself() -> None:
    change = """
import ray._private.state
del ray._private.state.GlobalState._initialize_global_state
original = services.get_node = lambda address, node: (_ for _ in ()).throw(RuntimeError(address))
"""
    assert run(WITHOUT.format(change=change)).splitlines()[-1] == "RuntimeError"


@pytest.mark.parametrize("part", ["start_monitor", "start_log_monitor", "start_api_server"])
def test_this_ray_has_what_is_replaced(part: str) -> None:
    from ray._private.node import Node

    assert callable(getattr(Node, part))
