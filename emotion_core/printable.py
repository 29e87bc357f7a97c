"""Names and other foreign text, in a form that a terminal, a log or a page may show."""

from __future__ import annotations

import re
from typing import Final

_CREDENTIALS: Final = re.compile(
    r"(?i)\b([a-z][a-z0-9+.-]*://|(?:rtsps?|rtmps?|https?|udp|tcp|srt|ftp):/?)[^\n]*@"
)


def printable(text: str) -> str:
    r"""On one line, with what cannot be printed written as Python does.

    So a name can neither drive a terminal, nor begin a line of its own, nor turn the direction of
    what follows it. Of a URL, what stands before ``@`` is left out: it may hold a password.

    >>> printable("a\x1b[31m\nb")
    'a\\x1b[31m\\nb'
    >>> printable("rtsp://me:secret@host/x: no answer")
    'rtsp://…@host/x: no answer'
    """
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return without_credentials(shown)


def printable_lines(text: str) -> str:
    """As `printable`, but with the line breaks of the text."""
    return "\n".join(map(printable, text.split("\n")))


def without_credentials(text: str) -> str:
    """The text without what stands before ``@`` in a URL, however wrongly that is written."""
    return _CREDENTIALS.sub(r"\1…@", text)


def shortened(text: str, length: int) -> str:
    """A name on at most so many characters: its middle goes, as its end says what it is.

    >>> shortened("participants/day 1/woman.mp4", 16)
    'parti…/woman.mp4'
    """
    if len(text) <= length:
        return text
    last = max(1, min(length - 2, (2 * length) // 3)) if length > 2 else 0
    first = max(0, length - 1 - last)
    return f"{text[:first]}…{text[len(text) - last :] if last else ''}"
