"""The piece of work on stills: a chunk of them, from files to copies and a timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from emotion_core.annotate import render_still
from emotion_core.errors import EmotionError, UnexpectedError
from emotion_core.files import remove_earlier
from emotion_core.identities.looks import Looks, looks_of_still
from emotion_core.media.still import read_still
from emotion_core.tasks import Models, identify
from emotion_core.timeline.build import still_timeline
from emotion_core.timeline.store import new_timeline, read_blocks
from emotion_core.timeline.summary import FileSummary, summarise


@dataclass(frozen=True)
class StillOutcome:
    """What became of one still of a chunk."""

    source: str
    summary: FileSummary | None
    error: EmotionError | None
    pictures: int = 1
    looks: Looks | None = None


@dataclass(frozen=True)
class StillsTask:
    """Analyse, draw and write a chunk of stills; one that fails does not stop the others.

    Where copies are drawn, an earlier timeline of the chunk is removed first: what stands beside a
    timeline was drawn with it. Where they are drawn later, by a `DrawStillsTask`, earlier copies
    are removed, too.
    """

    paths: tuple[Path, ...]
    sources: tuple[str, ...]
    annotated: tuple[Path, ...] | None
    timeline: Path
    metadata: Mapping[str, Any]
    drawn_later: bool = False

    def run(self, models: Models) -> list[StillOutcome]:
        outcomes, tables, inputs = [], [], []
        if self.annotated is not None:
            remove_earlier(self.timeline)
            for copy in self.annotated if self.drawn_later else ():
                remove_earlier(copy)
        for position, (path, source) in enumerate(zip(self.paths, self.sources, strict=True)):
            try:
                identity = identify(path)
                still = read_still(path)
                identity |= {"source": source, "pictures": still.pictures}
                faces = models.analyser.analyse_still(0, still)
                table = still_timeline(source, still.damaged, faces, models.calibration)
                if self.annotated is not None and not self.drawn_later:
                    render_still(still, table, models.hiding_finder, self.annotated[position])
            except EmotionError as error:
                outcomes.append(StillOutcome(source, None, error))
                continue
            except Exception as error:
                outcomes.append(StillOutcome(source, None, UnexpectedError.of(path, error)))
                continue
            tables.append(table)
            inputs.append(identity)
            counts, looks = summarise(table), looks_of_still(faces)
            outcomes.append(StillOutcome(source, counts, None, still.pictures, looks))
        if tables:
            table = pa.concat_tables(tables).unify_dictionaries()
            with new_timeline(self.timeline, {**self.metadata, "inputs": inputs}) as append:
                append(table)
        return outcomes


@dataclass(frozen=True)
class DrawStillsTask:
    """Draw stills from their timeline, in which people have their numbers by now."""

    paths: tuple[Path, ...]
    sources: tuple[str, ...]
    annotated: tuple[Path, ...]
    timeline: Path

    def run(self, models: Models) -> list[EmotionError | None]:
        """Why each was not drawn; None where it was."""
        rows = pa.concat_tables(read_blocks(self.timeline))
        source = rows["source"].cast(pa.string())
        found: list[EmotionError | None] = []
        for path, name, copy in zip(self.paths, self.sources, self.annotated, strict=True):
            try:
                of_still = rows.filter(pc.equal(source, name))
                render_still(read_still(path), of_still, models.hiding_finder, copy)
                found.append(None)
            except EmotionError as error:
                found.append(error)
            except Exception as error:
                found.append(UnexpectedError.of(path, error))
        return found


@dataclass(frozen=True)
class TryStillTask:
    """Read and analyse a still, and keep nothing: does the worker live on?"""

    path: Path

    def run(self, models: Models) -> None:
        models.analyser.analyse_still(0, read_still(self.path))
