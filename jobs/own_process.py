"""What may be done in a process that runs nothing but `annotate`."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from importlib.abc import MetaPathFinder
from typing import Any, Final, NoReturn

_UNUSED: Final = ("pandas", "openvino.tools")


class _WithoutUnused(MetaPathFinder):
    """Finds them nowhere. An entry of None in `sys.modules` would do but for modules in Cython."""

    def find_spec(self, fullname: str, *_: Any) -> None:
        """Ask the next finder, for any other module."""
        if fullname in _UNUSED:
            raise ModuleNotFoundError(f"{fullname} is left out", name=fullname)


def do_without_unused() -> None:
    """Let nothing import pandas and OpenVINO's converter of models, which nothing needs here.

    pyarrow would import pandas with the first array that it makes, only to ask whether that is made
    from a series: 30 MB and a fifth of a second in each process. The converter comes with OpenVINO
    where it is found, and takes a twentieth of a second.
    """
    sys.meta_path.insert(0, _WithoutUnused())


def leave(code: int) -> NoReturn:
    """End the process, everything being closed, without taking the libraries apart.

    That would take Ray, OpenVINO and the others a quarter of a second.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(code)
