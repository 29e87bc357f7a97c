"""The pieces of work on a file: frozen data in, small results out.

Pixels stay in the process that runs a task, and big intermediate results on disk; what is
returned is small.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.analyse import Analyser
from emotion_core.annotate import render_segment, render_still
from emotion_core.bundle import Bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.errors import EmotionError, MediaError, UnexpectedError
from emotion_core.faces.between import Sample
from emotion_core.faces.find import FaceFinder
from emotion_core.faces.store import read_faces, write_faces
from emotion_core.hider import make_hiding_finder
from emotion_core.media.camera_cuts import CutFinder
from emotion_core.media.clock import times_us
from emotion_core.media.index import OK, VideoIndex, index_video
from emotion_core.media.local import check_regular
from emotion_core.media.still import read_still
from emotion_core.media.video import Segment, read_frames
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.render.join import join_segments
from emotion_core.timeline.baseline import Rest, offsets_of_tracks, with_baseline
from emotion_core.timeline.build import still_timeline, video_timeline
from emotion_core.timeline.store import new_timeline
from emotion_core.timeline.summary import FileSummary, summarise


@dataclass(frozen=True)
class Models:
    """What is loaded once and used for any number of tasks."""

    analyser: Analyser
    calibration: Calibration
    hiding_finder: FaceFinder | None

    @classmethod
    def load(cls, bundle: Bundle, analysis: AnalysisOptions, render: RenderOptions) -> Models:
        """Those that some options need.

        Raises
        ------
        BundleError
            Detector weights or classifier cannot be loaded.
        """
        return cls(
            Analyser(bundle, analysis),
            Calibration.of(bundle),
            make_hiding_finder() if render.blur_faces else None,
        )


def identify(path: Path) -> dict[str, Any]:
    """What tells a file from a later one of the same name.

    Raises
    ------
    MediaError
        The file is gone, may not be looked at, or is no regular file.
    """
    check_regular(path)
    try:
        status = path.stat()
    except OSError as error:
        raise MediaError(path, f"cannot be read: {error.strerror}") from error
    return {"path": str(path), "bytes": status.st_size, "modified_ns": status.st_mtime_ns}


class Task(Protocol):
    """A piece of work."""

    def run(self, models: Models) -> Any:
        """Do it; an `EmotionError` is the file's fault."""


@dataclass(frozen=True)
class IndexTask:
    """Index a video."""

    path: Path
    in_order: bool

    def run(self, models: Models) -> VideoIndex:
        return index_video(self.path, in_order=self.in_order)


@dataclass(frozen=True)
class Analysed:
    """What became of a segment in pass 1.

    Attributes
    ----------
    frames : int
        Analysed.
    cuts : tuple of int
        Those of them that a camera cut comes before.
    """

    frames: int
    cuts: tuple[int, ...]


@dataclass(frozen=True)
class AnalyseTask:
    """Pass 1 over a segment: faces into a part file.

    Attributes
    ----------
    segment : Segment
    around : Segment
        The same, longer by frames that help to find its faces and cuts.
    sampled, searched : ndarray [shape=(len(around),), bool]
        Frames that are analysed, and those that are searched for faces in any case. Before the
        first and after the last of these, pictures are only compared.
    part : Path
    """

    segment: Segment
    around: Segment
    sampled: NDArray[np.bool_]
    searched: NDArray[np.bool_]
    part: Path

    def run(self, models: Models) -> Analysed:
        """Find faces and cuts."""
        first, cuts = self.around.first, CutFinder()
        frames = range(self.segment.first, self.segment.first + len(self.segment))
        aspect = float(self.segment.info.sample_aspect)
        write_faces(self.part, models.analyser.analyse(self._samples(cuts), frames, aspect))
        analysed = self.sampled[frames.start - first : frames.stop - first].sum()
        return Analysed(int(analysed), tuple(cut for cut in cuts.finish() if cut in frames))

    def _samples(self, cuts: CutFinder) -> Iterator[Sample]:
        around = self.around
        time_us = times_us(around.pts, around.info.pts0, around.info.time_base)
        last = int(np.flatnonzero(self.searched)[-1]) if self.searched.any() else -1
        begun = False
        for frame in read_frames(around, self.sampled):
            position = frame.number - around.first
            if frame.planes is None:
                continue
            # What is damaged resembles nothing.
            sound = around.status[position] == OK
            changed = sound and cuts.see(frame.number, int(time_us[position]), frame.planes.y)
            begun |= bool(self.searched[position])
            if begun and position <= last:
                searched = bool(self.searched[position])
                yield Sample(frame.number, frame.pts, frame.planes, searched, bool(changed))


