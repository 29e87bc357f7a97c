"""Everything is measured once in short, but for `fer`, whose environment is some gigabytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.figures import promises
from benchmarks.page import NEEDED, render_page
from benchmarks.run import main


@pytest.mark.slow
def test_a_quick_run_measures_everything_and_makes_a_page(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    run = CliRunner().invoke(main, ["--quick", "--no-fer", "--output", str(path)])
    assert run.exit_code == 0, run.output
    figures = json.loads(path.read_text(encoding="utf-8"))
    assert figures["command"] == "python -m benchmarks.run --quick --no-fer"
    assert {"date", "commit", "processor", "cores", "versions"} <= figures.keys()
    results = figures["results"]
    assert tuple(results) == NEEDED
    (size,) = results["throughput"]["sizes"]
    ((*runs,),) = size["rounds"]
    assert [run["program"] for run in runs] == ["decode", "recode", "timeline", "annotated"]
    assert all(run["frames"] == 225 and run["own_s"] < run["whole_s"] for run in runs)
    short, long = results["memory"]["runs"]
    assert (short["frames"], long["frames"]) == (225, 450)
    assert 0 < short["driver_peak_mb"] < short["largest_worker_peak_mb"]
    startup = results["startup"]
    assert startup["annotate_1_worker_s"] > startup["bare_ray_s"] > startup["bare_python_s"]
    assert promises(results)[-1].value == startup["annotate_help_s"][0]
    page = render_page(figures)
    for heading in ("Whole runs", "Stages", "Memory", "Start-up"):
        assert f"## {heading}\n" in page


def test_recall_asks_for_photographs() -> None:
    run = CliRunner().invoke(main, ["--only", "detection_recall"])
    assert run.exit_code == 2
    assert "needs --photographs FOLDER" in run.output
