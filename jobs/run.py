"""The run: plan, what is left to do, fan-out, tables over the whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from emotion_core.bundle import load_bundle
from emotion_core.errors import OutputError
from emotion_core.faces.detector import find_weights
from emotion_core.identities.looks import Looks
from emotion_core.layout import timelines_folder
from emotion_core.model_cards import keep_card
from emotion_core.provenance import made_by, timeline_metadata
from emotion_core.stages import rest_of
from emotion_core.timeline.identity import fill_people
from emotion_core.timeline.run_tables import remove_run_tables, write_run_tables
from jobs.batch import Batch
from jobs.config import JobConfig
from jobs.failures import FailureLog
from jobs.listener import Listener, Progress
from jobs.lock import OutputLock, locked
from jobs.parts import remove_all, remove_unused
from jobs.plan import Plan, VideoWork, make_plan
from jobs.pool import open_pool
from jobs.record import write_record
from jobs.replaced import count_others, drop_replaced_rows
from jobs.report import FileOutcome, Report
from jobs.schedule import RunContext
from jobs.storage import clear_left_over, probe
from jobs.todo import Todo, make_todo

Announcement = Callable[[Todo], None]


def annotate(
    config: JobConfig,
    listener: Listener = lambda _: None,
    announce: Announcement = lambda _: None,
) -> Report:
    """Analyse all inputs, write timelines, annotated copies and the tables over the run.

    Files whose results are complete, and made from the same input, models and options, are left
    alone.

    Parameters
    ----------
    config : JobConfig
    listener : callable
        Told of progress after every task.
    announce : callable
        Told what there is to do, before anything is done.

    Returns
    -------
    report : Report
        Empty where the inputs hold no media.

    Raises
    ------
    UsageError
        An input is missing or Ray cannot be started.
    BundleError
        The model or the identifier cannot be loaded.
    OutputError
        The output folder cannot be written, or not any more, or another run writes into it.
    """
    config = config.absolute()
    bundle = load_bundle(config.model)
    tools = made_by(bundle, config.analysis)
    find_weights()
    plan = make_plan(config.inputs, config.output)
    report = Report(outcomes=_unlisted(plan), passed_over=plan.passed_over)
    if not plan.works and not report.outcomes:
        return report
    with locked(config.output) as lock:
        probe(config.output)
        clear_left_over(config.output)
        keep_card(config.output, bundle)
        context = RunContext(config, metadata_of(config, tools))
        todo = make_todo(plan, config, context.metadata)
        announce(todo)
        report.outcomes += todo.failed
        report.finished_before = frozenset(file.source for file in todo.finished)
        _tell_known(report, len(todo.files) + report.known, listener)
        _carry_out(todo, context, plan, report, lock, listener, tools)
    return report


def metadata_of(config: JobConfig, tools: dict[str, Any]) -> dict[str, Any]:
    """What the timelines of a run say made them, beside `made_by`."""
    render = config.render if config.run.video else None
    return timeline_metadata(tools, config.analysis, render)


def _carry_out(
    todo: Todo,
    context: RunContext,
    plan: Plan,
    report: Report,
    lock: OutputLock,
    listener: Listener,
    tools: dict[str, Any],
) -> None:
    config = context.config
    output, timelines = config.output, timelines_folder(config.output)
    works = [work for work, _ in todo.works]
    if config.run.overwrite:
        remove_all(output)
    else:
        videos = (work.file for work in works if isinstance(work, VideoWork))
        remove_unused(output, (context.parts_of(file)[1] for file in videos))
    # A run that is killed says nothing any more: what speaks of a whole run goes first.
    write_record(config, plan, report, tools, ended=False)
    remove_run_tables(output)
    failures = FailureLog(output, report.failed)

    def check_storage(refused: bool) -> None:
        lock.check()
        if refused:
            probe(output)

    def number(timelines: Sequence[Path], looks: Mapping[str, Looks]) -> None:
        lock.check()
        fill_people(timelines, looks, rest_of(config.analysis))

    begun = time.monotonic()

    def conclude() -> None:
        lock.check()
        report.stills_gone = drop_replaced_rows(plan, report, output)
        if not config.run.video:
            report.old_copies = sum(copy.exists() for work in works for copy in work.copies)
        report.seconds = time.monotonic() - begun
        if report.complete:
            remove_all(output)
            # Of workers that were killed in this run.
            clear_left_over(output)
            write_run_tables(output, sorted(timelines.rglob("*.parquet")))
            report.others = count_others(output, plan)
        # Last, as it says that all the rest is there.
        write_record(config, plan, report, tools, ended=True)

    try:
        if works:
            with open_pool(config) as pool:
                batch = Batch(
                    works, context, pool, report, failures, number, check_storage, listener
                )
                report.complete = batch.execute()
        else:
            report.complete = True
    except BaseException:
        # What can still be said is said; why the run ended matters more.
        with suppress(OutputError):
            conclude()
        raise
    conclude()


def _tell_known(report: Report, total: int, listener: Listener) -> None:
    """Tell of the files whose failure is known before the run begins."""
    done = len(report.finished_before)
    for number, outcome in enumerate(report.failed, 1):
        listener(Progress(outcome, done, number, total, frames=0, share=0.0, seconds=0.0))


def _unlisted(plan: Plan) -> list[FileOutcome]:
    return [
        FileOutcome(
            path, str(path), 0.0, None, "plan", "the folder cannot be listed: check permission"
        )
        for path in plan.unreadable
    ]
