"""What holds for each row of a timeline by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS
from emotion_core.results.block import Block
from emotion_core.results.made import Made, wrongly_timed
from emotion_core.timeline.schema import STATUSES

SUM_TOLERANCE: Final = 1e-5
"""How far seven float32 probabilities may be from 1 together."""

_BOX: Final = tuple(f"box_{axis}" for axis in "xywh")
_FACE_COLUMNS: Final = (
    *_BOX, "detection_score", "landmarks", "quality",
    *(f"{prefix}_{name}" for prefix in ("raw", "p") for name in EMOTIONS),
    "emotion", "confidence", "uncertain",
)  # fmt: skip
_SHARES: Final = ("detection_score", "quality", "confidence")


@dataclass(frozen=True)
class Promise:
    """Something that holds for every row.

    Attributes
    ----------
    message : str
        What is wrong where it does not.
    broken_in : callable
        Which rows of a block break it: shape (n,), bool.
    """

    message: str
    broken_in: Callable[[Block], NDArray[np.bool_]]


def promises_of(made: Made) -> list[Promise]:
    """All that a timeline promises of single rows."""
    return [*_statuses(), *_numbers(), *_emotions(made), *_places(made)]


def _has_face(block: Block) -> NDArray[np.bool_]:
    return ~block.null("box_x")


def _statuses() -> Iterator[Promise]:
    yield Promise("source is missing", lambda block: block.null("source"))
    yield Promise(
        f"status is none of {', '.join(STATUSES)}",
        lambda block: ~np.isin(block.words("status"), STATUSES),
    )
    yield Promise(
        "some columns of the face are null and others are not",
        _null_in_some(_FACE_COLUMNS),
    )
    yield Promise(
        "there is an identity without a face",
        lambda block: ~block.null("identity") & ~_has_face(block),
    )
    yield Promise(
        "status is ok, but there is no face",
        lambda block: (block.words("status") == "ok") & ~_has_face(block),
    )
    yield Promise(
        "there is a face, but status says that there cannot be one",
        lambda block: np.isin(block.words("status"), ("no_face", "undecodable")) & _has_face(block),
    )


def _null_in_some(names: Sequence[str]) -> Callable[[Block], NDArray[np.bool_]]:
    return lambda block: np.ptp([block.null(name).astype(int) for name in names], axis=0) > 0


def _numbers() -> Iterator[Promise]:
    yield Promise(
        "the box is not finite, or has no area",
        lambda block: (
            _has_face(block)
            & ~(
                np.isfinite(np.stack([block.floats(name) for name in _BOX])).all(axis=0)
                & (block.floats("box_w") > 0)
                & (block.floats("box_h") > 0)
            )
        ),
    )
    yield Promise(
        "landmarks are not finite",
        lambda block: ~block.null("landmarks") & ~np.isfinite(block.landmarks()).all(axis=1),
    )
    for name in _SHARES:
        yield Promise(f"{name} is outside 0-1", _outside(name))
    yield Promise(
        "some columns of the baseline are null and others are not",
        _null_in_some([f"baseline_{name}" for name in EMOTIONS]),
    )
    for prefix in ("raw_", "p_", "baseline_"):
        for emotion in EMOTIONS:
            yield Promise(f"{prefix}{emotion} is outside 0-1", _outside(f"{prefix}{emotion}"))
        yield Promise(f"the {prefix}… do not sum to 1", _sum_differs(prefix))


def _outside(name: str) -> Callable[[Block], NDArray[np.bool_]]:
    # A NaN is outside, too: it is not a null.
    return lambda block: (
        ~block.null(name) & ~((block.floats(name) >= 0) & (block.floats(name) <= 1))
    )


def _sum_differs(prefix: str) -> Callable[[Block], NDArray[np.bool_]]:
    return lambda block: (
        np.abs(block.probabilities(prefix).sum(axis=1, dtype=np.float64) - 1) > SUM_TOLERANCE
    )


def _emotions(made: Made) -> Iterator[Promise]:
    yield Promise(
        "emotion is not the one with the largest p_…",
        lambda block: _has_face(block) & (_probability_of_emotion(block) != _largest(block)),
    )
    yield Promise(
        "confidence is not the largest p_…",
        lambda block: _has_face(block) & (block.floats("confidence") != _largest(block)),
    )
    yield Promise(
        "uncertain is not: confidence below the model's threshold, "
        f"{made.calibration.threshold:g} at full quality",
        lambda block: _has_face(block) & _wrongly_certain_or_not(block, made),
    )


def _wrongly_certain_or_not(block: Block, made: Made) -> NDArray[np.bool_]:
    """Of a video, the smoothed quality is not known: the threshold may be that of any quality."""
    quality = block.floats("quality")
    worst, best = (quality, quality) if made.stills is not None else (0 * quality, 0 * quality + 1)
    highest, lowest = (made.calibration.thresholds(each) for each in (worst, best))
    confidence, uncertain = block.floats("confidence"), block.flags("uncertain")
    return np.asarray((uncertain & (confidence >= highest)) | (~uncertain & (confidence < lowest)))


def _largest(block: Block) -> NDArray[np.float32]:
    return np.asarray(block.probabilities("p_").max(axis=1), np.float32)


def _probability_of_emotion(block: Block) -> NDArray[np.float32]:
    words, probabilities = block.words("emotion"), block.probabilities("p_")
    chosen = np.full(len(block), np.nan, np.float32)
    for index, name in enumerate(EMOTIONS):
        rows = words == name
        chosen[rows] = probabilities[rows, index]
    return chosen


def _places(made: Made) -> Iterator[Promise]:
    return _video(made) if made.stills is None else _stills()


def _video(made: Made) -> Iterator[Promise]:
    yield Promise(
        f"frame is missing or outside the video's {made.frames}",
        lambda block: (
            block.null("frame") | (block.whole("frame") < 0) | (block.whole("frame") >= made.frames)
        ),
    )
    yield Promise(
        "pts or time_us is missing", lambda block: block.null("pts") | block.null("time_us")
    )
    yield Promise(
        "time_us is not what pts, time base, first pts and jumps of the clock say",
        lambda block: wrongly_timed(block, made),
    )
    yield Promise(
        "status is undecodable, though no decoder reported an error",
        lambda block: (block.words("status") == "undecodable") & (made.decode_errors == 0),
    )
    yield Promise(
        "track is missing, or there without a face",
        lambda block: block.null("track") == _has_face(block),
    )


def _stills() -> Iterator[Promise]:
    yield Promise(
        "frame of a still is not 0", lambda block: block.null("frame") | (block.whole("frame") != 0)
    )
    for name in ("pts", "time_us"):
        yield Promise(f"a still has a {name}", _has(name))
    # An earlier version did not number the faces of a still.
    yield Promise(
        "track is there without a face", lambda block: ~block.null("track") & ~_has_face(block)
    )


def _has(name: str) -> Callable[[Block], NDArray[np.bool_]]:
    return lambda block: ~block.null(name)
