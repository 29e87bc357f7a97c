"""Measure everything and write one JSON object.

    python -m benchmarks.run --output benchmarks/results/performance.json

takes about three quarters of an hour on two cores that nothing else uses; `fer` is installed into
an environment of its own the first time.
"""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks import detection_recall, memory, stages, startup, throughput
from benchmarks.extent import FULL, QUICK
from benchmarks.fer_environment import DEFAULT_FOLDER, ensure_environment
from benchmarks.machine import describe
from emotion_core.files import written_aside

NAMES = ("throughput", "stages", "memory", "startup", "detection_recall")


@click.command()
@click.option("--quick", is_flag=True, help="See that it works: the figures mean nothing.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Leave out the others.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="File for the figures; else printed."
)
@click.option(
    "--fer-environment", type=click.Path(path_type=Path), default=DEFAULT_FOLDER,
    show_default="a folder in ~/.cache",
    help="Folder of the environment of `fer`; made where it is missing.",
)  # fmt: skip
@click.option("--fer/--no-fer", default=True, show_default=True, help="Compare with `fer`.")
@click.option(
    "--photographs", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Boxed photographs for detection_recall, which is left out without them.",
)  # fmt: skip
def main(
    quick: bool,
    only: tuple[str, ...],
    output: Path | None,
    fer_environment: Path,
    fer: bool,
    photographs: Path | None,
) -> None:
    """Measure everything and write one JSON object."""
    extent = QUICK if quick else FULL
    # Before anything is measured: it may take long to install.
    fer_python = (
        ensure_environment(fer_environment) if fer and (not only or "throughput" in only) else None
    )
    if "detection_recall" in only and photographs is None:
        raise click.UsageError("detection_recall needs --photographs FOLDER")
    measurements: dict[str, Callable[[Path], dict[str, Any]]] = {
        "throughput": lambda folder: throughput.measure(extent, folder, fer_python),
        "stages": lambda folder: stages.measure(extent, folder),
        "memory": lambda folder: memory.measure(extent, folder),
        "startup": lambda folder: startup.measure(extent, folder),
    }
    if photographs is not None:
        measurements["detection_recall"] = lambda _: detection_recall.measure(photographs)
    figures = {"quick": quick, "command": _command(quick, only, fer), **describe(), "results": {}}
    for name in only or measurements:
        click.echo(f"measuring {name}", err=True)
        with tempfile.TemporaryDirectory(prefix="emotion-annotate-") as folder:
            figures["results"][name] = measurements[name](Path(folder))
    text = json.dumps(figures, indent=1) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    with written_aside(output) as partial:
        partial.write_text(text, encoding="utf-8")


def _command(quick: bool, only: tuple[str, ...], fer: bool) -> str:
    """How to measure the same again, without the paths of this machine."""
    words = ["python", "-m", "benchmarks.run", *(["--quick"] if quick else [])]
    words += [word for name in only for word in ("--only", name)]
    return shlex.join(words if fer else [*words, "--no-fer"])


if __name__ == "__main__":
    main()
