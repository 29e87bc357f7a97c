"""The plan: which files are worked on, and where each one's results go."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emotion_core.errors import UsageError
from emotion_core.layout import (
    folder_name,
    source_name,
    still_copy,
    timeline_of,
    timelines_folder,
    timelines_of,
    video_copy,
)
from emotion_core.media.kinds import Kind, is_still, is_system_folder, kind_in_folder
from jobs.chunks import chunk_file_name, cut_into_chunks
from jobs.inputs import expand_input
from jobs.recorded import RecordedFolder, recorded_folders
from jobs.result_names import place_names


@dataclass(frozen=True)
class MediaFile:
    """One input file.

    Attributes
    ----------
    path : Path
        Absolute.
    source : str
        Unique name of the input folder, then the path below it: how results are named.
    is_still : bool
        By its name, or by its content.
    """

    path: Path
    source: str
    is_still: bool = False


@dataclass(frozen=True)
class VideoWork:
    """A video with the places of its results."""

    file: MediaFile
    timeline: Path
    annotated: Path

    @property
    def files(self) -> tuple[MediaFile, ...]:
        return (self.file,)

    @property
    def copies(self) -> tuple[Path, ...]:
        return (self.annotated,)


@dataclass(frozen=True)
class StillsWork:
    """Some stills of one folder, which share a timeline."""

    files: tuple[MediaFile, ...]
    timeline: Path
    copies: tuple[Path, ...]


Work = VideoWork | StillsWork


@dataclass
class Plan:
    """What a run will do.

    Attributes
    ----------
    works : list of Work
        Videos, then chunks of stills, in the order of the inputs, sorted by path within each.
    ignored : list of Path
        What is neither video nor still in input folders, pipes and sockets among it, and results of
        earlier runs.
    passed_over : dict of Kind to list of Path
        Those of them that a user may miss: archives, media that are not read, and files of which
        neither name nor content says what they are.
    listed : dict of Path to str
        Folders that were searched, and what their results are named by.
    unreadable : list of Path
        Folders that cannot be listed.
    named_anew : dict of Path to str
        Input folders whose results have another name than they would in an empty output, as those
        of another folder have that.
    placed : dict of str to str
        As `place_names` gives it: what results are placed by where the output cannot hold the names
        of the sources.
    """

    works: list[Work] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)
    passed_over: dict[Kind, list[Path]] = field(default_factory=dict)
    listed: dict[Path, str] = field(default_factory=dict)
    unreadable: list[Path] = field(default_factory=list)
    named_anew: dict[Path, str] = field(default_factory=dict)
    placed: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> list[MediaFile]:
        return [file for work in self.works for file in work.files]


def make_plan(inputs: Iterable[str], output: Path) -> Plan:
    """Find the media of all inputs and name their results.

    Raises
    ------
    UsageError
        An input does not exist or is the output, a pattern matches nothing, or a list cannot be
        read.
    """
    plan = Plan()
    roots = _RootNames(recorded_folders(output), output)
    files: dict[str, MediaFile] = {}
    for item in inputs:
        for path in expand_input(item):
            if os.path.realpath(path) == os.path.realpath(output):
                raise UsageError(path, "is both --input and --output: choose another --output")
            for file in _media_below(path, output, roots, plan):
                files.setdefault(os.path.realpath(file.path), file)
    plan.placed = place_names([file.source for file in files.values()], output)
    plan.works.extend(_works(list(files.values()), output, plan.placed))
    plan.named_anew = roots.named_anew
    return plan


class _RootNames:
    """Gives each input folder a name of its own: its last part, numbered where two share it.

    A folder keeps the name that results of earlier runs have, also when it was moved.
    """

    def __init__(self, recorded: Mapping[str, RecordedFolder], output: Path) -> None:
        self._names: dict[Path, str] = {}
        self._output = output
        self._recorded = recorded
        self._known = {there.folder: name for name, there in recorded.items()}
        self.named_anew: dict[Path, str] = {}

    def name(self, folder: Path) -> str:
        if folder not in self._names:
            self._names[folder] = self._known.get(folder) or self._free_name(folder)
        return self._names[folder]

    def _free_name(self, folder: Path) -> str:
        base = folder_name(folder)
        # The name itself is changed: later runs read it from where results lie.
        base = place_names([base], self._output).get(base, base)
        number, name = 1, base
        while name in self._names.values() or self._is_of_another(name, folder):
            number += 1
            name = f"{base}-{number}"
        if base not in self._names.values() and name not in (base, *self._recorded):
            self.named_anew[folder] = name
        return name

    def _is_of_another(self, name: str, folder: Path) -> bool:
        there = self._recorded.get(name)
        return there is not None and not there.is_now(folder)


def _media_below(path: Path, output: Path, roots: _RootNames, plan: Plan) -> Iterator[MediaFile]:
    if not _is_folder(path):
        # A file that is named is tried, whatever its name.
        named = source_name(path, path.parent, roots.name(path.parent))
        yield MediaFile(path, named, is_still(path))
        return
    name = roots.name(path)
    for file in _walk(path, name, output, plan):
        kind = kind_in_folder(file)
        if kind in (Kind.VIDEO, Kind.STILL):
            yield MediaFile(file, source_name(file, path, name), kind is Kind.STILL)
            continue
        plan.ignored.append(file)
        if kind is not Kind.OTHER:
            plan.passed_over.setdefault(kind, []).append(file)


def _walk(folder: Path, name: str, output: Path, plan: Plan) -> Iterator[Path]:
    """Regular files below a folder, sorted; links are followed once, the output is left out."""
    seen = {os.path.realpath(output)}
    pending = [folder]
    while pending:
        current = pending.pop()
        if os.path.realpath(current) in seen:
            continue
        seen.add(os.path.realpath(current))
        if current != folder and _holds_results(current):
            plan.ignored.append(current)
            continue
        try:
            entries = sorted(current.iterdir(), key=lambda entry: entry.name)
        except OSError:
            plan.unreadable.append(current)
            continue
        plan.listed.setdefault(current, source_name(current, folder, name))
        visible = [entry for entry in entries if not entry.name.startswith(".")]
        yield from (entry for entry in visible if _is_regular(entry))
        plan.ignored += [entry for entry in visible if _is_special(entry)]
        folders = (entry for entry in reversed(visible) if _is_folder(entry))
        pending.extend(entry for entry in folders if not is_system_folder(entry))


def _holds_results(folder: Path) -> bool:
    """Whether a folder is the output of an earlier run."""
    marks = (folder / "run.json", timelines_folder(folder))
    return all(os.access(mark, os.F_OK) for mark in marks)


def _is_folder(path: Path) -> bool:
    # Unlike Path.is_dir, which raises where a link leads into a closed folder.
    return os.path.isdir(path)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        # A broken link or a file without permission to look: reading it will say so.
        return not _is_folder(path)


def _is_special(path: Path) -> bool:
    """Whether it is a pipe, a socket or a device: reading it would wait, or never end."""
    return not _is_regular(path) and not _is_folder(path)


def _works(files: list[MediaFile], output: Path, placed: Mapping[str, str]) -> Iterator[Work]:
    folders: dict[str, list[MediaFile]] = {}
    for file in files:
        if file.is_still:
            folders.setdefault(file.source.rpartition("/")[0], []).append(file)
        else:
            place = placed.get(file.source, file.source)
            yield VideoWork(
                file, timeline=timeline_of(output, place), annotated=video_copy(output, place)
            )
    for folder, stills in folders.items():
        stills.sort(key=lambda still: still.path.name)
        names = [still.path.name for still in stills]
        for part in cut_into_chunks(names):
            yield StillsWork(
                tuple(stills[part]),
                timeline=timelines_of(output, placed.get(folder, folder))
                / chunk_file_name(names[part]),
                copies=tuple(
                    still_copy(output, placed.get(still.source, still.source))
                    for still in stills[part]
                ),
            )
