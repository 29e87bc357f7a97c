"""What command lines show: every text of theirs goes to a terminal or a log through here.

Names of files and other foreign text are never markup, and never reach a terminal as they are.
"""

from __future__ import annotations

import logging
import sys
from typing import IO, TYPE_CHECKING, Any, Final

import click

from emotion_core.printable import printable, printable_lines, shortened

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.measure import Measurement

WIDTH: Final = 80
"""Columns of help, and of a terminal that says no width."""

WIDTH_OF_FILES: Final = 200
"""Columns of tables where the output is no terminal."""

_NAME_MIN: Final = 16
"""Letters that are left of a name where a table has no room for the whole."""


def say(text: object, *, err: bool = False) -> None:
    """Print a line on the standard output, or on the standard error."""
    # By the name: a bar of progress puts a stream of its own there, which keeps lines whole.
    print(printable(str(text)), file=sys.stderr if err else sys.stdout, flush=True)


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number and what it counts.

    >>> counted(1, "frame"), counted(1200, "frame"), counted(2, "copy", "copies")
    ('1 frame', '1,200 frames', '2 copies')
    """
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"


class Name:
    """A cell of a table that holds a name: on one line, its middle left out where it is long."""

    def __init__(self, text: object) -> None:
        self._text = printable("" if text is None else str(text))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        yield Text(shortened(self._text, options.max_width), no_wrap=True, overflow="ellipsis")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        from rich.cells import cell_len
        from rich.measure import Measurement

        wide = cell_len(self._text)
        return Measurement(min(wide, _NAME_MIN), min(wide, options.max_width))


def standard_output() -> Console:
    """A console on the standard output, in full width where that is a file."""
    console = make_console()
    return console if console.is_terminal else make_console(width=WIDTH_OF_FILES)


def make_console(*, stderr: bool = False, width: int | None = None) -> Console:
    """A console that takes strings for what they are: no markup, no emoji codes, no escapes."""
    from rich.console import Console

    class Plain(Console):
        def render_str(self, text: str, **options: Any) -> Any:
            return super().render_str(printable_lines(text), **options)

    return Plain(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)


def set_up_logging(level: str, form: str = "%(levelname)s %(name)s: %(message)s") -> None:
    """Log to the standard error, with all text printable."""
    handler = _ToStandardError()
    handler.setFormatter(_Printable(form))
    logging.basicConfig(level=level.upper(), handlers=[handler])


class _ToStandardError(logging.StreamHandler[IO[str]]):
    """Asks for the stream each time: a bar of progress replaces it while it is shown."""

    @property
    def stream(self) -> IO[str]:
        return sys.stderr

    @stream.setter
    def stream(self, value: IO[str]) -> None:
        pass


class _Printable(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Lines that follow stand apart: no name can begin what looks like a message.
        return printable_lines(super().format(record)).replace("\n", "\n  ")


class PrintableCommand(click.Command):
    """A command whose complaints about its arguments are printable."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.ClickException as error:
            raise _made_printable(error)  # noqa: B904


class PrintableGroup(click.Group):
    """A group of commands, whose complaints are printable, and whose list is not cut short."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.ClickException as error:
            raise _made_printable(error)  # noqa: B904

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            raise _made_printable(error)  # noqa: B904

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [
            (name, command.get_short_help_str(limit=10_000))
            for name, command in commands
            if command is not None and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _made_printable(error: click.ClickException) -> click.ClickException:
    # click declares the message final; it is what is shown.
    vars(error)["message"] = printable(error.message)
    return error


def escape_tracebacks() -> None:
    """Print what nobody expected, with its traceback, in printable lines."""

    def show(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        import traceback

        text = "".join(traceback.format_exception(kind, error, trace))
        print(printable_lines(text), file=sys.stderr, end="")

    sys.excepthook = show


def standard_bytes() -> Any:
    """The standard output for data: as it is in a pipe or file, printable on a terminal."""
    return TerminalBytes(sys.stdout.buffer) if sys.stdout.isatty() else sys.stdout.buffer


class TerminalBytes:
    """A binary stream on a terminal: lines of data are written, but do not drive it.

    Parameters
    ----------
    stream : binary file
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, data: Any) -> int:
        """Write UTF-8 text in printable lines."""
        text = bytes(data).decode("utf-8", "backslashreplace")
        self._stream.write("\n".join(map(printable, text.split("\n"))).encode())
        return len(data)

    def flush(self) -> None:
        """Hand on what was written."""
        self._stream.flush()
