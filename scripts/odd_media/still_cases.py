"""Odd pictures."""

from __future__ import annotations

from functools import partial
from typing import Final

from scripts.odd_media.case import Case, Fails, Still
from scripts.odd_media.still_builders import (
    HEIGHT,
    WIDTH,
    cut,
    gif_bomb,
    noise,
    of_face,
    one_pixel,
    png_bomb,
    text_bomb,
)
from scripts.odd_media.video_builders import renamed, words, zeros
from tests import clips, stills

UPRIGHT: Final = Still((WIDTH, HEIGHT))
DAMAGED: Final = Still((WIDTH, HEIGHT), damaged=True)
KINDS: Final = stills.COLOURED | stills.PALETTES | stills.GREY
_JPEG: Final = stills.in_mode("RGB", quality=95)

STILLS: Final = (
    Case("cut.jpg", "JPEG that ends early", cut(_JPEG, 0.8), DAMAGED),
    Case("cut.png", "PNG that ends early", cut(stills.in_mode("RGB"), 0.8), DAMAGED),
    Case(
        "noise.jpg", "JPEG whose second half is noise", noise, Still((WIDTH, HEIGHT), faces=False)
    ),
    Case(
        "header.jpg",
        "the first bytes of a JPEG",
        words(b"\xff\xd8\xff\xe0 no more"),
        Fails("picture"),
    ),
    Case("empty.jpg", "no bytes", clips.make_empty_file, Fails("is empty")),
    Case("zeros.jpg", "nothing but zeros", zeros, Fails("not a picture")),
    Case("text.png", "text", words(b"These are words.\n" * 50), Fails("not a picture")),
    Case(
        "video_named.jpg",
        "MP4 called JPEG",
        renamed(partial(clips.make_h264, frames=2), ".mp4"),
        Fails("is a video"),
    ),
    Case(
        "script.jpg",
        "PostScript, which a program would have to run",
        words(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
        Fails("not a picture"),
    ),
    *(
        Case(
            f"exif_{number}.jpg",
            f"EXIF orientation {number}",
            of_face(partial(stills.write_oriented, orientation=number, quality=95)),
            UPRIGHT,
        )
        for number in range(1, 9)
    ),
    *(Case(name, name.replace("_", " "), of_face(write), UPRIGHT) for name, write in KINDS.items()),
    *(
        Case(
            name,
            "animation" if "animated" in name else "several pages: the first counts",
            of_face(write),
            UPRIGHT,
        )
        for name, write in stills.SEVERAL.items()
    ),
    Case("one_pixel.png", "1 × 1 pixels", one_pixel, Still((1, 1), faces=False)),
    Case("float.tif", "floating point", of_face(stills.write_float), Fails("which is white")),
    Case("photo.heic", "HEIC", words(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Fails("HEIC")),
    Case("bomb.png", "50 kB that unpack to 400 million pixels", png_bomb, Fails("pixels")),
    Case("bomb.gif", "a canvas of 65535 × 65535", gif_bomb, Fails("pixels")),
    Case(
        "comment.png",
        "a comment that unpacks to 200 MB",
        text_bomb,
        Still((1, 1), damaged=True, faces=False),
    ),
)
