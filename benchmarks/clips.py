"""The clips that are measured: the sample clip, enlarged and repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import av

from benchmarks.extent import Size
from tests.clips import loop_clip

SAMPLE_MEDIA: Final = Path(__file__).resolve().parent.parent / "sample_media"
CLIP: Final = SAMPLE_MEDIA / "clips" / "coming_and_going.mp4"
CLIP_SECONDS: Final = 9
CLIP_FRAMES: Final = 225
CLIP_HEIGHT: Final = 360
GROUP_FRAMES: Final = 50
"""Between key frames, as in the sample clip."""


def make_clip(size: Size, loops: int, folder: Path) -> Path:
    """The sample clip in another size, `loops` times end to end, without sound."""
    path = folder / f"{size.name}_{loops}.mp4"
    if path.exists():
        return path
    one = CLIP if size.height == CLIP_HEIGHT else _enlarge(size, folder / f"{size.name}.mp4")
    return loop_clip(one, path, loops)


def _enlarge(size: Size, path: Path) -> Path:
    """The sample clip resized and encoded again, so that its faces grow with it."""
    if path.exists():
        return path
    with av.open(str(CLIP)) as source, av.open(str(path), "w") as target:
        video = source.streams.video[0]
        stream = target.add_stream("libx264", rate=video.average_rate)
        stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "18", "g": str(GROUP_FRAMES)}
        for frame in source.decode(video):
            larger = frame.reformat(size.width, size.height, interpolation="BICUBIC")
            larger.pict_type = 0
            target.mux(stream.encode(larger))
        target.mux(stream.encode(None))
    return path