@dataclass(frozen=True)
class TimelineTask:
    """Between the passes: all parts of a video into its timeline.

    Attributes
    ----------
    rest : Rest or None
        What the columns of the baseline are made from; None: they stay null.
    """

    source: str
    index: VideoIndex
    sampled: NDArray[np.bool_]
    parts: tuple[Path, ...]
    cuts: tuple[int, ...]
    timeline: Path
    metadata: Mapping[str, Any]
    rest: Rest | None

    def run(self, models: Models) -> FileSummary:
        # Twice over the parts, instead of once over the timeline, which then appears whole.
        offsets = {} if self.rest is None else offsets_of_tracks(self._blocks(models), self.rest)
        info = self.index.info
        made_from = {
            "input": identify(info.path),
            "width": info.width,
            "height": info.height,
            "frames": len(self.index),
            "time_base": str(info.time_base),
            "pts0": info.pts0,
            "cuts": list(self.cuts),
        }
        summary = FileSummary()
        with new_timeline(self.timeline, {**self.metadata, **made_from}) as append:
            for rows in self._blocks(models):
                append(with_baseline(rows, offsets) if offsets else rows)
                summary = summary.followed_by(summarise(rows))
        return summary

    def _blocks(self, models: Models) -> Iterator[pa.Table]:
        parts = itertools.chain.from_iterable(map(read_faces, self.parts))
        return video_timeline(
            self.source, self.index, self.sampled, parts, models.calibration, self.cuts
        )


@dataclass(frozen=True)
class RenderTask:
    """Pass 2 over a segment: encoded packets into a part file."""

    segment: Segment
    sampled: NDArray[np.bool_]
    timeline: Path
    options: RenderOptions
    part: Path
    lead: int

    def run(self, models: Models) -> int:
        """The number of frames drawn."""
        render_segment(
            self.segment,
            self.sampled,
            self.timeline,
            self.options,
            models.hiding_finder,
            self.part,
            self.lead,
        )
        return len(self.segment) - self.lead


@dataclass(frozen=True)
class JoinTask:
    """Put the encoded segments together, with the source's audio."""

    parts: tuple[Path, ...]
    annotated: Path
    index: VideoIndex
    first: int
    stop: int

    def run(self, models: Models) -> None:
        info, pts = self.index.info, self.index.pts
        join_segments(
            self.parts,
            self.annotated,
            source=info.path,
            pts0=int(pts[self.first]),
            stop_pts=int(pts[self.stop]) if self.stop < len(pts) else None,
        )


@dataclass(frozen=True)
class StillOutcome:
    """What became of one still of a chunk."""

    source: str
    summary: FileSummary | None
    error: EmotionError | None
    pictures: int = 1


@dataclass(frozen=True)
class StillsTask:
    """Analyse, draw and write a chunk of stills; one that fails does not stop the others."""

    paths: tuple[Path, ...]
    sources: tuple[str, ...]
    annotated: tuple[Path, ...] | None
    timeline: Path
    metadata: Mapping[str, Any]

    def run(self, models: Models) -> list[StillOutcome]:
        outcomes, tables, inputs = [], [], []
        for position, (path, source) in enumerate(zip(self.paths, self.sources, strict=True)):
            try:
                identity = identify(path)
                still = read_still(path)
                identity |= {"source": source, "pictures": still.pictures}
                faces = models.analyser.analyse_still(0, still)
                table = still_timeline(source, still.damaged, faces, models.calibration)
                if self.annotated is not None:
                    render_still(still, table, models.hiding_finder, self.annotated[position])
            except EmotionError as error:
                outcomes.append(StillOutcome(source, None, error))
                continue
            except Exception as error:
                outcomes.append(StillOutcome(source, None, UnexpectedError.of(path, error)))
                continue
            tables.append(table)
            inputs.append(identity)
            outcomes.append(StillOutcome(source, summarise(table), None, still.pictures))
        if tables:
            table = pa.concat_tables(tables).unify_dictionaries()
            with new_timeline(self.timeline, {**self.metadata, "inputs": inputs}) as append:
                append(table)
        return outcomes
