"""``emotion-timeline summary``: a table per file and track, or per condition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.terminal import counted, say, standard_bytes
from jobs.timeline_commands.form import FORMS, form_of
from jobs.timeline_commands.grouping import conditions_of, groups_of, sources_below, tracks_of
from jobs.timeline_commands.kinds import PATH, by, decimal, look_of, out, safe_csv, windows

if TYPE_CHECKING:
    import pyarrow as pa

    from emotion_core.results.conditions import Conditions


@click.command()
@out
@by
@click.option(
    "--conditions", metavar="NAMES", default="",
    help="With --by: columns that are conditions, separated by commas. Default: all others.",
)  # fmt: skip
@click.option(
    "--unit", metavar="NAME", default="",
    help="With --by: column of people, or the like, of whom files are. Values are means over them, "
    "with a 95 % bootstrap interval.",
)  # fmt: skip
@click.option(
    "--per", type=click.Choice(["condition", "file", "track", "identity"]), default="condition",
    show_default=True,
    help="With --by: a row per condition, or per file or track with its conditions, as tests take "
    "them. identity: a row per person over all files, after annotate --identities.",
)  # fmt: skip
@windows
@click.option(
    "--certain-only", is_flag=True, help="Shares and means over rows that are certain alone."
)
@click.option("--by-frame", is_flag=True, help="Shares of frames, instead of shares of time.")
@click.option(
    "--to", "form", type=click.Choice(FORMS),
    help="Write all columns so, instead of a table to read. json: a record a line.",
)  # fmt: skip
@click.option(
    "--output", "-o", type=PATH,
    help="File to write; its ending decides where --to is missing. Default: the standard output.",
)  # fmt: skip
@click.option(
    "--transitions", type=PATH, metavar="FILE",
    help="Also write how often each emotion follows each other: a row per file, track and pair. "
    "Its ending, csv, json or parquet, decides the form. With --by, of the files that it names.",
)  # fmt: skip
@decimal
@safe_csv
def summary(
    out: Path,
    by: Path | None,
    per: str,
    form: str | None,
    output: Path | None,
    transitions: Path | None,
    conditions: str,
    unit: str,
    windows: Path | None,
    certain_only: bool,
    by_frame: bool,
    decimal: str,
    safe_csv: bool,
) -> None:
    """Sum up timelines: a row per file and track, with --by a row per condition or file.

    OUT is the output folder of annotate, a folder of timelines, or a timeline. With --by, values
    are means over files, each of which counts the same, and <value>_sd is the standard deviation
    between files.
    """
    form = _form(form, output)
    form_of_transitions = None if transitions is None else form_of(transitions, "--transitions")
    if by is None and per == "file":
        raise click.UsageError("--per file needs --by: which file belongs to which condition.")
    if by is None and (unit or conditions):
        raise click.UsageError("--unit and --conditions name columns of --by.")
    if by is not None and per == "identity":
        raise click.UsageError("--per identity is over all files: leave out --by.")
    if certain_only and by_frame:
        raise click.UsageError("--certain-only and --by-frame exclude each other.")
    _refuse_the_same(
        {"--by": by, "--windows": windows, "--output": output, "--transitions": transitions}
    )
    from emotion_core.results.tracks import of_certain_rows, of_frames, with_conditions

    table, grouping = tracks_of(out, windows), None
    names: tuple[str, ...] | None = None
    table = of_certain_rows(table) if certain_only else of_frames(table) if by_frame else table
    if by is not None:
        chosen = tuple(name.strip() for name in conditions.split(",") if name.strip())
        grouping = conditions_of(sources_below(out), by, chosen, unit)
    if per == "track":
        table = with_conditions(table, grouping)
    elif per == "identity":
        table, names = _people(table), ("identity",)
    elif grouping is not None:
        table, names = groups_of(table, grouping, per_file=per == "file")
    from emotion_core.results.export import write_table
    from emotion_core.results.rows_out import row_writer

    if transitions is not None and form_of_transitions is not None:
        _write_transitions(out, transitions, form_of_transitions, grouping)
    if form is None:
        weight = "certain time" if certain_only else "frames" if by_frame else "time"
        _print(table, names, weight)
        return
    if output is None:
        row_writer(form, standard_bytes(), look_of(decimal, safe_csv))(table)
    else:
        write_table(table, output, form, look_of(decimal, safe_csv))
        say(f"Written: {output} ({counted(len(table), 'row')})", err=True)


def _people(tracks: pa.Table) -> pa.Table:
    from emotion_core.results.people import summarise_people

    people = summarise_people(tracks)
    faces = len(tracks) - tracks["uncertain_share"].null_count
    left_out = faces - sum(people["faces"].to_pylist())
    if left_out:
        say(f"Left out: {counted(left_out, 'face')} of {faces:,} without a number.", err=True)
    return people


def _refuse_the_same(files: dict[str, Path | None]) -> None:
    """A file that one option reads or writes is not written by another."""
    seen: dict[Path, str] = {}
    for option, path in files.items():
        if path is None:
            continue
        other = seen.setdefault(path.resolve(), option)
        if other != option:
            raise click.UsageError(f"{option} and {other} are the same file, {path}: name another.")


def _write_transitions(out: Path, path: Path, form: str, conditions: Conditions | None) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    from emotion_core.results.export import write_table
    from emotion_core.results.find import find_timelines
    from emotion_core.results.transitions import count_transitions

    table = count_transitions(find_timelines(out))
    if conditions is not None:
        named = [source for sources in conditions.groups.values() for source in sources]
        table = table.filter(pc.is_in(table["source"], pa.array(named, pa.string())))
    write_table(table, path, form)
    say(f"Written: {path} ({counted(len(table), 'row')})", err=True)


def _form(form: str | None, output: Path | None) -> str | None:
    if form in ("parquet", "xlsx") and output is None:
        raise click.UsageError(f"--to {form} needs --output: it is not text.")
    if form is not None or output is None:
        return form
    return form_of(output)


def _print(table: pa.Table, names: tuple[str, ...] | None, weight: str) -> None:
    from jobs.timeline_commands.tables import group_table, print_table, track_table

    if names is None:
        print_table(track_table(table, weight))
    else:
        print_table(group_table(table, names, weight))
