"""Two nodes of a cluster that see different folders at one path."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.exit_codes import ExitCode
from jobs.failures import read_failures
from jobs.ray_session import RAY_ENVIRONMENT

SCRIPTS = Path(sys.executable).parent
STILL = Path(__file__).resolve().parents[2] / "sample_media" / "portraits" / "grace_hopper.jpg"
ENVIRONMENT = os.environ | RAY_ENVIRONMENT | {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "5e" * 16}
TIMEOUT_S = 120


@dataclass
class Nodes:
    """A head and another node, which see folders of their own at `shared`."""

    folder: Path
    port: int
    head: subprocess.Popen[bytes] | None = None

    @property
    def shared(self) -> Path:
        return self.folder / "shared"

    def command(self, own: str, *arguments: object) -> list[str]:
        """A command that sees the folder `own` at `shared`."""
        bound = f'mount --bind "{self.folder / own}" "{self.shared}" && exec "$@"'
        return ["unshare", "-m", "sh", "-c", bound, "sh", *map(str, arguments)]

    def annotate(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = self.command(
            "a", SCRIPTS / "annotate", "--ray-address", f"127.0.0.1:{self.port}", *arguments
        )
        return subprocess.run(
            command, env=ENVIRONMENT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )


def answers(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to make mount namespaces")
    # The path of a socket below it may hold 107 bytes.
    folder = Path(f"/tmp/nodes-{os.getpid()}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        started = Nodes(folder, free.getsockname()[1])
    for name in ("a", "b", "shared"):
        (folder / name).mkdir(parents=True)
    ray = [SCRIPTS / "ray", "start", "--block", "--num-cpus=1", "--disable-usage-stats"]
    head = [f"--port={started.port}", "--head", "--include-dashboard=false"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": ENVIRONMENT}
    running = [
        subprocess.Popen(started.command("a", *ray, *head, f"--temp-dir={folder}/r"), **quiet)
    ]
    try:
        deadline = time.monotonic() + TIMEOUT_S
        while not answers(started.port):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        time.sleep(3)
        other = started.command("b", *ray, f"--address=127.0.0.1:{started.port}")
        running.append(subprocess.Popen(other, **quiet))
        time.sleep(8)
        yield started
    finally:
        for process in running[::-1]:
            process.terminate()
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_an_output_that_nodes_do_not_share_is_said_at_the_start(nodes: Nodes) -> None:
    for own in ("a", "b"):
        (nodes.folder / own / "out").mkdir()
    run = nodes.annotate("-i", STILL, "-o", nodes.shared / "out", "--workers", 2)
    assert run.returncode == ExitCode.NOT_STARTED
    assert f"node {socket.gethostname()} sees another folder" in run.stderr
    assert "put it on a file system that all nodes share" in run.stderr
    assert "1 done" not in run.stderr


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_inputs_that_a_node_does_not_see_are_tried_again(nodes: Nodes, tmp_path: Path) -> None:
    # Only the driver sees them: it is on neither node.
    folder = nodes.folder / "a" / "in"
    folder.mkdir()
    (nodes.folder / "c" / "in").mkdir(parents=True)
    shutil.copy(STILL, nodes.folder / "c" / "in" / "only.jpg")
    command = nodes.command(
        "c", SCRIPTS / "annotate", "--ray-address", f"127.0.0.1:{nodes.port}",
        "-i", nodes.shared / "in", "-o", tmp_path / "out", "--workers", 3,
    )  # fmt: skip
    for _ in range(2):
        run = subprocess.run(
            command, env=ENVIRONMENT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        assert run.returncode == ExitCode.SOME_FAILED, run.stderr
        assert "sees no such file: put it on a file system that all nodes share" in run.stderr
        # More workers than cores do not keep it waiting.
        assert "2 of 3 workers start" in run.stderr
    (failure,) = read_failures(tmp_path / "out").values()
    assert failure["tried"] is None
