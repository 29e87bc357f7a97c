"""ELAN annotation files (``.eaf``), format 3.0: a tier per face, an annotation per interval."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

from emotion_core.labels import EMOTIONS
from emotion_core.results.coded.video import CodedVideo, Interval, natural, times_ms

MIME_TYPES: Final = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".f4v": "video/mp4",
    ".insv": "video/mp4",
    ".lrv": "video/mp4",
    ".mov": "video/quicktime",
    ".qt": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".avi": "video/x-msvideo",
    ".divx": "video/x-msvideo",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".mpe": "video/mpeg",
    ".m2v": "video/mpeg",
    ".m1v": "video/mpeg",
    ".mpv": "video/mpeg",
    ".vob": "video/mpeg",
    ".mod": "video/mpeg",
    ".ts": "video/mp2t",
    ".m2t": "video/mp2t",
    ".mts": "video/mp2t",
    ".m2ts": "video/mp2t",
    ".tod": "video/mp2t",
    ".wmv": "video/x-ms-wmv",
    ".asf": "video/x-ms-asf",
    ".flv": "video/x-flv",
    ".ogv": "video/ogg",
    ".ogg": "video/ogg",
    ".3gp": "video/3gpp",
    ".3gpp": "video/3gpp",
    ".3g2": "video/3gpp2",
    ".rm": "application/vnd.rn-realmedia",
    ".rmvb": "application/vnd.rn-realmedia-vbr",
    ".mxf": "application/mxf",
    ".dv": "video/x-dv",
}
"""By the ending of the video, of our own: a system's table takes ``.ts`` for translations."""

UNKNOWN_TYPE: Final = "unknown"
"""What ELAN itself writes where it does not know."""

VOCABULARY: Final = "apparent emotions"
_TYPE: Final = "apparent emotion"
_LANGUAGE: Final = "und"
_SCHEMA: Final = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def elan_text(video: CodedVideo, path: Path) -> str:
    """The content of the file `path`, which links the video by its path and relative to `path`.

    Values are from a controlled vocabulary of the seven emotions. The date is that of the timeline.
    """
    root = Xml.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "emotion-annotate",
            "DATE": video.written.isoformat(),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            f"{{{_INSTANCE}}}noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    _add_header(root, video, path)
    _add_annotations(root, video)
    _add_vocabulary(root)
    Xml.register_namespace("xsi", _INSTANCE)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _add_header(root: Xml.Element, video: CodedVideo, path: Path) -> None:
    header = Xml.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    media = Path(os.path.abspath(video.media))
    beside = os.path.relpath(media, os.path.abspath(path.parent))
    # ELAN takes paths as they are: a space is not written as %20.
    Xml.SubElement(
        header,
        "MEDIA_DESCRIPTOR",
        MEDIA_URL=_legal(f"file://{media.as_posix()}"),
        MIME_TYPE=MIME_TYPES.get(media.suffix.lower(), UNKNOWN_TYPE),
        RELATIVE_MEDIA_URL=_legal(beside if beside.startswith("..") else f"./{beside}"),
    )
    last = Xml.SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId")
    last.text = str(len(video.intervals))


def _add_annotations(root: Xml.Element, video: CodedVideo) -> None:
    order = Xml.SubElement(root, "TIME_ORDER")
    tiers: dict[str, list[tuple[int, Interval]]] = {}
    slots: list[tuple[int, str]] = []
    for number, (interval, times) in enumerate(
        zip(video.intervals, times_ms(video.intervals), strict=True), 1
    ):
        slots += [(time, f"ts{2 * number + place}") for place, time in enumerate(times, -1)]
        tiers.setdefault(interval.subject, []).append((number, interval))
    for time, name in sorted(slots, key=lambda slot: slot[0]):
        Xml.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=name, TIME_VALUE=str(time))
    for subject, numbered in sorted(tiers.items(), key=lambda tier: natural(tier[0])):
        tier = Xml.SubElement(
            root, "TIER", TIER_ID=subject, PARTICIPANT=subject, LINGUISTIC_TYPE_REF=_TYPE
        )
        for number, interval in numbered:
            annotation = Xml.SubElement(
                Xml.SubElement(tier, "ANNOTATION"),
                "ALIGNABLE_ANNOTATION",
                ANNOTATION_ID=f"a{number}",
                CVE_REF=_entry(interval.emotion),
                TIME_SLOT_REF1=f"ts{2 * number - 1}",
                TIME_SLOT_REF2=f"ts{2 * number}",
            )
            Xml.SubElement(annotation, "ANNOTATION_VALUE").text = interval.emotion


def _add_vocabulary(root: Xml.Element) -> None:
    Xml.SubElement(
        root,
        "LINGUISTIC_TYPE",
        LINGUISTIC_TYPE_ID=_TYPE,
        TIME_ALIGNABLE="true",
        GRAPHIC_REFERENCES="false",
        CONTROLLED_VOCABULARY_REF=VOCABULARY,
    )
    Xml.SubElement(
        root,
        "LANGUAGE",
        LANG_ID=_LANGUAGE,
        LANG_DEF="http://cdb.iso.org/lg/CDB-00130975-001",
        LANG_LABEL="undetermined (und)",
    )
    vocabulary = Xml.SubElement(root, "CONTROLLED_VOCABULARY", CV_ID=VOCABULARY)
    described = Xml.SubElement(vocabulary, "DESCRIPTION", LANG_REF=_LANGUAGE)
    described.text = "Emotions that a face appears to show"
    for name in EMOTIONS:
        entry = Xml.SubElement(vocabulary, "CV_ENTRY_ML", CVE_ID=_entry(name))
        Xml.SubElement(entry, "CVE_VALUE", LANG_REF=_LANGUAGE, DESCRIPTION="").text = name


def _entry(emotion: str) -> str:
    return f"cveid_{emotion}"


def _legal(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
