"""The page is what the figures say, and is made of whole, real measurements only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from benchmarks.page import PAGE, RESULTS, read_figures, render_page
from benchmarks.run import main


@pytest.fixture(scope="module")
def stages_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Figures of a quick run of the stages: the one measurement that starts no process."""
    path = tmp_path_factory.mktemp("figures") / "figures.json"
    run = CliRunner().invoke(main, ["--quick", "--only", "stages", "--output", str(path)])
    assert run.exit_code == 0, run.output
    return path


def column(page: str, heading: str, position: int) -> list[str]:
    """The cells of a column of the first table below a heading, without its head."""
    rows = page.partition(f"## {heading}\n")[2].partition("| ---")[2].partition("\n\n")[0]
    return [row.split("|")[position + 1].strip() for row in rows.splitlines()[1:]]


def test_the_committed_page_is_what_the_committed_figures_say() -> None:
    if not RESULTS.exists():
        assert not PAGE.exists(), f"{PAGE.name} stands on no figures: `make bench` makes both"
        pytest.skip("no figures are committed yet")
    expected = render_page(read_figures(RESULTS))
    assert PAGE.read_text(encoding="utf-8") == expected, "run `python -m benchmarks.page`"


def test_stages_add_up_to_the_sum_on_the_page(stages_only: Path) -> None:
    figures = json.loads(stages_only.read_text(encoding="utf-8"))
    (size,) = figures["results"]["stages"]["sizes"]
    assert (size["frames"], size["faces"] > 100) == (225, True)
    assert all(stage["seconds"] > 0 for stage in size["stages"])
    *cells, total, counts = column(render_page(figures), "Stages", 1)
    assert len(cells) == len(size["stages"])
    parts = sum(float(cell.partition(" ")[0]) for cell in cells)
    assert parts == pytest.approx(float(total.strip("*")), abs=0.01 * len(cells))
    assert counts == f"225, {size['faces']}"


def test_a_page_of_a_quick_run_says_so(stages_only: Path) -> None:
    page = render_page(json.loads(stages_only.read_text(encoding="utf-8")))
    assert "these figures mean nothing" in page
    assert column(page, "What must hold", 3) == ["not measured"] * 3


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({}, "a quick run"), ({"quick": False}, "no throughput, memory, startup")],
)
def test_the_committed_page_is_made_of_nothing_less_than_a_whole_run(
    stages_only: Path, tmp_path: Path, change: dict[str, Any], complaint: str
) -> None:
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(json.loads(stages_only.read_text(encoding="utf-8")) | change))
    with pytest.raises(click.ClickException, match=complaint):
        read_figures(path)


def test_missing_figures_are_named(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match=r"nowhere\.json is missing"):
        read_figures(tmp_path / "nowhere.json")
