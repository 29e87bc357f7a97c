"""A batch that is killed a few times ends as one that nothing disturbed; `make soak` kills more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.reliability.batch import make_batch, run_whole
from tests.reliability.kills import Soak


@pytest.mark.timeout(900)
def test_a_batch_that_is_killed_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Sockets of Ray lie there, whose paths must be short.
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path_factory.getbasetemp()))
    media, begun = make_batch(tmp_path / "in"), time.monotonic()
    whole = run_whole(media, tmp_path / "whole")
    soak = Soak(media, whole, tmp_path / "out", time.monotonic() - begun, seed=7)
    tally = soak.run(("driver", "worker", "everything", "terminate"), await_processes=False)
    assert not tally.faults
    assert tally.kills.total() == 4
    assert tally.batches >= 1
