"""One picture or video from Python: analysed, and if wanted written, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Final

import pyarrow.parquet as pq

from emotion_core.annotation import Annotation
from emotion_core.bundle import load_bundle
from emotion_core.errors import MediaError, UsageError
from emotion_core.files import reported_for
from emotion_core.identities.looks import Looks
from emotion_core.layout import (
    folder_name,
    source_name,
    still_copy,
    timeline_of,
    video_copy,
)
from emotion_core.media.kinds import is_still
from emotion_core.model_cards import keep_card
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.paths import absolute_path
from emotion_core.provenance import made_by, timeline_metadata
from emotion_core.stages import VideoStages, rest_of, run_in_order
from emotion_core.stills_task import DrawStillsTask, StillsTask
from emotion_core.tasks import Models, Written, identify
from emotion_core.timeline.identity import fill_people
from emotion_core.timeline.store import recorded_input
from emotion_core.video_request import VideoRequest

_ANALYSIS: Final = AnalysisOptions()
_RENDER: Final = RenderOptions()


class Annotator:
    """Annotates one file after the other, with models that are loaded once.

    Parameters
    ----------
    analysis : AnalysisOptions
        What is analysed, and how faces are found.
    render : RenderOptions
        How annotated copies look and are encoded.
    model : Path or str
        Folder of a model bundle; the shipped one by default.

    Raises
    ------
    BundleError
        The model, the detector or the identifier cannot be loaded.
    """

    def __init__(
        self,
        *,
        analysis: AnalysisOptions = _ANALYSIS,
        render: RenderOptions = _RENDER,
        model: Path | str = DEFAULT_BUNDLE,
    ) -> None:
        bundle = load_bundle(model)
        self._analysis = analysis
        self._render = render
        self._bundle = bundle
        self._tools = made_by(bundle, analysis)
        self._models = Models.load(bundle, analysis, render)

    def annotate(
        self,
        path: Path | str,
        output: Path | str | None = None,
        *,
        root: Path | str | None = None,
        video: bool = True,
    ) -> Annotation:
        """Analyse a picture or video, and write its results if an output folder is given.

        Parameters
        ----------
        path : Path or str
            A still if its name ends like one, else a video.
        output : Path or str, optional
            Folder for results, laid out as ``annotate`` does; what is there of the same file is
            replaced. A still gets a timeline of its own. Without it, nothing is left on disk.
        root : Path or str, optional
            The folder that results are named after, at or above the file's own, which is the
            default. Files of the same name below one root do not overwrite each other.
        video : bool
            Write an annotated copy, too; only with an output folder.

        Returns
        -------
        annotation : Annotation
            All rows, in memory: about 0.3 kB each.

        Raises
        ------
        MediaError
            The file cannot be read, or the options leave no frame of it.
        OutputError
            A result cannot be written.
        UsageError
            The file does not lie below `root`, or another one of the same name has results there.
        """
        file = absolute_path(path)
        try:
            return self._annotate(file, output, root, video)
        except MediaError as error:
            if error.path is not None:
                raise
            raise type(error)(file, error.message) from error

    def _annotate(
        self, file: Path, output: Path | str | None, root: Path | str | None, video: bool
    ) -> Annotation:
        source = _name(file, file.parent if root is None else absolute_path(root))
        results = None if output is None else absolute_path(output)
        with _working_folder(results) as parts:
            timeline = timeline_of(results or parts, source)
            _check_same_file(file, timeline)
            if is_still(file):
                copy = still_copy(results, source) if results and video else None
                written = self._annotate_still(file, source, timeline, copy)
            else:
                copy = video_copy(results, source) if results and video else None
                written = self._annotate_video(file, source, timeline, copy, parts)
            if results is not None:
                keep_card(results, self._bundle)
            rows = pq.read_table(timeline)
        return Annotation(source, rows, written.summary, timeline if results else None, copy)

    def _annotate_still(
        self, path: Path, source: str, timeline: Path, copy: Path | None
    ) -> Written:
        copies, later = None if copy is None else (copy,), self._analysis.identities is not None
        task = StillsTask((path,), (source,), copies, timeline, self._metadata(copy), later)
        (outcome,) = task.run(self._models)
        if outcome.error is not None:
            raise outcome.error
        assert outcome.summary is not None
        assert outcome.looks is not None
        if later:
            self._number(timeline, source, outcome.looks)
            if copies is not None:
                drawing = DrawStillsTask((path,), (source,), copies, timeline)
                (error,) = drawing.run(self._models)
                if error is not None:
                    raise error
        return Written(outcome.summary, outcome.looks)

    def _number(self, timeline: Path, source: str, looks: Looks) -> None:
        fill_people([timeline], {source: looks}, rest_of(self._analysis))

    def _annotate_video(
        self, path: Path, source: str, timeline: Path, copy: Path | None, parts: Path
    ) -> Written:
        request = VideoRequest(
            path=path,
            source=source,
            input=identify(path),
            timeline=timeline,
            annotated=copy,
            parts=parts,
            analysis=self._analysis,
            render=self._render,
            metadata=self._metadata(copy),
        )
        number = partial(self._number, timeline, source)
        return run_in_order(VideoStages(request), self._models, number)

    def _metadata(self, copy: Path | None) -> dict[str, Any]:
        render = None if copy is None else self._render
        return timeline_metadata(self._tools, self._analysis, render)


def annotate_media(
    path: Path | str,
    output: Path | str | None = None,
    *,
    root: Path | str | None = None,
    analysis: AnalysisOptions = _ANALYSIS,
    render: RenderOptions = _RENDER,
    model: Path | str = DEFAULT_BUNDLE,
    video: bool = True,
) -> Annotation:
    """Find the faces of one picture or video and classify their apparent emotions.

    For more than one file, `Annotator` loads the models only once.

    Parameters
    ----------
    path : Path or str
        A still if its name ends like one, else a video.
    output : Path or str, optional
        Folder for the timeline and the annotated copy, laid out as ``annotate`` does. Without it,
        nothing is left on disk.
    root : Path or str, optional
        As for `Annotator.annotate`.
    analysis : AnalysisOptions
    render : RenderOptions
    model : Path or str
        Folder of a model bundle; the shipped one by default.
    video : bool
        Write an annotated copy, too; only with an output folder.

    Returns
    -------
    annotation : Annotation

    Raises
    ------
    MediaError
        The file cannot be read, or the options leave no frame of it.
    BundleError
        The model, the detector or the identifier cannot be loaded.
    OutputError
        A result cannot be written.
    """
    annotator = Annotator(analysis=analysis, render=render, model=model)
    return annotator.annotate(path, output, root=root, video=video)


def _name(file: Path, root: Path) -> str:
    if file.is_dir():
        raise MediaError(file, "is a folder: pass one picture or video")
    if not file.is_relative_to(root):
        raise UsageError(file, f"does not lie below {root}: pass a root at or above its folder")
    return source_name(file, root, folder_name(root))


def _check_same_file(file: Path, timeline: Path) -> None:
    recorded = recorded_input(timeline) if timeline.exists() else None
    if recorded is None:
        return
    other, _ = recorded
    if other.exists() and file.exists() and not other.samefile(file):
        message = f"{other} has results of the same name there: pass a root above both files"
        raise UsageError(file, f"{message}, or another output")


@contextmanager
def _working_folder(output: Path | None) -> Iterator[Path]:
    """A folder for intermediate results, gone afterwards; on the output's disk where there is one.

    It may hold gigabytes, for which the system's temporary folder may be too small.
    """
    if output is not None:
        with reported_for(output):
            output.mkdir(parents=True, exist_ok=True)
    with reported_for(output or Path(gettempdir())):
        folder = TemporaryDirectory(dir=output, prefix=".work-", ignore_cleanup_errors=True)
    with folder as name:
        yield Path(name)
