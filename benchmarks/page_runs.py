"""The part of the page on whole runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from benchmarks.clips import CLIP_SECONDS
from benchmarks.figures import Size, rate, speedup
from benchmarks.page_tables import number, table

PROGRAMS: Final = {
    "decode": "bare decode",
    "recode": "floor",
    "timeline": "`--no-video`",
    "annotated": "annotated",
    "fer": "`fer`",
}
CLOCKS: Final = {
    "whole_s": "From start to end of the process",
    "own_s": "By the programs' own clocks",
}


def describe_runs(results: Mapping[str, Any]) -> str:
    """Rates of all programs at all sizes by both clocks, with what they compare."""
    sizes = results["sizes"]
    parts = [
        "## Whole runs",
        _explain(results),
        _describe_clips(sizes),
        *(
            f"{title}, frames per second:\n\n{_rates(results, clock)}"
            for clock, title in CLOCKS.items()
        ),
        f"Ratios of the first table:\n\n{_ratios(results)}",
    ]
    return "\n\n".join(parts)


def _explain(results: Mapping[str, Any]) -> str:
    rounds = len(results["sizes"][0]["rounds"])
    return "\n".join(
        [
            f"Each figure is a median over rounds ({rounds}); in a round all programs take their "
            "turn, and a ratio is formed within each. Where `annotate` has N workers, of one "
            "thread each, the others get N threads for each of their codecs and networks, and are "
            "confined to N cores. `annotate` is not confined: its driver and Ray's daemons, which "
            "work at the start and hardly after it, find a core of their own where workers leave "
            "one.",
            "",
            "- **bare decode**: PyAV decodes every frame and drops it.",
            f"- **floor**: PyAV decodes every frame and encodes it again with the options of x264 "
            f"that annotated copies have (preset {results['preset']}, CRF {results['crf']}, no "
            "B-frames, looking ahead); nothing else is done.",
            "- **`--no-video`**: `annotate` writes the timeline only; it decodes the clip once.",
            "- **annotated**: `annotate` as it is by default; it decodes the clip twice.",
            f"- **`fer`**: {_name_fer(results)} in an environment of its own, with its defaults "
            "(Haar cascade, quantised network) and its annotated copy (MPEG-4 by OpenCV, no "
            "sound), without the pictures and the zip file that it would write, too.",
            "",
            "`annotate` runs with `--workers` and so includes the start of Ray in both clocks: its "
            "own begins when Ray is started (`seconds` in `run.json`). `fer`'s own clock leaves "
            "out imports and the loading of its models; that of decode and floor, the import of "
            "PyAV.",
        ]
    )


def _name_fer(results: Mapping[str, Any]) -> str:
    run = _first_run(results["sizes"][0], "fer")
    versions = {"fer": "(not measured)"} if run is None else run["versions"]
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _describe_clips(sizes: list[Size]) -> str:
    rows = [(size["name"], *_lengths(size)) for size in sizes]
    return (
        f"The clips are `sample_media/clips/coming_and_going.mp4` (360p, {CLIP_SECONDS} s, up to "
        "two faces) end to end without its sound; the larger ones are the same pictures enlarged "
        "(bicubic, x264 veryfast, CRF 18), so that faces grow with them. An enlarged picture holds "
        "less detail than a camera's: it is cheaper to decode and encode, for the floor as for "
        "`annotate`, and the share of the other stages is larger. `fer` gets fewer repetitions; "
        "its time is scaled to the length of `annotate`'s clip, with its start "
        "counted once.\n\n"
        + table(
            (
                "clip", "frames", "with a face for `annotate`",
                "frames for `fer`", "with a face for `fer`",
            ),
            rows,
        )
    )  # fmt: skip


def _lengths(size: Size) -> Iterator[str]:
    for program in ("annotated", "fer"):
        run = _first_run(size, program)
        yield "–" if run is None else str(run["frames"])
        yield "–" if run is None else f"{run['frames_with_face'] / run['frames']:.0%}"


def _first_run(size: Size, program: str) -> Mapping[str, Any] | None:
    return next((run for run in size["rounds"][0] if run["program"] == program), None)


def _rates(results: Mapping[str, Any], clock: str) -> str:
    rows = [
        (
            size["name"],
            workers,
            *(number(rate(size, program, workers, clock), 1) for program in PROGRAMS),
        )
        for size in results["sizes"]
        for workers in results["workers"]
    ]
    return table(("clip", "workers", *PROGRAMS.values()), rows)


def _ratios(results: Mapping[str, Any]) -> str:
    rows = [
        (
            size["name"],
            workers,
            number(speedup(size, "recode", "annotated", workers), 2),
            number(speedup(size, "decode", "timeline", workers), 2),
            number(speedup(size, "annotated", "fer", workers), 1),
        )
        for size in results["sizes"]
        for workers in results["workers"]
    ]
    head = (
        "clip", "workers", "annotated: times as long as the floor",
        "`--no-video`: times as long as bare decode", "annotated: times as fast as `fer`",
    )  # fmt: skip
    return table(head, rows)
