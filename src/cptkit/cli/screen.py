"""What commands print on: text for people, wrapped and perhaps coloured, or bytes for programs."""

import contextlib
import io
import os
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

__all__ = ["Page", "emit", "visible", "width_of"]

_NARROWEST, _WIDEST, _WITHOUT_TERMINAL = 40, 120, 80
_LONGEST_HANGING = 14  # a longer label would leave its text a narrow column


def visible(text: str) -> str:
    r"""One line of text, with every sign that does not print spelled out.

    What comes from a file must not move the cursor or colour a terminal.

    >>> print(visible("90834\x1b[2J\n"))
    90834\x1b[2J\n
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person may be reading the stream."""
    return stream is not None and stream.isatty()


def width_of(stream: TextIO | None) -> int:
    """The columns to write in: those of the terminal, within reason; 80 elsewhere, unless COLUMNS says."""
    if is_terminal(stream) or os.environ.get("COLUMNS", "").isdigit():
        columns = shutil.get_terminal_size((_WITHOUT_TERMINAL, 24)).columns
        return min(max(columns, _NARROWEST), _WIDEST)
    return _WITHOUT_TERMINAL


class Page:
    """Text for a person: lines, and wrapped paragraphs with a label in front.

    >>> page = Page(width=40)
    >>> page.line("Claim C-1", style="bold")
    >>> page.entry("report 90834 instead of 90837, if that is what was done", indent=2, label="cure:   ")
    >>> print(page.text(), end="")
    Claim C-1
      cure:   report 90834 instead of 90837,
              if that is what was done
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._lines: list[Text] = []

    def line(self, text: str = "", *, style: str = "") -> None:
        """One line, not wrapped."""
        self._lines.append(Text(visible(text), style=style))

    def entry(
        self,
        text: str,
        *,
        indent: int = 0,
        label: str = "",
        style: str = "",
        label_style: str = "dim",
        hang: int | None = None,
    ) -> None:
        """A paragraph, wrapped; the label stands in front of its first line.

        ``hang``: how much further than the first the other lines stand in; as long as a short label by default.
        """
        label = visible(label)
        hang = (len(label) if len(label) <= _LONGEST_HANGING else 2) if hang is None else hang
        hanging = " " * (indent + hang)
        wrapped = textwrap.wrap(
            label + visible(text),
            self.width,
            initial_indent=" " * indent,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for place, part in enumerate(wrapped):
            line = Text(part, style=style)
            if not place:
                line.stylize(label_style, indent, indent + len(label))
            self._lines.append(line)

    def text(self, *, colour: bool = False) -> str:
        """All of it as text, with or without the terminal's colour codes."""
        if not colour:
            return "".join(f"{line.plain.rstrip()}\n" for line in self._lines)
        file = io.StringIO()
        console = Console(
            file=file,
            width=self.width,
            force_terminal=True,
            color_system="auto",
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
        )
        for line in self._lines:
            line.rstrip()
            console.print(line, soft_wrap=True)
        return file.getvalue()

    def show(self) -> None:
        """Print it on standard output, coloured if that is a terminal that wants colours."""
        wanted = (
            is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        )
        emit(self.text(colour=wanted))


def emit(text: str, output: Path | None = None, *, encoding: str | None = None) -> None:
    """Write text to a file or to standard output, with the same bytes everywhere.

    A pipe that was closed at the other end is no error: the rest was not wanted.
    """
    if output is not None:
        output.write_bytes(text.encode("utf-8"))
        return
    stream = sys.stdout
    if stream is None:
        return
    try:
        stream.flush()
        buffer = getattr(stream, "buffer", None)
        if buffer is None:
            stream.write(text)
        else:
            buffer.write(text.encode(encoding or stream.encoding or "utf-8", errors="replace"))
        stream.flush()
    except BrokenPipeError:
        _abandon(stream)
    except OSError:
        _abandon(stream)
        raise


def _abandon(stream: TextIO) -> None:
    """Point the stream at nothing, or the interpreter complains when it flushes it at the end."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
