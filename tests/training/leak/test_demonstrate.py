from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from tests.training.conftest import make_dataset
from training.cli import main
from training.data.dataset import save_dataset


def test_copies_on_both_sides_flatter_a_network_that_learns_by_heart(tmp_path: Path) -> None:
    # Noise has nothing to learn but by heart; one frequent class makes all others repeat.
    plain = make_dataset(480)
    rng = np.random.default_rng(0)
    emotion = np.where(np.arange(480) % 7 < 4, 3, plain.emotion).astype(np.uint8)
    images = rng.integers(0, 255, plain.images.shape).astype(np.uint8)
    dataset = replace(plain, images=images, emotion=emotion, votes=np.zeros_like(plain.votes))
    save_dataset(dataset, tmp_path / "noise.npz")
    output = tmp_path / "leak"
    command = ["leak-demo", "--data", str(tmp_path / "noise.npz"), "--architecture", "baseline"]
    result = CliRunner().invoke(main, [*command, "--epochs", "8", "--output", str(output)])
    assert result.exit_code == 0, result.output
    assert "never seen" in result.output
    found = json.loads((output / "figures.json").read_text())
    assert found["share_of_leaky_rows_seen"] > 0.7
    assert found["leaky"]["accuracy"] > found["clean"]["accuracy"] + 0.2
    assert found["clean"]["rows"] < 480 * 0.3
    assert len(found["course"]) == 8
    assert found["course"][-1]["leaky"] == found["leaky"]["accuracy"]
    assert "never seen" in (output / "report.html").read_text()
    assert (output / "leak.png").read_bytes().startswith(b"\x89PNG")


def test_too_few_rows_are_named(tmp_path: Path) -> None:
    save_dataset(make_dataset(40), tmp_path / "few.npz")
    command = ["leak-demo", "--data", str(tmp_path / "few.npz"), "--architecture", "baseline"]
    result = CliRunner().invoke(main, [*command, "--epochs", "1", "--limit", "5"])
    assert result.exit_code == 2
    assert "usable Training rows are too few: a batch has 32" in result.output
