"""What no annotation can beat: a clip decoded, or decoded and encoded again, and nothing else.

    python -m benchmarks.floor CLIP --threads 2 [--recode OUTPUT --x264 preset=superfast ...]

It knows nothing of the program that is measured, and imports PyAV alone.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import av


def decode(clip: Path, threads: int) -> int:
    """Decode every frame of a clip; gives their number."""
    with av.open(str(clip)) as source:
        return sum(1 for _ in source.decode(_first_video(source, threads)))


def recode(clip: Path, output: Path, threads: int, options: dict[str, str]) -> int:
    """Decode every frame and encode it again; gives their number."""
    frames = 0
    with av.open(str(clip)) as source, av.open(str(output), "w") as target:
        video = _first_video(source, threads)
        stream = target.add_stream("libx264", rate=video.average_rate)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        stream.options = options
        # PyAV would cut each picture into slices, which is slower.
        stream.thread_count, stream.thread_type = threads, "FRAME"
        for frame in source.decode(video):
            # A decoded frame's type would be forced upon the encoder.
            frame.pict_type = 0
            target.mux(stream.encode(frame))
            frames += 1
        target.mux(stream.encode(None))
    return frames


def _first_video(source: av.container.InputContainer, threads: int) -> av.VideoStream:
    video = source.streams.video[0]
    video.thread_count, video.thread_type = threads, "AUTO"
    return video


def main() -> None:
    """Print frames and seconds, from opening the clip to the end of the work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--recode", type=Path, metavar="OUTPUT")
    parser.add_argument("--x264", action="append", default=[], metavar="OPTION=VALUE")
    given = parser.parse_args()
    began = time.perf_counter()
    if given.recode is None:
        frames = decode(given.clip, given.threads)
    else:
        options = dict(pair.split("=") for pair in given.x264)
        frames = recode(given.clip, given.recode, given.threads, options)
    print(json.dumps({"own_s": round(time.perf_counter() - began, 3), "frames": frames}))


if __name__ == "__main__":
    main()
