"""A live session on one source: read, analyse, keep, show; until it is stopped or at its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emotion_core.bundle import Bundle
from emotion_core.errors import UsageError
from emotion_core.layout import recording, timeline_of
from emotion_core.live.address import Address
from emotion_core.live.analyser import LiveAnalyser, Seen
from emotion_core.live.newest import Arrival
from emotion_core.live.parts import PartWriter
from emotion_core.live.picture import Painter, labels_of, to_jpeg
from emotion_core.live.publish import News, Publisher, Sample
from emotion_core.live.reader import Reader
from emotion_core.live.record import NOMINAL_RATE, TIME_BASE, Recorder
from emotion_core.live.statistics import Statistics
from emotion_core.media.planes import Planes
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.render.draw import Label
from emotion_core.render.settings import EncoderSettings

WAIT_S: Final = 0.2


@dataclass(frozen=True)
class LiveRequest:
    """What a session is asked to do.

    Attributes
    ----------
    address : Address
    source : str
        What the session is called in results.
    output : Path or None
        Folder of the results; None keeps nothing.
    analysis : AnalysisOptions
        Of the range, only `end`.
    render : RenderOptions
    record : bool
        Record the annotated picture from the start.
    metadata : mapping
        Of the timeline.
    """

    address: Address
    source: str
    output: Path | None
    analysis: AnalysisOptions
    render: RenderOptions
    record: bool
    metadata: Mapping[str, Any]


class LiveSession:
    """Opens a source and loads the models; `run` does the work, the others say what is wanted.

    Parameters
    ----------
    request : LiveRequest
    bundle : Bundle

    Attributes
    ----------
    format : Format
        Of the source's frames.

    Raises
    ------
    SourceError, MediaError
        The source cannot be opened or sends nothing.
    BundleError
        The models cannot be loaded.
    OutputError
        The output cannot be written.
    """

    def __init__(self, request: LiveRequest, bundle: Bundle) -> None:
        self._request = request
        end = request.analysis.end
        self._reader = Reader(request.address, None if end is None else round(end * 1e6))
        self.format, first = self._reader.open()
        hiding = request.render.blur_faces
        aspect = float(self.format.pixel_aspect)
        self._analyser = LiveAnalyser(bundle, request.analysis, aspect, hiding=hiding)
        self._analyser.prepare(first)
        self._painter = Painter(self.format.matrix, hiding=hiding)
        self._publisher = Publisher()
        self._statistics = Statistics()
        self._parts = self._part_writer()
        self._recorder: Recorder | None = None
        self._recordings: list[Path] = []
        self._recording_wanted = request.record
        self._begun_s = time.monotonic()

    def run(self) -> dict[str, Any]:
        """Work until the end.

        Returns
        -------
        totals : dict
            JSON values: counts, latency, outages, recordings.

        Raises
        ------
        OutputError
            Results cannot be written any more.
        MediaError
            The file that is played cannot be read any more.
        """
        self._begun_s = time.monotonic()
        self._reader.begin()
        try:
            while not self._reader.newest.ended:
                arrival = self._reader.newest.take(WAIT_S)
                if arrival is None and self._reader.stopped:
                    # Not to wait for a source that is silent.
                    break
                if arrival is None:
                    self._publisher.tell(self._state())
                else:
                    self._take(arrival)
        finally:
            self._reader.stop()
            self._close()
            self._publisher.tell(self._state(), ended=True)
        return self.totals()

    def news(self, after: int, *, picture: bool, timeout_s: float) -> News:
        """As `Publisher.news`."""
        return self._publisher.news(after, picture=picture, timeout_s=timeout_s)

    def stop(self) -> None:
        """Let `run` come to its end."""
        self._reader.stop()

    def record(self, *, wanted: bool) -> None:
        """Begin or end a recording at the next frame.

        Raises
        ------
        UsageError
            There is no output folder.
        """
        if wanted and self._request.output is None:
            raise UsageError(None, "nothing is recorded without --output")
        self._recording_wanted = wanted

    def totals(self) -> dict[str, Any]:
        """Over the session so far, as JSON values."""
        arrived, analysed = self._reader.arrived, self._statistics.analysed
        return {
            "address": str(self._request.address),
            "source": self._request.source,
            "width": self.format.width,
            "height": self.format.height,
            "frames_arrived": arrived,
            "frames_dropped": arrived - analysed,
            **self._statistics.total(),
            "outages": [vars(outage).copy() for outage in self._reader.outages],
            "recordings": [str(path) for path in self._recordings],
        }

    def _part_writer(self) -> PartWriter | None:
        output, source = self._request.output, self._request.source
        if output is None:
            return None
        timeline = timeline_of(output, source)
        return PartWriter(timeline, source, self._request.metadata)

    def _take(self, arrival: Arrival) -> None:
        begun_s = time.thread_time()
        seen = self._analyser.see(arrival)
        if self._parts is not None:
            self._parts.add(seen)
        labels, drawn = labels_of(seen), None
        watched = self._publisher.is_watched
        if watched or self._recording_wanted:
            drawn = self._painter.paint(arrival.planes, seen, labels)
        self._record(drawn, seen)
        picture = to_jpeg(drawn) if drawn is not None and watched else None
        work_s = time.thread_time() - begun_s
        self._statistics.count(arrival.arrived_s, work_s, seen.track.tolist())
        self._publisher.publish(picture, _sample(seen, labels), seen.wall_us, self._state())

    def _record(self, drawn: Planes | None, seen: Seen) -> None:
        if not self._recording_wanted or drawn is None:
            self._end_recording()
            return
        if self._recorder is None:
            self._recorder = self._begin_recording()
        self._recorder.write(drawn, seen.time_us)

    def _begin_recording(self) -> Recorder:
        assert self._request.output is not None
        first = recording(self._request.output, self._request.source)
        count = len(self._recordings)
        path = first if not count else first.with_stem(f"{first.stem}-{count + 1}")
        self._recordings.append(path)
        settings = EncoderSettings(
            width=self.format.width,
            height=self.format.height,
            time_base=TIME_BASE,
            frame_rate=NOMINAL_RATE,
            sample_aspect=self.format.pixel_aspect,
            preset=self._request.render.preset,
            crf=self._request.render.crf,
            matrix=self.format.matrix,
        )
        return Recorder(path, settings)

    def _end_recording(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.close()

    def _close(self) -> None:
        try:
            self._end_recording()
        finally:
            if self._parts is not None:
                self._parts.close()

    def _state(self) -> dict[str, Any]:
        outages = self._reader.outages
        return {
            **self._statistics.recent(),
            "frames_analysed": self._statistics.analysed,
            "frames_dropped": self._reader.newest.dropped,
            "outages": len(outages),
            "lost": bool(outages) and not outages[-1].back_us,
            "recording": self._recorder is not None,
            "seconds": round(time.monotonic() - self._begun_s, 1),
        }


def _sample(seen: Seen, labels: list[Label]) -> Sample:
    faces = tuple(
        (label.track, tuple(round(value, 3) for value in label.probabilities))
        for label in labels
        if label.track is not None and label.probabilities is not None
    )
    return Sample(seen.number, seen.time_us, faces)
