"""What a file is by its name, and by its content where the name says nothing."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final

from emotion_core.media.sniff import Content, content_of

VIDEO_SUFFIXES: Final = frozenset(
    {
        ".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mpe", ".m2v",
        ".ts", ".mts", ".m2ts", ".vob", ".wmv", ".asf", ".flv", ".3gp", ".3g2", ".ogv", ".h264",
        ".264", ".h265", ".265", ".hevc", ".mxf", ".y4m", ".dv", ".m2t", ".m1v", ".mpv", ".divx",
        ".f4v", ".ivf", ".insv", ".lrv", ".nut", ".mjpeg", ".mjpg", ".3gpp", ".rm", ".rmvb", ".wtv",
    }
)  # fmt: skip
STILL_SUFFIXES: Final = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".gif",
        ".ppm", ".pgm", ".pbm", ".pnm", ".heic", ".heif", ".avif",
    }
)  # fmt: skip
"""HEIC and AVIF are listed so that they are reported with advice and not passed over."""

ARCHIVE_SUFFIXES: Final = frozenset(
    {".zip", ".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".iso", ".dmg"}
)
UNREAD_SUFFIXES: Final = frozenset(
    {
        ".jxl", ".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".orf", ".rw2", ".raf", ".pef",
        ".srw", ".raw", ".psd", ".exr", ".hdr", ".braw", ".r3d", ".crm", ".ari",
    }
)  # fmt: skip
"""Pictures and videos that are named and not read."""

OTHER_SUFFIXES: Final = frozenset(
    {
        ".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".toml",
        ".ini", ".cfg", ".log", ".parquet", ".feather", ".arrow", ".npy", ".npz", ".pkl", ".h5",
        ".mat", ".rds", ".rdata", ".sav", ".dta", ".sqlite", ".db", ".xls", ".xlsx", ".ods", ".doc",
        ".docx", ".odt", ".rtf", ".ppt", ".pptx", ".odp", ".pdf", ".html", ".htm", ".css", ".js",
        ".py", ".ipynb", ".r", ".rmd", ".m", ".c", ".h", ".cpp", ".java", ".sh", ".bat", ".exe",
        ".dll", ".so", ".srt", ".vtt", ".ass", ".ssa", ".sub", ".idx", ".sbv", ".eaf", ".pfsx",
        ".etf", ".boris", ".textgrid", ".gpx", ".kml", ".thm", ".ifo", ".bup", ".cpi", ".mpl",
        ".bdm", ".moi", ".wav", ".mp3", ".m4a", ".m4b", ".aac", ".flac", ".oga", ".opus", ".wma",
        ".aif", ".aiff", ".mka", ".amr", ".ac3", ".svg", ".eps", ".ico", ".xmp", ".aae", ".lnk",
        ".url", ".tmp", ".part", ".crdownload", ".bak", ".ds_store", ".md5", ".sha256", ".sig",
        ".torrent", ".nfo", ".cue", ".m3u", ".m3u8", ".pls", ".sdp", ".mpd", ".ffconcat",
    }
)  # fmt: skip
"""What is surely neither: passed over without a look into it."""

SYSTEM_FOLDERS: Final = frozenset(
    {
        "$recycle.bin", "recycler", "recycled", "system volume information", "lost+found", "@eadir",
        "@recycle", "#recycle", "@tmp", "#snapshot", "@recently-snapshot", "__macosx", "lost.dir",
    }
)  # fmt: skip
"""Where systems and network drives keep what was deleted and what is their own, in lower case."""


def is_video(path: Path) -> bool:
    """Whether the name is that of a video."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def is_still(path: Path) -> bool:
    """Whether the name is that of a still picture."""
    return path.suffix.lower() in STILL_SUFFIXES


def is_system_folder(path: Path) -> bool:
    """Whether a folder's name is one of those that systems keep for themselves."""
    return path.name.lower() in SYSTEM_FOLDERS


class Kind(Enum):
    """What becomes of a file in a folder."""

    VIDEO = "video"
    STILL = "still"
    ARCHIVE = "archives"
    UNREAD = "not_read"
    UNKNOWN = "unknown"
    OTHER = "other"


def kind_in_folder(path: Path) -> Kind:
    """What a regular file in a folder is: by its name, and by its first bytes where that is odd."""
    suffix = path.suffix.lower()
    for suffixes, kind in _BY_SUFFIX.items():
        if suffix in suffixes:
            return kind
    return _BY_CONTENT[content_of(path)]


_BY_SUFFIX: Final = {
    VIDEO_SUFFIXES: Kind.VIDEO,
    STILL_SUFFIXES: Kind.STILL,
    OTHER_SUFFIXES: Kind.OTHER,
    ARCHIVE_SUFFIXES: Kind.ARCHIVE,
    UNREAD_SUFFIXES: Kind.UNREAD,
}
_BY_CONTENT: Final = {
    Content.VIDEO: Kind.VIDEO,
    Content.STILL: Kind.STILL,
    Content.ARCHIVE: Kind.ARCHIVE,
    Content.UNREAD: Kind.UNREAD,
    Content.OTHER: Kind.UNKNOWN,
}
