from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotion_core.errors import MediaError, UnsupportedMedia
from emotion_core.media.still import read_still, write_still

ORIENTATION_TAG = 0x0112


def gradient(width: int = 60, height: int = 40) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([x, y, np.full_like(x, 90)], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    upright = gradient()
    inverse = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = Image.fromarray(upright)
    if orientation > 1:
        image = image.transpose(Image.Transpose(inverse[orientation]))
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    image.save(tmp_path / "a.png", exif=exif)
    assert (read_still(tmp_path / "a.png").rgb == upright).all()


@pytest.mark.parametrize("mode", ["L", "RGBA", "LA", "P", "CMYK", "1", "I;16"])
def test_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    grey = gradient()[..., 0]
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(grey).convert(mode)
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    image.save(path)
    still = read_still(path)
    assert still.rgb.shape == (40, 60, 3)
    assert abs(still.luma().mean() - grey.mean()) < 3


def test_animation_gives_its_first_picture(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert read_still(tmp_path / "a.gif").rgb[10, 10].tolist() == [255, 0, 0]


def test_truncated_jpeg_is_read_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)).save(path)
    whole = read_still(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    part = read_still(path)
    assert (whole.damaged, part.damaged) == (False, True)
    assert (part.rgb[:64] == whole.rgb[:64]).all()


@pytest.mark.parametrize(
    ("content", "error", "word"),
    [
        (b"", MediaError, "empty"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", UnsupportedMedia, "HEIC"),
        (b"these are words", MediaError, "not a picture"),
        (b"\xff\xd8\xff\xe0 no more", MediaError, "picture"),
    ],
)
def test_unreadable_files_say_why(
    tmp_path: Path, content: bytes, error: type[MediaError], word: str
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(error, match=word) as raised:
        read_still(path)
    assert raised.value.path == path


def test_too_many_pixels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path)
    with pytest.raises(MediaError, match="pixels"):
        read_still(path)


def test_format_is_kept(tmp_path: Path) -> None:
    for kind, suffix in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tif")):
        path = tmp_path / f"a.{suffix}"
        write_still(path, gradient(), kind)
        again = read_still(path)
        assert again.format == kind
        assert np.abs(again.rgb.astype(int) - gradient()).mean() < 6
