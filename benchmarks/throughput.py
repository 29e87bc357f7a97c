"""Time of the whole job against its floor: the same clip only decoded and encoded again."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import av

from benchmarks.machine import describe
from tests.clips import loop_clip

CLIP = Path(__file__).resolve().parent.parent / "sample_media" / "clips" / "coming_and_going.mp4"
TIMES = 12
ROUNDS = 3
PRESET = "veryfast"
CRF = "23"


def recode(clip: Path, output: Path) -> float:
    """Seconds to decode and encode a clip on one thread, doing nothing else."""
    began = time.perf_counter()
    with av.open(str(clip)) as source, av.open(str(output), "w") as target:
        video = source.streams.video[0]
        video.thread_count = 1
        stream = target.add_stream("libx264", rate=video.average_rate)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        stream.options = {"preset": PRESET, "crf": CRF, "bf": "0"}
        stream.thread_count = 1
        for frame in source.decode(video):
            frame.pict_type = 0
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return time.perf_counter() - began


def annotate(clip: Path, output: Path, *options: str) -> float:
    """Seconds from the first task to the last of `annotate` in one process, as it reports them."""
    command = [
        str(Path(sys.executable).parent / "annotate"), "-i", str(clip), "-o", str(output),
        "--workers", "0", "--preset", PRESET, "--crf", CRF, "--progress", "none", *options,
    ]  # fmt: skip
    subprocess.run(command, check=True)
    return float(json.loads((output / "run.json").read_text())["seconds"])


def main() -> None:
    """Print the measurement."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = loop_clip(CLIP, folder / "clip.mp4", TIMES)
        rounds = [
            {
                "floor_s": recode(clip, folder / "recoded.mp4"),
                "annotated_s": annotate(clip, folder / "out"),
                "timeline_only_s": annotate(clip, folder / "out", "--no-video"),
            }
            for _ in range(ROUNDS)
        ]
        frames = json.loads((folder / "out" / "run.json").read_text())["counts"]["frames"]
    result = {
        "benchmark": "throughput, 640x360, one process",
        **describe(),
        "frames": frames,
        "annotated_over_floor": round(median(r["annotated_s"] / r["floor_s"] for r in rounds), 2),
        "timeline_only_over_floor": round(
            median(r["timeline_only_s"] / r["floor_s"] for r in rounds), 2
        ),
        "annotated_frames_per_second": round(median(frames / r["annotated_s"] for r in rounds), 1),
        "rounds": [{key: round(value, 3) for key, value in r.items()} for r in rounds],
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
