"""`docs/performance.md`, made from the figures of one run of `benchmarks.run`.

python -m benchmarks.page
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

import click

from benchmarks.figures import promises
from benchmarks.page_runs import describe_runs
from benchmarks.page_stages import describe_stages
from benchmarks.page_tables import table
from benchmarks.processes import REPOSITORY
from benchmarks.startup import STILL_SIZE
from emotion_core.files import written_aside

RESULTS: Final = REPOSITORY / "benchmarks" / "results" / "performance.json"
PAGE: Final = REPOSITORY / "docs" / "performance.md"
NEEDED: Final = ("throughput", "stages", "memory", "startup")


def render_page(figures: Mapping[str, Any]) -> str:
    """The page as Markdown; what was not measured is left out."""
    results = figures["results"]
    makers = {
        "throughput": describe_runs,
        "stages": describe_stages,
        "memory": _describe_memory,
        "startup": _describe_startup,
        "detection_recall": _describe_recall,
    }
    parts = [
        _describe_measurement(figures),
        _describe_promises(results),
        *(make(results[name]) for name, make in makers.items() if name in results),
    ]
    return "\n\n".join(parts) + "\n"


def read_figures(path: Path) -> dict[str, Any]:
    """Figures that a page may be made of.

    Raises
    ------
    ClickException
        The file is missing, or holds a quick run or a part of one.
    """
    if not path.exists():
        raise click.ClickException(f"{path} is missing: `make bench` makes it")
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    lacking = [name for name in NEEDED if name not in figures["results"]]
    if figures["quick"] or lacking:
        what = "a quick run" if figures["quick"] else f"no {', '.join(lacking)}"
        raise click.ClickException(f"{path} holds {what}: `make bench` measures everything")
    return figures


def _describe_measurement(figures: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in figures["versions"].items())
    lines = [
        "# Performance",
        "",
        "Made by `python -m benchmarks.page` from `benchmarks/results/performance.json`; "
        "`make bench` measures again and writes both.",
        "",
        f"`{figures['command']}` on {figures['date']} at commit {figures['commit']}"
        f"{' with changes' if figures['modified'] else ''}: {figures['processor']}, "
        f"{figures['cores']} cores, {figures['system']}, Python {figures['python']}, {versions}. "
        f"Load of the machine at the start: {figures['load']}.",
        "",
        "Compare figures of one page with each other; another machine gives other ones.",
    ]
    if figures["quick"]:
        lines += ["", "**A quick run: these figures mean nothing.**"]
    return "\n".join(lines)


def _describe_promises(results: Mapping[str, Any]) -> str:
    rows = [
        (
            promise.name,
            promise.limit,
            "" if promise.value is None else f"{promise.value:.2f}",
            promise.verdict,
        )
        for promise in promises(results)
    ]
    return "## What must hold\n\n" + table(("what", "limit", "measured", ""), rows)


def _describe_memory(results: Mapping[str, Any]) -> str:
    rows = [
        (f"{run['minutes']:g}", run["frames"], run["driver_peak_mb"], run["largest_worker_peak_mb"])
        for run in results["runs"]
    ]
    return "\n".join(
        [
            "## Memory",
            "",
            f"Peak proportional set size of `annotate --workers {results['workers']}` on the 360p "
            "clip at two lengths, MB. Pages that processes share count once over all of them.",
            "",
            table(("minutes", "frames", "driver", "largest worker"), rows),
            "",
            f"From the short clip to the long one the driver grows by "
            f"{results['driver_growth_mb']} MB and the largest worker by "
            f"{results['worker_growth_mb']} MB.",
        ]
    )


def _describe_startup(results: Mapping[str, Sequence[float]]) -> str:
    still = "×".join(map(str, STILL_SIZE))
    names = {
        "annotate_1_worker_s": f"`annotate --workers 1` on one still of {still} px",
        "bare_ray_s": "Ray started with the same settings, and stopped",
        "annotate_without_ray_s": "`annotate --workers 0` on the still",
        "annotate_help_s": "`annotate --help`",
        "bare_python_s": "`python -c ''`",
    }
    rows = [(name, f"{median(results[key]):.2f}") for key, name in names.items()]
    return (
        "## Start-up\n\nSeconds from start to end of the process on all cores, median of "
        f"{len(results['annotate_1_worker_s'])} (of {len(results['annotate_help_s'])} for the last "
        "two).\n\n" + table(("what", "s"), rows)
    )


def _describe_recall(results: Mapping[str, Any]) -> str:
    rows: Iterable[Sequence[Any]] = [
        (
            search["min_face"],
            search["found"],
            f"{search['found'] / results['faces']:.1%}",
            search["false"],
        )
        for search in results["searches"]
    ]
    return "\n".join(
        [
            "## Faces found",
            "",
            f"{results['pictures']} photographs with {results['faces']} faces boxed by hand, the "
            f"smallest {results['smallest_face_px']} px high, searched as `--min-face` would at a "
            f"threshold of {results['threshold']}. A finding on no boxed face counts as false.",
            "",
            table(("`--min-face`", "found", "recall", "false"), rows),
        ]
    )


@click.command()
def main() -> None:
    """Write `docs/performance.md`."""
    text = render_page(read_figures(RESULTS))
    with written_aside(PAGE) as partial:
        partial.write_text(text, encoding="utf-8")
    click.echo(f"{PAGE}")


if __name__ == "__main__":
    main()
