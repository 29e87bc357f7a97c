"""What a live session is asked to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from emotion_core.errors import UsageError
from emotion_core.live.address import Address, parse_address
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import AnalysisOptions, RenderOptions, option, validate
from emotion_core.paths import absolute_path

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class LiveOptions:
    """How a live session is watched and kept."""

    record: bool = option(
        False, "With --webcam: record the annotated picture from the start; needs --output."
    )
    port: int = option(
        8765, "With --webcam: port of the page to watch; 0: any free one.", low=0, high=65535
    )
    host: str = option(
        LOOPBACK,
        "With --webcam: address of the page. Any but the loopback opens it to the network.",
    )
    headless: bool = option(
        False, "With --webcam: no page; ends with Ctrl+C, at --end, or with the file."
    )
    window: bool = option(
        False, "With --webcam: a window instead of the page, where OpenCV can open one."
    )

    def __post_init__(self) -> None:
        validate(self)
        if self.headless and self.window:
            raise UsageError(None, "--headless and --window exclude each other: pass one")


@dataclass(frozen=True)
class LiveConfig:
    """Everything that ``annotate --webcam`` needs to know.

    Attributes
    ----------
    addresses : tuple of Address
    output : Path or None
        Folder of the results; None keeps nothing.
    model : Path
        Folder of a model bundle.
    analysis : AnalysisOptions
        Of the range, only `end`.
    workers : int or None
        0: in this process; else an actor for each source.
    """

    addresses: tuple[Address, ...]
    output: Path | None = None
    model: Path = DEFAULT_BUNDLE
    analysis: AnalysisOptions = field(default_factory=AnalysisOptions)
    render: RenderOptions = field(default_factory=RenderOptions)
    live: LiveOptions = field(default_factory=LiveOptions)
    workers: int | None = None

    def __post_init__(self) -> None:
        analysis = self.analysis
        for name, given in (
            ("--sample-fps", analysis.sample_fps is not None),
            ("--stride", analysis.stride != 1),
            ("--start", analysis.start is not None),
            ("--baseline", analysis.baseline is not None),
            ("--identities", analysis.identities is not None),
        ):
            if given:
                raise UsageError(None, f"{name} is for files: leave it out with --webcam")
        if self.live.record and self.output is None:
            raise UsageError(None, "--record needs --output, a folder for the recording")

    @classmethod
    def of(cls, sources: tuple[str, ...], **rest: Any) -> LiveConfig:
        """From sources as written on the command line; paths become absolute.

        Raises
        ------
        UsageError
            A source does not exist, or two options exclude each other.
        """
        config = cls(tuple(map(parse_address, sources)), **rest)
        output = None if config.output is None else absolute_path(config.output)
        return replace(config, output=output, model=absolute_path(config.model))

    def settings(self) -> dict[str, Any]:
        """JSON values under the names of the command line; URLs without their passwords."""
        options = asdict(self.analysis) | asdict(self.render) | asdict(self.live)
        named = {name.replace("_", "-"): value for name, value in options.items()}
        return {
            "webcam": [str(address) for address in self.addresses],
            "model": str(self.model),
            **{name: value for name, value in named.items() if value is not None},
            **({} if self.output is None else {"output": str(self.output)}),
            **({} if self.workers is None else {"workers": self.workers}),
        }
