"""Lines and delimited records of a stream, one at a time, with their numbers.

Nothing is held but the line at hand (and those of a quoted cell that spans lines), and no line may
be longer than a table's line can be. Quotes follow RFC 4180; a quote that is never closed costs its
own line, not the rows behind it.
"""

import csv
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

import attrs

from cptkit.errors import UnknownLayout
from cptkit.importers.rows import Rejected

__all__ = ["COMMA", "TAB", "Record", "Records", "decoded", "numbered_lines"]

COMMA = ","
TAB = "\t"
_MOST_LINE = 256 * 1024
_MOST_JOINED = 60
_MOST_CELL = 64 * 1024
_TEXT_START = 60
_DOS_END = b"\x1a"


@attrs.frozen(slots=True)
class Record:
    """The cells of a row, without blanks around them, and the line it starts on."""

    line_number: int
    cells: tuple[str, ...]

    def is_blank(self) -> bool:
        """Whether every cell is empty."""
        return not any(self.cells)


def numbered_lines(stream: BinaryIO, shown: str) -> Iterator[tuple[int, bytes]]:
    """The lines of a stream without their ends (LF or CRLF), numbered from 1; no byte order mark.

    :raises UnknownLayout: when a line is so long that this is no table.
    """
    number = 0
    while line := stream.readline(_MOST_LINE + 1):
        number += 1
        if len(line) > _MOST_LINE:
            message = f"line {number} is longer than {_MOST_LINE:,} bytes: this is no table of lines"
            raise UnknownLayout(message, where=shown)
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        line = line.rstrip(b"\r\n")
        if line == _DOS_END:
            continue
        yield number, line


def decoded(line: bytes) -> str:
    """UTF-8 where it is that, else Windows-1252, whose five empty places are read as Latin-1."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


class Records:
    """The records of delimited text, to be iterated once.

    ``width`` is set by a reader that has met the header: a quoted cell may then span lines only if
    the record gets that many cells. Blank records are left out.
    """

    def __init__(self, stream: BinaryIO, shown: str, delimiter: str = COMMA) -> None:
        self.width: int | None = None
        self._lines = numbered_lines(stream, shown)
        self._ahead: deque[tuple[int, str]] = deque()
        self._delimiter = delimiter

    def __iter__(self) -> Iterator[Record | Rejected]:
        while (taken := self._take()) is not None:
            number, text = taken
            cells = self._cells(text)
            if cells is None:
                cells = self._over_lines(text) or self._unquoted(text)
            if cells is None:
                yield Rejected(number, "", "quotes that do not match")
                continue
            record = Record(number, cells)
            if not record.is_blank():
                yield record

    def _take(self) -> tuple[int, str] | None:
        if self._ahead:
            return self._ahead.popleft()
        for number, line in self._lines:
            return number, decoded(line)
        return None

    def _over_lines(self, text: str) -> tuple[str, ...] | None:
        """The cells of a record whose quoted cell goes on; the lines go back when it does not end."""
        if text.count('"') % 2 == 0:
            return None
        used: list[tuple[int, str]] = []
        joined = text
        while len(used) < _MOST_JOINED and len(joined) < _MOST_CELL and (taken := self._take()) is not None:
            used.append(taken)
            joined += "\n" + taken[1]
            if taken[1].count('"') % 2 == 1:
                cells = self._cells(joined)
                if cells is not None and (self.width is None or len(cells) == self.width):
                    return cells
                break
        self._ahead.extendleft(reversed(used))
        return None

    def _unquoted(self, text: str) -> tuple[str, ...] | None:
        """The cells of a row of tabs in which quotes are plain characters, if it has the right number."""
        cells = tuple(cell.strip() for cell in text.split(TAB))
        return cells if self._delimiter == TAB and len(cells) == self.width else None

    def _cells(self, text: str) -> tuple[str, ...] | None:
        if '"' not in text:
            return tuple(cell.strip() for cell in text.split(self._delimiter))
        try:
            cells = next(csv.reader([text], delimiter=self._delimiter, strict=True), [])
        except csv.Error:
            return None
        return tuple(cell.strip() for cell in cells)
