"""The part of the page on stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.page_tables import table


def describe_stages(results: Mapping[str, Any]) -> str:
    """Milliseconds of each stage per frame and per face, at all sizes side by side."""
    sizes = results["sizes"]
    names = [stage["name"] for stage in sizes[0]["stages"]]
    rows = [
        (name, *(_cell(size, size["stages"][number]) for size in sizes))
        for number, name in enumerate(names)
    ]
    rows.append(("**sum**", *(f"**{_sum_ms(size):.2f}**" for size in sizes)))
    rows.append(("frames, faces", *(f"{size['frames']}, {size['faces']}" for size in sizes)))
    return "\n".join(
        [
            "## Stages",
            "",
            "`annotate --workers 0` on one thread with a clock on its functions: milliseconds per "
            "frame, and in parentheses per face where the work grows with the faces. A stage "
            "counts without the stages inside it, so the sum is the whole run but for the loading "
            "of the models ("
            + ", ".join(f"{size['once_s']:.2f} s at {size['name']}" for size in sizes)
            + ").",
            "",
            table(("stage", *(size["name"] for size in sizes)), rows),
        ]
    )


def _cell(size: Mapping[str, Any], stage: Mapping[str, Any]) -> str:
    text = f"{1000 * stage['seconds'] / size['frames']:.2f}"
    if stage["per_face"] and size["faces"]:
        text += f" ({1000 * stage['seconds'] / size['faces']:.2f})"
    return text


def _sum_ms(size: Mapping[str, Any]) -> float:
    return sum(1000 * stage["seconds"] for stage in size["stages"]) / float(size["frames"])
