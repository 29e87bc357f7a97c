"""The configuration file that the README shows does what it says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pyarrow.parquet as pq

from jobs.exit_codes import ExitCode
from tests.docs.fences import REPOSITORY, blocks


def test_the_readme_s_configuration_runs(
    tmp_path: Path, annotate_script: Path, sample_media: Path
) -> None:
    (block,) = blocks(REPOSITORY / "README.md", "toml")
    (tmp_path / "study.toml").write_text(block.text)
    (tmp_path / "sample_media").symlink_to(sample_media)
    (tmp_path / "elsewhere").mkdir()
    run = subprocess.run(
        [annotate_script, "--config", "../study.toml", "--workers", "0"],
        cwd=tmp_path / "elsewhere",
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert run.returncode == ExitCode.DONE, run.stderr
    output = tmp_path / "out-study"
    timelines = sorted((output / "timelines" / "phone").iterdir())
    assert [path.name for path in timelines] == ["turned.mov.parquet", "variable_rate.mp4.parquet"]
    for timeline in timelines:
        times = pq.read_table(timeline)["time_us"].to_numpy()
        assert 5 <= len(set(times)) <= 10
        assert times.max() < 2_000_000
    assert not (output / "annotated").exists()
