"""`fer` over one video with an annotated copy; runs in the environment made for it.

    PYTHON_OF_FER benchmarks/fer_process.py CLIP OUTPUT_FOLDER --threads 2

Its defaults hold (Haar cascade, the quantised network, every frame), but for the pictures and the
zip file that it would write beside the copy: leaving them out is in its favour.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from importlib.metadata import version
from pathlib import Path

import cv2

for name in ("imshow", "waitKey", "destroyAllWindows"):
    # It asks for keys and closes windows even where it shows none.
    setattr(cv2, name, lambda *_: -1)

from fer.classes import Video  # noqa: E402
from fer.fer import FER  # noqa: E402


def main() -> None:
    """Print frames and seconds of its analysis, without imports and loading of its models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--threads", type=int, required=True)
    given = parser.parse_args()
    clip, output = given.clip.absolute(), given.output.absolute()
    output.mkdir(parents=True, exist_ok=True)
    # Its table goes into the current folder.
    os.chdir(output)
    cv2.setNumThreads(given.threads)
    detector = FER()
    video = Video(str(clip), outdir=str(output))
    began = time.perf_counter()
    rows = video.analyze(detector, save_frames=False, zip_images=False)
    seconds = time.perf_counter() - began
    report = {
        "own_s": round(seconds, 3),
        "frames": video.frameCount,
        "frames_with_face": len(rows),
        "versions": {
            name: version(name) for name in ("fer", "opencv-contrib-python", "tensorflow")
        },
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
