"""Between the passes: faces become tracks, smoothed probabilities, and rows of a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import Calibration, softmax
from emotion_core.emotions.smooth import REACH_US, smooth_track
from emotion_core.faces.faces import Faces
from emotion_core.identities.looks import LooksOverTime
from emotion_core.labels import EMOTIONS
from emotion_core.media.clock import times_us
from emotion_core.media.index import DAMAGED, OK, UNDECODABLE, VideoIndex
from emotion_core.timeline.schema import SCHEMA, STATUSES
from emotion_core.timeline.window import TrackedFaces, TrackWindow

BLOCK_FRAMES: Final = 2_000
_STATUS_WITHOUT_FACE: Final = {OK: "no_face", DAMAGED: "damaged", UNDECODABLE: "undecodable"}
_STATUS_WITH_FACE: Final = {OK: "ok", DAMAGED: "damaged"}


def video_timeline(
    source: str,
    index: VideoIndex,
    sampled: NDArray[np.bool_],
    parts: Iterable[Faces],
    calibration: Calibration,
    cuts: Sequence[int] = (),
    looks: LooksOverTime | None = None,
) -> Iterator[pa.Table]:
    """Rows of a video: one per face, and one for each sampled frame without a face.

    They come a block of frames at a time, so that a long video needs no more memory than a short
    one.

    Parameters
    ----------
    source : str
    index : VideoIndex
    sampled : ndarray [shape=(n,), bool]
        Frames that were analysed, over the whole index.
    parts : iterable of Faces
        Of all sampled frames, by rising frame number; all faces of a frame lie in one part.
    calibration : Calibration
    cuts : sequence of int
        Rising numbers of the frames that a camera cut comes before.
    looks : LooksOverTime, optional
        Takes in the embeddings of all tracks.
    """
    time_us = times_us(index.pts, index.info.pts0, index.info.time_base)
    looked = sampled & (index.status != UNDECODABLE)
    window = TrackWindow(parts, time_us, cuts, looked)
    frames = np.flatnonzero(sampled)
    for start in range(0, len(frames), BLOCK_FRAMES):
        block = frames[start : start + BLOCK_FRAMES]
        around = window.around(int(block[0]), int(block[-1]), REACH_US)
        if looks is not None:
            shown = around.take(_inside(around, block))
            looks.add(shown.track, shown.faces.frame, shown.faces.embedding)
        yield _block_rows(source, index, time_us, block, around, calibration)


def _inside(around: TrackedFaces, block: NDArray[np.intp]) -> NDArray[np.bool_]:
    return np.asarray((around.faces.frame >= block[0]) & (around.faces.frame <= block[-1]))


def _block_rows(
    source: str,
    index: VideoIndex,
    time_us: NDArray[np.int64],
    block: NDArray[np.intp],
    around: TrackedFaces,
    calibration: Calibration,
) -> pa.Table:
    scaled = calibration.scale(around.faces.logits, around.faces.quality)
    smoothed, quality = _smooth(around, scaled, time_us)
    inside = _inside(around, block)
    shown = around.take(inside)
    limits = calibration.thresholds(quality[inside])
    columns = _face_columns(shown.faces, scaled[inside], smoothed[inside], limits)
    columns |= {"track": pa.array(shown.track, pa.int32())}
    frames, taken = _order(block, shown.faces.frame, shown.track)
    columns = _spread(columns, taken)
    columns["frame"] = pa.array(frames, pa.int64())
    columns["pts"] = pa.array(index.file_pts[frames], pa.int64())
    columns["time_us"] = pa.array(time_us[frames], pa.int64())
    return _table(source, columns, _statuses(index.status[frames], taken >= 0))


@dataclass(frozen=True)
class LiveFrames:
    """Frames of a live source; n of them, by rising number.

    Attributes
    ----------
    number, time_us, wall_us : ndarray [shape=(n,), int64]
        Wall time in µs since 1970 (UTC).
    status : ndarray [shape=(n,), uint8]
        `OK` or `DAMAGED`.
    gap : ndarray [shape=(n,), bool]
        Frames are missing before it.
    """

    number: NDArray[np.int64]
    time_us: NDArray[np.int64]
    wall_us: NDArray[np.int64]
    status: NDArray[np.uint8]
    gap: NDArray[np.bool_]


def live_rows(
    source: str,
    frames: LiveFrames,
    shown: TrackedFaces,
    scaled: NDArray[np.float32],
    smoothed: NDArray[np.float32],
    limits: NDArray[np.float32],
) -> pa.Table:
    """Rows of some frames of a live source, whose PTS is the stream time in µs.

    Parameters
    ----------
    source : str
    frames : LiveFrames
    shown : TrackedFaces
        Of these frames.
    scaled, smoothed : ndarray [shape=(faces, 7), float32]
        Calibrated logits of each frame alone, and smoothed.
    limits : ndarray [shape=(faces,), float32, 0-1]
        Confidence below which they are uncertain.
    """
    columns = _face_columns(shown.faces, scaled, smoothed, limits)
    columns |= {"track": pa.array(shown.track, pa.int32())}
    numbers, taken = _order(frames.number, shown.faces.frame, shown.track)
    columns = _spread(columns, taken)
    rows = np.searchsorted(frames.number, numbers)
    columns["frame"] = pa.array(numbers, pa.int64())
    columns["pts"] = columns["time_us"] = pa.array(frames.time_us[rows], pa.int64())
    columns["wall_time"] = pa.array(frames.wall_us[rows], pa.timestamp("us", "UTC"))
    columns["gap"] = pa.array(frames.gap[rows], pa.bool_())
    return _table(source, columns, _statuses(frames.status[rows], taken >= 0))


def _smooth(
    tracked: TrackedFaces, logits: NDArray[np.float32], time_us: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits and quality, each smoothed over its track."""
    smoothed, quality = logits.copy(), tracked.faces.quality.copy()
    times = time_us[tracked.faces.frame]
    for number in np.unique(tracked.track):
        rows = np.flatnonzero(tracked.track == number)
        smoothed[rows], quality[rows] = smooth_track(logits[rows], times[rows], quality[rows])
    return smoothed, quality


