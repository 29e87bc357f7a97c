"""Write docs/schema.md, docs/cli.md and the tables of docs/media.md and docs/model.md."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from emotion_core.timeline.intervals import INTERVAL_COLUMNS
from emotion_core.timeline.schema import COLUMNS, SCHEMA_VERSION, Column
from emotion_core.timeline.summary import SUMMARY_COLUMNS
from jobs.cli import command as annotate
from jobs.timeline_cli import command as emotion_timeline
from scripts import model_tables
from scripts.odd_media.page import tables
from training.cli import main as emotion_training

DOCS = Path(__file__).resolve().parent.parent / "docs"
COMMANDS = {
    "annotate": annotate,
    "emotion-timeline": emotion_timeline,
    "emotion-training": emotion_training,
}
WRITTEN_BY = "<!-- Written by `make docs` from the code; change it there. -->"


def schema_page() -> str:
    """The page on all columns."""
    return "\n".join([
        WRITTEN_BY,
        "# Columns",
        "",
        f"Schema version {SCHEMA_VERSION}. Every timeline has the columns of the first table, in "
        "this order, sorted by frame and track. Its Parquet metadata hold, under the key "
        "`emotion_annotate`, a JSON object with the schema version, time base and start offset, "
        "input, options of the analysis (`analysis`) and of the copies (`render`; null where none "
        "were drawn), name, version, calibration and hash of the model, hash of the detector, and "
        "software version; of a video also `cuts`, the numbers of the frames that a camera cut "
        "comes before, `start_us`, when players show the first frame (they count from where the "
        "file's first stream begins, which may be its sound), `decode_errors`, how many were "
        "reported while it was indexed, and `clock_jumps`, at most 100 pairs of a frame and the "
        "ticks that are added to PTS from there on, `stream`, which of all streams was read, "
        "`video_streams`, how many there are, and `fitted`, whether frames of several sizes were "
        "fitted into one picture of `width` and `height`. The model's whole card is kept in "
        "`models/<hash>.json` of the output folder. Values of more than 2,000 bytes, such as the "
        "inputs of many stills, stand under `deflated` "
        "(JSON, deflated by zlib, in Base64); `emotion_core.timeline.store.read_metadata` gives "
        "all as it was.",
        "",
        "## A timeline",
        "",
        "One row per face and frame; a frame without a face has one row, too.",
        "",
        *_table(COLUMNS),
        "",
        "## summary.parquet",
        "",
        "One row per file and track, and one for each file without a face. Each face of a still is "
        "a row of its own.",
        "",
        *_table(SUMMARY_COLUMNS),
        "",
        "## intervals.parquet",
        "",
        "One row per interval in which a track of a video shows one emotion, sorted by source, "
        "onset and track; stills have none. Its metadata hold the rule, under the same key. "
        "[Working with timelines](timelines.md#intervals) says what makes an interval.",
        "",
        *_table(INTERVAL_COLUMNS),
        "",
    ])  # fmt: skip


def _table(columns: Sequence[Column]) -> Iterator[str]:
    yield "| column | type | unit | values | meaning | null |"
    yield "|---|---|---|---|---|---|"
    for column in columns:
        name, kind = f"`{column.name}`", _type(column.type)
        cells = name, kind, column.unit, column.values, column.meaning, column.nulls
        yield _row(cells)


def _row(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _type(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return "string (dictionary)"
    if pa.types.is_fixed_size_list(kind):
        return f"{kind.list_size} × {_type(kind.value_type)}"
    return {"float": "float32", "double": "float64"}.get(str(kind), str(kind))


def cli_page() -> str:
    """The page on all commands."""
    lines = [WRITTEN_BY, "# Commands", ""]
    for name, command in COMMANDS.items():
        lines += _command(name, command, level=2)
    return "\n".join(lines)


def _command(path: str, command: click.Command, level: int) -> Iterator[str]:
    yield f"{'#' * level} {path}"
    yield ""
    yield from _help(command)
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _command(f"{path} {name}", inner, level + 1)
        return
    context = click.Context(command, info_name=path)
    documented = [p for p in command.params if not getattr(p, "hidden", False)]
    arguments = [p for p in documented if isinstance(p, click.Argument)]
    usage = " ".join([path, "[OPTIONS]", *(p.make_metavar(context) for p in arguments)])
    yield from ("```", usage, "```", "")
    options = [p for p in documented if isinstance(p, click.Option)]
    if options:
        yield "| option | value | default | what it does |"
        yield "|---|---|---|---|"
        yield from (_option(option, context) for option in options)
        yield ""


def _help(command: click.Command) -> Iterator[str]:
    """Paragraphs of a command's help; those that keep their lines become blocks of code."""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith("\b"):
            yield from ("```", *paragraph.splitlines()[1:], "```", "")
        else:
            yield from (" ".join(paragraph.split()), "")


def _option(option: click.Option, context: click.Context) -> str:
    names = [*option.opts, *option.secondary_opts]
    limits = option.get_help_extra(context).get("range", "")
    if option.is_flag:
        value = ""
    elif limits:
        value = f"{option.type.name.split()[0].upper()}, {limits}"
    else:
        value = option.make_metavar(context)
    spans = ", ".join(f"`{name}`" for name in names)
    cells = spans, f"`{value}`" if value else "", _default(option, context), option.help or ""
    return _row(cells)


def _default(option: click.Option, context: click.Context) -> str:
    if option.required:
        return "required"
    if option.secondary_opts and isinstance(option.default, bool):
        return f"`{(option.opts if option.default else option.secondary_opts)[0]}`"
    shown: Any = option.get_help_extra(context).get("default", "")
    return shown.strip("()")


def media_page() -> str:
    """The page on media: what is written by hand, then the tables."""
    written = (DOCS / "media.md").read_text(encoding="utf-8").partition(WRITTEN_BY)[0]
    return "\n".join([f"{written}{WRITTEN_BY}", *tables()])


def model_page() -> str:
    """The page on the model: its tables, between what is written by hand."""
    page = (DOCS / "model.md").read_text(encoding="utf-8")
    for name, lines in model_tables.tables(model_tables.measured()).items():
        begin, end = f"<!-- {name}: written by `make docs` from the card -->\n", "\n<!-- end -->"
        before, _, rest = page.partition(begin)
        page = "".join([before, begin, "\n".join(lines), end, rest.partition(end)[2]])
    return page


PAGES = {
    "schema.md": schema_page,
    "cli.md": cli_page,
    "media.md": media_page,
    "model.md": model_page,
}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
