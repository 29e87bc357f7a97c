"""Files that can be read from start to end: regular, on this machine, and no list of others."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer

from emotion_core.errors import MediaError
from emotion_core.media.limits import STREAMS_MAX, VIDEO_PIXELS_MAX
from emotion_core.media.sniff import archive_of

_VIDEO_FORMATS: Final = (
    "mov", "matroska", "webm", "avi", "mpeg", "mpegts", "mpegvideo", "m4v", "asf", "flv",
    "live_flv", "kux", "ogg", "rm", "mxf", "mxg", "gxf", "nut", "nsv", "wtv", "dv", "dhav", "ivf",
    "yuv4mpegpipe", "h261", "h263", "h264", "hevc", "vvc", "evc", "av1", "obu", "vc1", "vc1test",
    "dirac", "cavsvideo", "avs2", "avs3", "dnxhd", "mjpeg", "mjpeg_2000", "mpjpeg", "smjpeg",
    "gif", "apng", "jpegxl_anim",
)  # fmt: skip
_PICTURE_FORMATS: Final = (
    "bmp_pipe", "jpeg_pipe", "jpegls_pipe", "j2k_pipe", "jpegxl_pipe", "png_pipe", "webp_pipe",
    "tiff_pipe", "gif_pipe", "pam_pipe", "pbm_pipe", "pgm_pipe", "ppm_pipe", "qoi_pipe",
)  # fmt: skip
_SOUND_FORMATS: Final = ("wav", "w64", "aiff", "caf", "mp3", "aac", "ac3", "eac3", "flac", "amr")
"""Read so that they can be said to hold no video."""

_OPEN_OPTIONS: Final = {
    # The protocols say where bytes may come from; the formats leave out those that name other
    # files or addresses (HLS, DASH, concat, SDP, image sequences, …), which are files as well.
    "protocol_whitelist": "file",
    "format_whitelist": ",".join((*_VIDEO_FORMATS, *_PICTURE_FORMATS, *_SOUND_FORMATS)),
    "max_streams": str(STREAMS_MAX + 1),
    # A second recording in a transport stream may number its streams anew.
    "merge_pmt_versions": "1",
    # For the pictures that are decoded to learn what the streams are.
    "max_pixels": str(VIDEO_PIXELS_MAX),
}

_STARTS_OF_LISTS: Final = (
    b"#EXTM3U", b"ffconcat", b"[playlist]", b"[reference]", b"<?xml", b"<MPD", b"<asx", b"<ASX",
    b"<smil", b"v=0", b"RTSPtext", b"rtsp://", b"http://", b"https://",
)  # fmt: skip

_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_KEEP_ONE: Final = "keep one of pictures and one of sound, e.g. ffmpeg -i IN -c copy OUT.mkv"


def check_regular(path: Path) -> None:
    """Refuse what is not a regular file, before anything waits for a pipe to be written.

    Raises
    ------
    MediaError
        It is missing, may not be looked at, or is a folder, pipe, socket or device.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        reason = error.strerror or str(error)
        raise MediaError(path, f"cannot be read ({reason}): check the path or link") from error
    if stat.S_ISREG(mode):
        return
    kinds = {stat.S_IFDIR: "folder", stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket"}
    kind = kinds.get(stat.S_IFMT(mode), "device")
    raise MediaError(path, f"is a {kind}, not a file: save its content in a file first")


def open_media(path: Path) -> InputContainer:
    """Open a video, picture or sound file without ever opening another, or an address.

    Raises
    ------
    MediaError
        It cannot be opened, holds too many streams, or is an archive or a list of other files.
    """
    check_regular(path)
    # First: FFmpeg may take what is packed in it without compression for the whole.
    archive = archive_of(_first_bytes(path))
    if archive is not None:
        raise MediaError(
            path, f"is an archive ({archive}): unpack it first, and pass the files that were in it"
        )
    try:
        # Titles and tags need not be UTF-8.
        container = av.open(str(path), options=_OPEN_OPTIONS, metadata_errors="replace")
    except PermissionError as error:
        raise MediaError(path, "permission denied: make it readable") from error
    except (av.error.FFmpegError, OSError) as error:
        raise MediaError(path, _why_not(path, error)) from error
    if len(container.streams) > STREAMS_MAX:
        container.close()
        raise MediaError(path, f"holds more than {STREAMS_MAX} streams: {_KEEP_ONE}")
    return container


def _why_not(path: Path, error: Exception) -> str:
    head = _first_bytes(path)
    if not head:
        return "is empty (0 bytes): copy it again"
    if head.lstrip(_BLANKS).startswith(_STARTS_OF_LISTS):
        return "is a list of other files or addresses, which are not followed: pass the media files"
    if isinstance(error, av.error.MemoryError):
        return f"asks for too much memory, or holds over {STREAMS_MAX} streams: {_KEEP_ONE}"
    # What FFmpeg says of a format that is not among those allowed.
    unknown = isinstance(error, av.error.ArgumentError)
    reason = "of no kind that is read" if unknown else explain(error)
    return f"is no video, or a damaged one ({reason}): see whether a player opens it"


def _first_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(512)
    except PermissionError as error:
        raise MediaError(path, "permission denied: make it readable") from error
    except OSError as error:
        raise MediaError(path, f"cannot be read ({explain(error)}): check it") from error


def explain(error: Exception) -> str:
    """What went wrong, without the path and the numbers that FFmpeg adds."""
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def ffmpeg_versions() -> dict[str, tuple[int, int, int]]:
    """Versions of FFmpeg's libraries, by name."""
    return dict(av.library_versions)
