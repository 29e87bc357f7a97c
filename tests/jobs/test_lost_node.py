"""A node of a cluster that is lost costs retries of what it was working on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.exit_codes import ExitCode
from jobs.ray_session import RAY_ENVIRONMENT
from tests import clips
from tests.snapshot import snapshot

ANNOTATE = str(Path(sys.executable).parent / "annotate")
OPTIONS = ("--preset", "ultrafast", "--segment-frames", "10")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Two raylets on this machine, with a core each."""
    for name, value in {**RAY_ENVIRONMENT, "RAY_AUTH_MODE": "token"}.items():
        monkeypatch.setenv(name, value)
    from ray.cluster_utils import Cluster

    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    started.add_node(num_cpus=1)
    yield started
    started.shutdown()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_lost_node_costs_retries(tmp_path: Path, cluster: object) -> None:
    clip = clips.loop_clip(clips.make_h264(tmp_path / "short.mp4"), tmp_path / "long.mp4", 4)
    output = tmp_path / "out"
    command = [
        ANNOTATE, "-i", clip, "-o", output, "--ray-address", cluster.address, "--workers", "2",
        *OPTIONS,
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as run:
        deadline = time.monotonic() + 120
        while len(list((output / ".work").rglob("*.npy"))) < 3 and time.monotonic() < deadline:
            time.sleep(0.1)
        (other,) = cluster.worker_nodes
        cluster.remove_node(other, allow_graceful=False)
        _, errors = run.communicate(timeout=280)
    assert run.returncode == ExitCode.DONE, errors
    whole = tmp_path / "whole"
    serial = [ANNOTATE, "-i", clip, "-o", whole, "--workers", "0", *OPTIONS]
    subprocess.run(serial, timeout=200, check=True)
    assert snapshot(output) == snapshot(whole)
