"""The floor does what it says: every frame decoded, or encoded again as annotated copies are."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import av
import pytest

from benchmarks.clips import make_clip
from benchmarks.extent import Size
from benchmarks.floor import decode, recode
from benchmarks.processes import run_reporting, run_timed
from emotion_core import annotate_media
from emotion_core.render.settings import x264_options
from tests.clips import FRAMES, make_h264


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_h264(tmp_path / "clip.mp4")


@pytest.mark.parametrize("threads", [1, 2])
def test_every_frame_is_decoded(clip: Path, threads: int) -> None:
    assert decode(clip, threads) == FRAMES


@pytest.mark.parametrize("threads", [1, 2])
def test_every_frame_is_encoded_again_in_order(clip: Path, tmp_path: Path, threads: int) -> None:
    output = tmp_path / "recoded.mp4"
    assert recode(clip, output, threads, x264_options("superfast", 23)) == FRAMES
    with av.open(str(output)) as made:
        video = made.streams.video[0]
        packets = [packet for packet in made.demux(video) if packet.pts is not None]
    assert video.codec_context.name == "h264"
    assert len(packets) == FRAMES
    assert all(packet.pts == packet.dts for packet in packets), "B-frames"


def test_copies_and_floor_are_encoded_alike(clip: Path, tmp_path: Path) -> None:
    said = []
    floor = tmp_path / "recoded.mp4"
    options = [f"--x264={name}={value}" for name, value in x264_options("superfast", 23).items()]
    command = [sys.executable, "-m", "benchmarks.floor", clip, "--threads", "1", "--recode", floor]
    run_reporting([*command, *options], cores=1)
    annotate_media(clip, tmp_path / "out")
    copy = next((tmp_path / "out").rglob("annotated/**/*.mp4"))
    for made in (floor, copy):
        written = re.search(rb"x264 - core.*?options: ([^\0]*)", made.read_bytes(), re.DOTALL)
        said.append(set(written[1].split()))
    assert {b"mbtree=1", b"rc_lookahead=10", b"bframes=0", b"crf=23.0"} <= said[0] & said[1]
    names = {entry.split(b"=")[0] for entry in said[0] ^ said[1]}
    assert names <= {b"keyint", b"keyint_min", b"threads", b"lookahead_threads"}, names


def test_it_reports_both_clocks(clip: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.floor", clip, "--threads", "1"]
    report = run_reporting(command, cores=1)
    assert report["frames"] == FRAMES
    assert 0 < report["own_s"] < report["whole_s"]


def test_a_program_gets_the_cores_that_it_was_given() -> None:
    code = "import os; print(len(os.sched_getaffinity(0)), os.environ['OMP_NUM_THREADS'])"
    assert run_timed([sys.executable, "-c", code], cores=1)[1].split() == ["1", "1"]


def test_a_program_that_fails_ends_the_measurement() -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3: .*on purpose"):
        run_timed(
            [sys.executable, "-c", "import sys; print('on purpose', file=sys.stderr); exit(3)"]
        )


def test_a_larger_clip_is_the_sample_clip_enlarged_and_repeated(tmp_path: Path) -> None:
    size = Size("180p", 320, 180, loops=2, fer_loops=1, stage_loops=1)
    path = make_clip(size, size.loops, tmp_path)
    with av.open(str(path)) as made:
        video = made.streams.video[0]
        times = [float(frame.pts * frame.time_base) for frame in made.decode(video)]
    assert (video.width, video.height) == (320, 180)
    assert times == pytest.approx([number / 25 for number in range(450)])
    assert make_clip(size, size.loops, tmp_path) == path
