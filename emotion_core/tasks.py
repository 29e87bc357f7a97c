"""The pieces of work on a file: frozen data in, small results out.

Pixels stay in the process that runs a task, and big intermediate results on disk; what is
returned is small.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.analyse import Analyser
from emotion_core.analysed import Analysed, read_analysed, write_analysed
from emotion_core.annotate import render_segment
from emotion_core.bundle import Bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.errors import MediaError
from emotion_core.faces.between import Sample
from emotion_core.faces.find import FaceFinder
from emotion_core.faces.store import read_faces, write_faces
from emotion_core.files import remove_earlier
from emotion_core.hider import make_hiding_finder
from emotion_core.identities.looks import Looks, LooksOverTime
from emotion_core.media.camera_cuts import CutFinder
from emotion_core.media.clock import JUMPS_KEPT, times_us
from emotion_core.media.index import OK, VideoIndex, index_video
from emotion_core.media.local import check_regular
from emotion_core.media.sound_clock import sound_clock
from emotion_core.media.video import Segment, read_frames
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.overlay import RowArranger
from emotion_core.render.arrange import Arrangement
from emotion_core.render.join import join_segments
from emotion_core.timeline.baseline import Rest, offsets_of, rows_at_rest, with_baseline
from emotion_core.timeline.build import video_timeline
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
        """Find faces and cuts, unless an earlier attempt or run has done so."""
        found = read_analysed(self.part)
        if found is not None:
            return found
        first, cuts = self.around.first, CutFinder()
        frames = range(self.segment.first, self.segment.first + len(self.segment))
        aspect = float(self.segment.info.sample_aspect)
        write_faces(self.part, models.analyser.analyse(self._samples(cuts), frames, aspect))
        analysed = self.sampled[frames.start - first : frames.stop - first].sum()
        found = Analysed(int(analysed), tuple(cut for cut in cuts.finish() if cut in frames))
        write_analysed(self.part, found)
        return found

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
class Written:
    """What became of a timeline.

    Attributes
    ----------
    summary : FileSummary
        Its counts.
    looks : Looks
        What its tracks look like, if that was asked.
    arrangements : mapping
        How each of its tracks is drawn.
    clock_jumps : int
        How often the clock of the file jumps.
    """

    summary: FileSummary
    looks: Looks
    arrangements: Mapping[Hashable, Arrangement] = field(default_factory=dict)
    clock_jumps: int = 0


@dataclass(frozen=True)
class TimelineTask:
    """Between the passes: all parts of a video into its timeline.

    Attributes
    ----------
    input : mapping
        What `identify` said of the file before it was first read.
    annotated : Path or None
        The copy that will be drawn from the timeline. An earlier one is removed first, so that one
        beside a timeline is always drawn from that.
    rest : Rest or None
        What the columns of the baseline are made from; None: they stay null.
    with_people : bool
        Whether people will be numbered before the copy is drawn.
    """

    source: str
    input: Mapping[str, Any]
    annotated: Path | None
    index: VideoIndex
    sampled: NDArray[np.bool_]
    parts: tuple[Path, ...]
    cuts: tuple[int, ...]
    timeline: Path
    metadata: Mapping[str, Any]
    rest: Rest | None
    with_people: bool = False

    def run(self, models: Models) -> Written:
        # Twice over the parts, instead of once over the timeline, which then appears whole.
        offsets: dict[int, NDArray[np.float64]] = {}
        if self.rest is not None:
            offsets = offsets_of([rows_at_rest(self._blocks(models), self.rest)], self.rest)
        looks = LooksOverTime()
        info = self.index.info
        if identify(info.path) != self.input:
            raise MediaError(info.path, "was changed while it was worked on: run it again")
        made_from = {
            "input": dict(self.input),
            "width": info.width,
            "height": info.height,
            "frames": len(self.index),
            "time_base": str(info.time_base),
            "pts0": info.pts0,
            "start_us": self.index.start_us,
            "decode_errors": self.index.decode_errors,
            "clock_jumps": self.index.jumps[:JUMPS_KEPT],
            "stream": info.stream,
            "video_streams": info.videos,
            "fitted": info.fitted,
            "cuts": list(self.cuts),
        }
        summary, arranger = (
            FileSummary(),
            RowArranger(info.width, info.height, with_people=self.with_people),
        )
        if self.annotated is not None:
            remove_earlier(self.annotated)
        with new_timeline(self.timeline, {**self.metadata, **made_from}) as append:
            for rows in self._blocks(models, looks):
                append(with_baseline(rows, offsets) if offsets else rows)
                summary = summary.followed_by(summarise(rows))
                if self.annotated is not None:
                    arranger.add(rows)
        return Written(
            summary, looks.finish(), arranger.decide(), clock_jumps=len(self.index.jumps)
        )

    def _blocks(self, models: Models, looks: LooksOverTime | None = None) -> Iterator[pa.Table]:
        parts = itertools.chain.from_iterable(map(read_faces, self.parts))
        return video_timeline(
            self.source, self.index, self.sampled, parts, models.calibration, self.cuts, looks
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
    arrangements: Mapping[Hashable, Arrangement]

    def run(self, models: Models) -> int:
        """The number of frames drawn, now or by an earlier attempt or run."""
        if not self.part.exists():
            self._draw(models)
        return len(self.segment) - self.lead

    def _draw(self, models: Models) -> None:
        render_segment(
            self.segment,
            self.sampled,
            self.timeline,
            self.options,
            models.hiding_finder,
            self.part,
            self.lead,
            self.arrangements,
        )


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
            clock=sound_clock(info.path, self.index.stretches, info.time_base),
        )
