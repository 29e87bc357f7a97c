"""A local run talks to nobody: every connection and every open port stays on the loopback."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import psutil
import pytest

RUN_TIMEOUT_S = 120
LISTENERS_POLL_S = 0.3
DNS_PORT = 53
# `sendmsg` and `sendmmsg` as well: that is how the C library asks name servers.
CALLS = "connect,sendto,sendmsg,sendmmsg"
ADDRESS = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"')


@dataclass(frozen=True)
class Watched:
    """What was seen of a run of `annotate`.

    Attributes
    ----------
    calls : list of str, or None
        System calls that named an internet address; None where they could not be traced.
    listeners : set of (str, int)
        Address and port of every TCP socket that accepted connections.
    home : set of str
        What lies in the user's home folder afterwards, which was empty before.
    """

    calls: list[str] | None
    listeners: frozenset[tuple[str, int]]
    home: frozenset[str]


@pytest.fixture(scope="module")
def watched(
    annotate_script: Path, sample_media: Path, tmp_path_factory: pytest.TempPathFactory
) -> Watched:
    """A run with one Ray worker, traced where the system has strace."""
    folder = tmp_path_factory.mktemp("watched")
    trace, log = folder / "trace.txt", folder / "log.txt"
    strace = shutil.which("strace")
    tracer = [strace, "-f", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", trace] if strace else []
    annotate = [annotate_script, "--input", sample_media / "clips" / "phone" / "turned.mov"]
    options = ["--output", folder / "out", "--workers", "1", "--end", "1"]
    # An empty home: whoever once refused telemetry has a file there that says so.
    home = folder / "home"
    home.mkdir()
    environment = os.environ | {"HOME": str(home)}
    # Telemetry may spare itself on build servers; users' machines are meant.
    for name in ("CI", "TF_BUILD", "JENKINS_URL"):
        environment.pop(name, None)
    listeners: set[tuple[str, int]] = set()
    with log.open("w") as messages:
        run = psutil.Popen([*tracer, *annotate, *options], stderr=messages, env=environment)
        deadline = time.monotonic() + RUN_TIMEOUT_S
        while run.poll() is None and time.monotonic() < deadline:
            listeners.update(listening(run))
            time.sleep(LISTENERS_POLL_S)
        if run.poll() is None:
            run.terminate()
    assert run.wait() == 0, log.read_text()
    calls = None
    if strace:
        calls = [line for line in trace.read_text().splitlines() if "sa_family=AF_INET" in line]
    return Watched(calls, frozenset(listeners), frozenset(path.name for path in home.iterdir()))


def listening(run: psutil.Process) -> Iterator[tuple[str, int]]:
    """Open ports of a process and all below it."""
    # Processes end while they are looked at.
    with suppress(psutil.NoSuchProcess):
        for process in [run, *run.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                for connection in process.net_connections(kind="tcp"):
                    if connection.status == psutil.CONN_LISTEN:
                        yield connection.laddr


def is_loopback(text: str) -> bool:
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback


def destination(call: str) -> tuple[str, int]:
    match = ADDRESS.search(call)
    assert match, f"no address in {call!r}"
    return match[2], int(match[1])


def test_nothing_is_sent_off_the_machine(watched: Watched) -> None:
    if watched.calls is None:
        pytest.skip("strace is missing: apt-get install strace")
    destinations = {destination(call) for call in watched.calls}
    assert destinations, "the trace holds no connection at all, not even Ray's own"
    assert {address for address in destinations if not is_loopback(address[0])} == set()


def test_no_names_are_looked_up(watched: Watched) -> None:
    if watched.calls is None:
        pytest.skip("strace is missing: apt-get install strace")
    assert DNS_PORT not in {destination(call)[1] for call in watched.calls}


def test_open_ports_are_bound_to_the_loopback(watched: Watched) -> None:
    assert watched.listeners, "no open port was seen, not even Ray's own"
    assert {address for address in watched.listeners if not is_loopback(address[0])} == set()


def test_the_home_folder_holds_nothing_but_the_key_to_ray(watched: Watched) -> None:
    assert watched.home <= {".ray"}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            "7 connect(3, {sa_family=AF_INET, sin_port=htons(80), "
            'sin_addr=inet_addr("169.254.169.254")}, 16) = -1 EINPROGRESS',
            ("169.254.169.254", 80),
        ),
        (
            "7 connect(3, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), "
            'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
            ("2001:db8::1", 53),
        ),
    ],
)
def test_destinations_are_read_from_a_trace(call: str, expected: tuple[str, int]) -> None:
    assert destination(call) == expected
    assert not is_loopback(expected[0])
