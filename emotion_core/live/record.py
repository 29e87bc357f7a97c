"""The annotated picture of a live source as a video that is complete up to a second or two."""

from __future__ import annotations

import queue
import threading
from fractions import Fraction
from pathlib import Path
from typing import Final

import av

from emotion_core.errors import OutputError
from emotion_core.media.planes import Planes
from emotion_core.render.encode import PIXEL_FORMAT, bordered, input_picture
from emotion_core.render.settings import EncoderSettings

TIME_BASE: Final = Fraction(1, 1_000_000)
NOMINAL_RATE: Final = Fraction(30)
KEY_FRAMES: Final = 30
"""Frames from one key frame to the next: a fragment of the file begins at each."""

WAITING_MAX: Final = 8
"""Pictures that may wait for the encoder; more are left out, so that memory stays bounded."""

_MOVFLAGS: Final = "frag_keyframe+empty_moov+default_base_moof"


class Recorder:
    """Encodes drawn pictures in a thread of its own.

    Fragments make the file playable however it ends.

    Parameters
    ----------
    path : Path
        An MP4 file; it grows in place.
    settings : EncoderSettings
        With `TIME_BASE`.

    Raises
    ------
    OutputError
        The file cannot be written.
    """

    def __init__(self, path: Path, settings: EncoderSettings) -> None:
        self.path = path
        self.left_out = 0
        self._settings = settings
        self._queue: queue.Queue[tuple[Planes, int] | None] = queue.Queue(WAITING_MAX)
        self._error: BaseException | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._container = av.open(str(path), "w", options={"movflags": _MOVFLAGS})
        except OSError as error:
            raise self._failed(error) from error
        self._stream = self._container.add_stream("libx264", rate=NOMINAL_RATE)
        self._stream.width, self._stream.height = settings.coded_width, settings.coded_height
        self._stream.pix_fmt = PIXEL_FORMAT
        self._stream.time_base = self._stream.codec_context.time_base = TIME_BASE
        self._stream.codec_context.sample_aspect_ratio = settings.sample_aspect
        self._stream.codec_context.colorspace = settings.coded_matrix
        self._stream.thread_count = 1
        self._stream.options = {
            "preset": settings.preset, "crf": str(settings.crf), "bf": "0", "g": str(KEY_FRAMES),
            "tune": "zerolatency",
        }  # fmt: skip
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def write(self, planes: Planes, time_us: int) -> None:
        """Encode a picture of limited range, which nobody changes afterwards.

        Raises
        ------
        OutputError
            Earlier ones could not be written.
        """
        self._check()
        try:
            self._queue.put_nowait((planes, time_us))
        except queue.Full:
            self.left_out += 1

    def close(self) -> None:
        """Finish the file.

        Raises
        ------
        OutputError
        """
        self._queue.put(None)
        self._thread.join()
        self._check()

    def _run(self) -> None:
        first_us: int | None = None
        try:
            while (item := self._queue.get()) is not None:
                planes, time_us = item
                first_us = time_us if first_us is None else first_us
                frame = bordered(input_picture(planes, self._settings))
                frame.pts, frame.time_base = time_us - first_us, TIME_BASE
                self._container.mux(self._stream.encode(frame))
            self._container.mux(self._stream.encode(None))
            self._container.close()
        except BaseException as error:
            self._error = error
            # Nobody must wait for a place in the queue.
            while self._queue.get() is not None:
                pass

    def _check(self) -> None:
        if isinstance(self._error, OSError):
            raise self._failed(self._error) from self._error
        if self._error is not None:
            raise self._error

    def _failed(self, error: OSError) -> OutputError:
        reason = error.strerror or str(error)
        return OutputError(
            self.path, f"cannot be written ({reason}): check free space and permission"
        )