def still_timeline(source: str, damaged: bool, faces: Faces, calibration: Calibration) -> pa.Table:
    """Rows of a still: one per face, numbered from the left, or a single one without a face."""
    scaled = calibration.scale(faces.logits, faces.quality)
    columns = _face_columns(faces, scaled, scaled, calibration.thresholds(faces.quality))
    from_left = np.argsort(np.argsort(faces.boxes[:, 0], kind="stable"))
    columns["track"] = pa.array(from_left, pa.int32())
    frames, taken = _order(np.zeros(1, np.int64), faces.frame, from_left)
    columns = _spread(columns, taken)
    columns["frame"] = pa.array(frames, pa.int64())
    status = np.full(len(frames), DAMAGED if damaged else OK, np.uint8)
    return _table(source, columns, _statuses(status, taken >= 0))


def _face_columns(
    faces: Faces,
    scaled: NDArray[np.float32],
    smoothed: NDArray[np.float32],
    limits: NDArray[np.float32],
) -> dict[str, pa.Array]:
    """Columns of faces with logits over their temperature, and the least certain confidence."""
    raw, final = softmax(scaled, 1.0), softmax(smoothed, 1.0)
    confidence = final.max(axis=1, initial=0)
    columns: dict[str, pa.Array] = {
        f"box_{axis}": pa.array(faces.boxes[:, i], pa.float32()) for i, axis in enumerate("xywh")
    }
    columns["detection_score"] = pa.array(faces.scores, pa.float32())
    columns["landmarks"] = pa.FixedSizeListArray.from_arrays(faces.landmarks.ravel(), 10)
    columns["quality"] = pa.array(faces.quality, pa.float32())
    for i, name in enumerate(EMOTIONS):
        columns[f"raw_{name}"] = pa.array(raw[:, i], pa.float32())
        columns[f"p_{name}"] = pa.array(final[:, i], pa.float32())
    best = final.argmax(axis=1).astype(np.int32)
    columns["emotion"] = pa.DictionaryArray.from_arrays(best, list(EMOTIONS))
    columns["confidence"] = pa.array(confidence, pa.float32())
    columns["uncertain"] = pa.array(confidence < limits, pa.bool_())
    return columns


def _order(
    frames: NDArray[Any], face_frames: NDArray[np.int64], rank: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frame of each row, and the face it shows (-1: none), by frame, then by `rank`."""
    empty = np.setdiff1d(frames, face_frames)
    frame = np.concatenate([face_frames, empty]).astype(np.int64)
    face = np.concatenate([np.arange(len(face_frames)), np.full(len(empty), -1)])
    order = np.lexsort((np.concatenate([rank, np.zeros(len(empty))]), frame))
    return frame[order], face[order]


def _spread(columns: dict[str, pa.Array], taken: NDArray[np.int64]) -> dict[str, pa.Array]:
    """Each face's values in its row, null in rows without a face."""
    positions = pa.array(taken, pa.int64(), mask=taken < 0)
    return {name: values.take(positions) for name, values in columns.items()}


def _statuses(status: NDArray[np.uint8], has_face: NDArray[np.bool_]) -> pa.Array:
    words = [
        (_STATUS_WITH_FACE if face else _STATUS_WITHOUT_FACE)[int(code)]
        for code, face in zip(status, has_face, strict=True)
    ]
    codes = np.array([STATUSES.index(word) for word in words], np.int32)
    return pa.DictionaryArray.from_arrays(codes, list(STATUSES))


def _table(source: str, columns: dict[str, pa.Array], status: pa.Array) -> pa.Table:
    count = len(status)
    columns["status"] = status
    columns["source"] = pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), [source])
    return pa.table(
        [
            columns[field.name].cast(field.type)
            if field.name in columns
            else pa.nulls(count, field.type)
            for field in SCHEMA
        ],
        schema=SCHEMA,
    )
