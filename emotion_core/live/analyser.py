"""One frame after the other to faces with tracks and smoothed logits, from the past alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_core.analyse import FaceCutter, wanted_faces
from emotion_core.bundle import Bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.emotions.classifier import Classifier
from emotion_core.faces.appearance import describe
from emotion_core.faces.detector import Detections
from emotion_core.faces.faces import EMBEDDING_LENGTH, Faces
from emotion_core.faces.find import Picture
from emotion_core.faces.looked import LookedClock
from emotion_core.faces.track import FaceTracker
from emotion_core.hider import make_hiding_finder
from emotion_core.live.newest import Arrival
from emotion_core.live.search import INTERVAL_SHARE, CausalSearch
from emotion_core.live.smooth import CausalSmoother
from emotion_core.media.camera_cuts import Thumbnail, resemble, thumbnail
from emotion_core.options import AnalysisOptions


@dataclass(frozen=True, repr=False)
class Seen:
    """What was found on a frame.

    Attributes
    ----------
    number, time_us, wall_us, damaged, gap
        As `Arrival` has them.
    faces : Faces
        Of n wanted faces.
    track : ndarray [shape=(n,), int32]
    scaled, smoothed : ndarray [shape=(n, 7), float32]
        Calibrated logits of the frame alone, and smoothed.
    limits : ndarray [shape=(n,), float32, 0-1]
        Confidence below which a face is uncertain.
    found : ndarray [shape=(m, 4), float32, px]
        Boxes of all faces, wanted or not, where all are to be hidden; else of the wanted ones.
    """

    number: int
    time_us: int
    wall_us: int
    damaged: bool
    gap: bool
    faces: Faces
    track: NDArray[np.int32]
    scaled: NDArray[np.float32]
    smoothed: NDArray[np.float32]
    limits: NDArray[np.float32]
    found: NDArray[np.float32]

    def __repr__(self) -> str:
        return f"Seen({self.number}, {len(self.faces)} faces)"


class LiveAnalyser:
    """The causal form of what files get: search, crop, classify, follow, smooth.

    Parameters
    ----------
    bundle : Bundle
    options : AnalysisOptions
    pixel_aspect : float
        Width of a pixel over its height.
    hiding : bool
        Search every frame for all faces that are to be hidden, and take the wanted ones of these.

    Raises
    ------
    BundleError
        Detector weights or classifier cannot be loaded.
    """

    def __init__(
        self, bundle: Bundle, options: AnalysisOptions, pixel_aspect: float, *, hiding: bool
    ) -> None:
        self._options = options
        self._pixel_aspect = pixel_aspect
        self._cutter = FaceCutter(options, bundle.input_size)
        self._classifier = Classifier(bundle, mirror=options.mirror)
        self._calibration = Calibration.of(bundle)
        interval_us = 0 if hiding else round(options.detection_interval * INTERVAL_SHARE * 1e6)
        self._finder = make_hiding_finder() if hiding else self._cutter
        self._search = CausalSearch(self._find, interval_us)
        self._tracker = FaceTracker(look_us=0)
        self._clock = LookedClock()
        self._smoother = CausalSmoother()
        self._before: Thumbnail | None = None

    def prepare(self, picture: Picture) -> None:
        """Compile the detector for pictures of this size, which takes a while, before the first."""
        self._find(picture)

    def see(self, arrival: Arrival) -> Seen:
        """Analyse the next frame."""
        changed = self._has_changed(arrival)
        if changed:
            self._tracker.end_all()
        found = self._search.faces(arrival.time_us, arrival.planes, changed=changed)
        faces = self._classify(arrival, wanted_faces(found, self._options))
        counted_us = self._clock.see(arrival.time_us)
        pieces = self._tracker.update(counted_us, faces.boxes, faces.scores, faces.appearance)
        track = self._tracker.numbers(pieces)
        scaled = self._calibration.scale(faces.logits, faces.quality)
        smoothed, quality = self._smoother.update(arrival.time_us, scaled, faces.quality, track)
        return Seen(
            arrival.number, arrival.time_us, arrival.wall_us, arrival.damaged, arrival.gap,
            faces, track, scaled, smoothed, self._calibration.thresholds(quality), found.boxes,
        )  # fmt: skip

    def _find(self, picture: Picture) -> Detections:
        return self._finder.find(picture, self._pixel_aspect)

    def _has_changed(self, arrival: Arrival) -> bool:
        before, self._before = self._before, thumbnail(arrival.planes.y)
        return before is not None and not resemble(before, self._before)

    def _classify(self, arrival: Arrival, found: Detections) -> Faces:
        if not len(found):
            return Faces.none()
        cut = self._cutter.cut(arrival.number, arrival.planes, found, self._pixel_aspect)
        return Faces(
            frame=np.full(len(found), arrival.number, np.int64),
            boxes=found.boxes,
            scores=found.scores,
            landmarks=found.landmarks,
            quality=cut.quality,
            appearance=describe(cut.crops),
            logits=self._classifier.logits(cut.crops),
            embedding=np.zeros((len(found), EMBEDDING_LENGTH), np.int8),
        )
