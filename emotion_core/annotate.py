"""Pass 2: the finished timeline drawn onto the pictures that it describes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.faces.find import FaceFinder
from emotion_core.files import reported_for, written_aside
from emotion_core.hider import Hider, faces_to_hide
from emotion_core.media.index import DAMAGED, UNDECODABLE, VideoInfo
from emotion_core.media.planes import Planes
from emotion_core.media.still import Still, write_still
from emotion_core.media.video import Segment, read_frames
from emotion_core.options import RenderOptions
from emotion_core.overlay import Overlay, labels_by_frame
from emotion_core.render.arrange import Arrangement
from emotion_core.render.blur import blur_faces
from emotion_core.render.canvas import Canvas
from emotion_core.render.draw import draw_banner, draw_labels
from emotion_core.render.encode import encode_segment, input_picture
from emotion_core.render.settings import EncoderSettings

_BANNERS: Final = {DAMAGED: "damaged", UNDECODABLE: "undecodable"}


def render_segment(
    segment: Segment,
    sampled: NDArray[np.bool_],
    timeline: Path,
    options: RenderOptions,
    finder: FaceFinder | None,
    part: Path,
    lead: int = 0,
    arrangements: Mapping[Hashable, Arrangement] | None = None,
) -> None:
    """Draw and encode the frames of a segment.

    Parameters
    ----------
    segment : Segment
    sampled : ndarray [shape=(frames of the video,), bool]
        Frames that the timeline has rows for; those between show the last one before them.
    timeline : Path
    options : RenderOptions
    finder : FaceFinder or None
        Finds faces to hide; None hides none.
    part : Path
        Gets the encoded packets.
    lead : int
        So many frames at the start are only looked at for faces to hide.
    arrangements : mapping of int to Arrangement, optional
        How tracks are labelled. Default: as each picture alone would have it.

    Raises
    ------
    MediaError, OutputError
    """
    info = segment.info
    stop = segment.first + len(segment)
    overlay = Overlay(timeline, sampled, info.frame_rate, stop, hiding=finder is not None)
    hider = None
    if finder is not None:
        hider = Hider(finder, overlay, info.frame_rate, float(info.sample_aspect))
    settings = _settings(info, options)
    drawn = input_picture(_black(info), settings)
    with encode_segment(part, settings) as encoder:
        for position, frame in enumerate(read_frames(segment)):
            if position < lead:
                if hider is not None and frame.planes is not None:
                    hider.boxes(frame.number, frame.planes)
                continue
            if frame.planes is not None:
                drawn = input_picture(frame.planes, settings)
                canvas = Canvas.of_video(drawn.planes, info.colour[2])
                if hider is not None:
                    blur_faces(canvas, hider.boxes(frame.number, frame.planes))
                draw_labels(canvas, overlay.labels(frame.number), arrangements)
            # A frame that gives no picture repeats the last as it was drawn: what was hidden
            # stays hidden.
            shown = drawn
            banner = _BANNERS.get(int(segment.status[position]))
            if banner:
                shown = input_picture(drawn.planes, settings)
                draw_banner(Canvas.of_video(shown.planes, info.colour[2]), banner)
            encoder.write(shown, frame.pts)


def render_still(still: Still, rows: pa.Table, finder: FaceFinder | None, path: Path) -> None:
    """Draw a still's faces and write it in its own format; `finder` finds faces to hide.

    Raises
    ------
    OutputError
    """
    picture = still.rgb.copy()
    canvas = Canvas.of_rgb(picture)
    labels = labels_by_frame(rows).get(0, [])
    if finder is not None:
        found = faces_to_hide(finder, still, still=True)
        blur_faces(canvas, [*found, *(label.box for label in labels)])
    draw_labels(canvas, labels)
    if still.damaged:
        draw_banner(canvas, _BANNERS[DAMAGED])
    with written_aside(path) as partial, reported_for(path):
        write_still(partial, picture, still)


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
