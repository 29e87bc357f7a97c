"""The corpus of odd media through one run: every file ends as is stated of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from emotion_core.layout import source_name, still_copy, timeline_of, timelines_folder, video_copy
from emotion_core.results.validate import find_faults
from emotion_core.timeline.store import read_metadata
from jobs.config import JobConfig, RunOptions
from jobs.exit_codes import ExitCode
from jobs.report import FileOutcome, Report
from jobs.run import annotate
from scripts.odd_media.case import FRAME_US, Case, Fails, Skipped, Still, Video
from scripts.odd_media.corpus import all_cases, write_corpus
from tests.ffprobe import needs_ffprobe, read_ffprobe


@dataclass(frozen=True)
class Run:
    """A run over the corpus."""

    corpus: Path
    output: Path
    report: Report
    stills: dict[str, set[str]]

    def outcome(self, case: Case) -> FileOutcome | None:
        source = self.source(case)
        # What fails before it is known to be a file is called by its path.
        names = {source, str(self.corpus / case.name)}
        (found,) = [o for o in self.report.outcomes if o.source in names] or [None]
        return found

    def source(self, case: Case) -> str:
        return source_name(self.corpus / case.name, self.corpus, self.corpus.name)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("odd")
    corpus, output = folder / "corpus", folder / "out"
    write_corpus(corpus)
    report = annotate(JobConfig((str(corpus),), output, run=RunOptions(workers=0)))
    stills: dict[str, set[str]] = {}
    for timeline in timelines_folder(output).rglob("stills-*.parquet"):
        for row in pq.read_table(timeline, columns=["source", "status"]).to_pylist():
            stills.setdefault(row["source"], set()).add(row["status"])
    return Run(corpus, output, report, stills)


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: ascii(case.name)[1:41])
def test_a_file_ends_as_stated(run: Run, case: Case) -> None:
    outcome, expected = run.outcome(case), case.expected
    if isinstance(expected, Skipped):
        assert outcome is None
        return
    assert outcome is not None
    assert not outcome.trace, outcome.trace
    match expected:
        case Fails(words):
            assert re.search(words, outcome.error)
            assert len(outcome.error.splitlines()) == 1
        case Video():
            assert outcome.ok, outcome.error
            check_video(run, run.source(case), expected)
        case Still(size, damaged, faces):
            assert outcome.ok, outcome.error
            status = "damaged" if damaged else "ok" if faces else "no_face"
            assert run.stills[run.source(case)] == {status}
            with Image.open(still_copy(run.output, run.source(case))) as copy:
                assert copy.size == size


def check_video(run: Run, source: str, expected: Video) -> None:
    timeline = timeline_of(run.output, source)
    metadata = read_metadata(timeline)
    assert (metadata["width"], metadata["height"]) == expected.size
    assert len(metadata["clock_jumps"]) == expected.jumps
    assert metadata["start_us"] == expected.start_us
    assert list(find_faults(timeline)) == []
    rows = pq.read_table(timeline, columns=["frame", "time_us", "status"]).to_pylist()
    frames = {row["frame"]: row for row in rows}
    assert sorted(frames) == list(range(len(frames)))
    times = [frames[number]["time_us"] for number in sorted(frames)]
    left = list(expected.times_us)
    for time in times:
        left.remove(time)
    statuses = [row["status"] for row in frames.values()]
    assert expected.missing[0] <= len(left) <= expected.missing[1], left
    for status in ("damaged", "undecodable"):
        low, high = getattr(expected, status)
        assert low <= statuses.count(status) <= high, statuses
    assert ("ok" in statuses) >= expected.faces, statuses
    with av.open(str(video_copy(run.output, source))) as copy:
        assert copy.streams.video[0].frames == len(frames)


def check_copy(path: Path, times: list[int]) -> None:
    """It has every frame at its time, and lasts no longer than these and an ordinary frame."""
    copy = read_ffprobe(path)
    assert len(copy.times_us) == len(times)
    # Of equal times, the later one is shown a tick later.
    assert np.abs(np.array(copy.times_us) - times).max() <= 1_000
    steps = np.diff(times)
    longest = int(steps.max(initial=FRAME_US)) if len(times) < 3 else int(steps.mean()) + 1_000
    assert 0 < copy.duration_us - copy.times_us[-1] <= max(longest, FRAME_US)


@needs_ffprobe
@pytest.mark.parametrize(
    "case",
    [case for case in all_cases() if isinstance(case.expected, Video)],
    ids=lambda case: ascii(case.name)[1:41],
)
def test_ffprobe_agrees(run: Run, case: Case) -> None:
    expected = case.expected
    assert isinstance(expected, Video)
    names = ["frame", "time_us", "status"]
    timeline = timeline_of(run.output, run.source(case))
    rows, metadata = pq.read_table(timeline, columns=names).to_pylist(), read_metadata(timeline)
    shown = {row["frame"]: row["time_us"] for row in rows}
    decoded = {row["frame"]: row["time_us"] for row in rows if row["status"] != "undecodable"}
    probed = read_ffprobe(run.corpus / case.name, metadata["stream"])
    assert agree(list(decoded.values()), probed.times_us) != bool(expected.ffprobe), probed
    if metadata["fitted"]:
        # ffprobe tells one of the sizes; each fits into the picture.
        assert max(probed.size) <= max(expected.size)
    else:
        assert sorted(probed.size) == sorted(expected.size)
    check_copy(video_copy(run.output, run.source(case)), list(shown.values()))


def agree(times_us: list[int], probed_us: list[int | None]) -> bool:
    """Whether times are the same, where ffprobe has any; it counts from the first of these."""
    if len(times_us) != len(probed_us):
        return False
    first = next(time for time, known in zip(times_us, probed_us, strict=True) if known is not None)
    return all(
        theirs in (None, ours - first) for ours, theirs in zip(times_us, probed_us, strict=True)
    )


def test_the_run_says_how_it_went(run: Run) -> None:
    assert run.report.exit_code == ExitCode.SOME_FAILED
    counts = json.loads((run.output / "run.json").read_text())["counts"]
    failing = [case for case in all_cases() if isinstance(case.expected, Fails)]
    assert counts["files_failed"] == len(failing)
    lines = (run.output / "failures.jsonl").read_text().splitlines()
    assert len(lines) == len(failing)
    assert all(json.loads(line)["path"].startswith(str(run.corpus)) for line in lines)
