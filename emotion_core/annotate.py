"""Pass 2: the finished timeline drawn onto the pictures that it describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.files import reported_for, written_aside
from emotion_core.labels import EMOTIONS
from emotion_core.media.index import DAMAGED, UNDECODABLE, VideoInfo
from emotion_core.media.planes import Planes
from emotion_core.media.still import Still, write_still
from emotion_core.media.video import Segment, read_frames
from emotion_core.options import RenderOptions
from emotion_core.render.blur import blur_faces
from emotion_core.render.canvas import Canvas
from emotion_core.render.draw import Label, draw_banner, draw_labels
from emotion_core.render.encode import encode_segment
from emotion_core.render.settings import EncoderSettings
from emotion_core.timeline.store import read_rows

_BANNERS: Final = {DAMAGED: "damaged", UNDECODABLE: "undecodable"}


def render_segment(
    segment: Segment,
    sampled: NDArray[np.bool_],
    timeline: Path,
    options: RenderOptions,
    part: Path,
) -> None:
    """Draw and encode the frames of a segment.

    Parameters
    ----------
    segment : Segment
    sampled : ndarray [shape=(frames of the video,), bool]
        Frames that the timeline has rows for; those between show the last one before them.
    timeline : Path
    options : RenderOptions
    part : Path
        Gets the encoded packets.

    Raises
    ------
    MediaError, OutputError
    """
    stop = segment.first + len(segment)
    shown = _last_sampled(sampled[:stop])[segment.first :]
    labels = _labels_by_frame(read_rows(timeline, int(max(shown[0], 0)), stop))
    last: Planes | None = None
    with encode_segment(part, _settings(segment.info, options)) as encoder:
        for position, frame in enumerate(read_frames(segment)):
            # A frame that gives no picture repeats the one before it.
            planes = (frame.planes or last or _black(segment.info)).limited()
            last = frame.planes or last
            canvas = Canvas.of_video(planes, segment.info.colour[2])
            _draw(canvas, labels.get(int(shown[position]), []), options)
            banner = _BANNERS.get(int(segment.status[position]))
            if banner:
                draw_banner(canvas, banner)
            encoder.write(planes, frame.pts)


def render_still(still: Still, rows: pa.Table, options: RenderOptions, path: Path) -> None:
    """Draw a still's faces and write it in its own format.

    Raises
    ------
    OutputError
    """
    picture = still.rgb.copy()
    canvas = Canvas.of_rgb(picture)
    _draw(canvas, _labels_by_frame(rows).get(0, []), options)
    if still.damaged:
        draw_banner(canvas, _BANNERS[DAMAGED])
    with written_aside(path) as partial, reported_for(path):
        write_still(partial, picture, still.format)


def _draw(canvas: Canvas, labels: list[Label], options: RenderOptions) -> None:
    if options.blur_faces:
        blur_faces(canvas, [label.box for label in labels])
    draw_labels(canvas, labels)


def _last_sampled(sampled: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For each frame the last sampled one up to it, -1 before the first."""
    return np.asarray(np.maximum.accumulate(np.where(sampled, np.arange(len(sampled)), -1)))


def _labels_by_frame(rows: pa.Table) -> dict[int, list[Label]]:
    faces = rows.filter(rows["box_x"].is_valid())
    labels: dict[int, list[Label]] = {}
    for row in faces.to_pylist():
        labels.setdefault(row["frame"], []).append(_label(row))
    return labels


def _label(row: dict[str, Any]) -> Label:
    return Label(
        box=(row["box_x"], row["box_y"], row["box_w"], row["box_h"]),
        emotion=row["emotion"],
        text=f"{row['emotion']} {row['confidence']:.0%}",
        track=row["track"],
        uncertain=row["uncertain"],
        probabilities=tuple(row[f"p_{name}"] for name in EMOTIONS),
    )


def _settings(info: VideoInfo, options: RenderOptions) -> EncoderSettings:
    primaries, transfer, matrix = info.colour
    return EncoderSettings(
        width=info.width,
        height=info.height,
        time_base=info.time_base,
        frame_rate=info.frame_rate,
        sample_aspect=info.sample_aspect,
        preset=options.preset,
        crf=options.crf,
        primaries=primaries,
        transfer=transfer,
        matrix=matrix,
    )


def _black(info: VideoInfo) -> Planes:
    chroma = np.full(((info.height + 1) // 2, (info.width + 1) // 2), 128, np.uint8)
    return Planes(
        np.full((info.height, info.width), 16, np.uint8), chroma, chroma, full_range=False
    )
