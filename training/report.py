"""A report: headings, words, tables and pictures as one HTML file that needs no other."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from emotion_core.files import remove_earlier
from training.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #8884; text-align: right; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1rem 0; }
img { max-width: 100%; background: #fff; }
figcaption { font-size: .9rem; opacity: .8; }
"""


class Report:
    """Collects parts in order; `write` makes the file.

    Parameters
    ----------
    title : str
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._parts: list[str] = []
        self._pictures: dict[str, bytes] = {}

    def heading(self, text: str) -> None:
        """A heading."""
        self._parts.append(f"<h2>{html.escape(text)}</h2>")

    def text(self, text: str) -> None:
        """A paragraph."""
        self._parts.append(f"<p>{html.escape(text)}</p>")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """A table; values are shown as `str` makes them."""
        head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in row) + "</tr>"
            for row in rows
        )
        self._parts.append(f"<table><tr>{head}</tr>{body}</table>")

    def picture(self, name: str, figure: Figure, caption: str) -> None:
        """A figure of matplotlib; `name`, of letters, digits, - and _, is that of its PNG file."""
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=120, bbox_inches="tight")
        self._pictures[f"{name}.png"] = content.getvalue()
        data = base64.b64encode(content.getvalue()).decode()
        words = html.escape(caption)
        self._parts.append(
            f'<figure><img data-file="{name}.png" alt="{words}" '
            f'src="data:image/png;base64,{data}"><figcaption>{words}</figcaption></figure>'
        )

    def write(self, folder: Path) -> None:
        """Write ``report.html`` and the pictures, each whole; those of an earlier one go.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        page = folder / "report.html"
        earlier = _pictures_of(page)
        for name, content in self._pictures.items():
            write_whole(folder / name, content)
        title = html.escape(self._title)
        text = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<style>{STYLE}</style><h1>{title}</h1>{''.join(self._parts)}</html>\n"
        )
        write_whole(page, text.encode())
        for name in earlier - set(self._pictures):
            remove_earlier(folder / name)


def _pictures_of(page: Path) -> set[str]:
    """Names of the files beside a report that hold its pictures, if it is there."""
    try:
        return set(re.findall(r'<img data-file="([\w-]+\.png)"', page.read_text("utf-8")))
    except (OSError, ValueError):
        return set()
