from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from emotion_core.errors import MediaError, UnsupportedMedia
from emotion_core.media.still import Still, read_still, write_still
from tests import stills

PORTRAIT = Path(__file__).resolve().parents[3] / "sample_media" / "portraits" / "grace_hopper.jpg"


def gradient(width: int = 60, height: int = 40) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([x, y, np.full_like(x, 90)], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_exif_orientation_is_applied(tmp_path: Path, suffix: str, orientation: int) -> None:
    path = tmp_path / f"a.{suffix}"
    options = {"lossless": True} if suffix == "webp" else {}
    stills.write_oriented(path, gradient(), orientation, **options)
    assert (read_still(path).rgb == gradient()).all()


def face() -> np.ndarray:
    """A portrait with a white left edge."""
    with Image.open(PORTRAIT) as image:
        rgb = np.array(image.convert("RGB").resize((120, 150)))
    rgb[:, :16] = 255
    return rgb


@pytest.mark.parametrize(
    ("kinds", "difference"), [(stills.COLOURED, 3), (stills.PALETTES, 4), (stills.SEVERAL, 4)]
)
def test_kinds_of_pictures_look_the_same(
    tmp_path: Path, kinds: dict[str, stills.Builder], difference: float
) -> None:
    for name, write in kinds.items():
        write(tmp_path / name, face())
        still = read_still(tmp_path / name)
        assert np.abs(still.rgb.astype(int) - face()).mean() < difference, name
        assert still.rgb[:, :8].mean() > 253, name
        assert still.pictures == (3 if kinds is stills.SEVERAL else 1), name


def test_grey_kinds_have_the_brightness_of_the_picture(tmp_path: Path) -> None:
    luma = Still(face(), "PNG", damaged=False).luma().astype(int)
    for name, write in stills.GREY.items():
        write(tmp_path / name, face())
        assert np.abs(read_still(tmp_path / name).luma() - luma).mean() < 2, name


def test_values_of_unknown_white_are_refused(tmp_path: Path) -> None:
    stills.write_float(tmp_path / "float.tif", face())
    Image.fromarray(face()[..., 0].astype(np.int32)).save(tmp_path / "int.tif")
    for path in tmp_path.iterdir():
        with pytest.raises(UnsupportedMedia, match="which is white"):
            read_still(path)


def test_a_second_view_within_a_jpeg_is_not_a_second_picture(tmp_path: Path) -> None:
    path = tmp_path / "stereo.jpg"
    stills.write_several(path, face(), format="MPO")
    still = read_still(path)
    assert (still.format, still.pictures) == ("MPO", 1)
    write_still(path, still.rgb, still)
    assert read_still(path).format == "JPEG"


def test_an_animation_that_ends_early_gives_its_first_picture(tmp_path: Path) -> None:
    for name in ("a.gif", "a.png", "a.tif"):
        path = tmp_path / name
        stills.write_several(path, face())
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 3 // 4])
        assert np.abs(read_still(path).rgb.astype(int) - face()).mean() < 4, name


def test_broken_tags_cost_no_picture_and_no_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(face()).save(path, quality=95)
    tags = b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01"
    block = b"\xff\xe1" + (len(tags) + 2).to_bytes(2, "big") + tags
    path.write_bytes(b"\xff\xd8" + block + path.read_bytes()[2:])
    still = read_still(path)
    assert not still.damaged
    assert still.rgb.shape == face().shape


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
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", MediaError, "is a video"),
        (b"these are words", MediaError, "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", MediaError, "not a picture"),
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


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "gif", "bmp", "ppm", "avif"])
def test_copies_keep_the_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(gradient()).save(path)
    still = read_still(path)
    write_still(tmp_path / "copy", gradient(), still)
    again = read_still(tmp_path / "copy")
    assert again.format == still.format
    assert np.abs(again.rgb.astype(int) - gradient()).mean() < 8


def test_copies_keep_the_colour_profile(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for suffix in ("jpg", "png", "webp", "tif"):
        Image.fromarray(gradient()).save(tmp_path / f"a.{suffix}", icc_profile=profile)
        still = read_still(tmp_path / f"a.{suffix}")
        write_still(tmp_path / "copy", still.rgb, still)
        with Image.open(tmp_path / "copy") as copy:
            assert copy.info["icc_profile"] == profile
    # What says something of ink or grey would be wrong of a copy in R, G and B.
    ink = profile[:16] + b"CMYK" + profile[20:]
    Image.fromarray(gradient()).convert("CMYK").save(tmp_path / "ink.jpg", icc_profile=ink)
    assert read_still(tmp_path / "ink.jpg").colour_profile is None
