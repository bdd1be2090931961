"""How much an .xlsx workbook would take in memory, counted before it is handed to the reader.

A worksheet is laid out as a rectangle from its first to its last filled cell, and a text that many
cells share is copied into each. So a workbook of a few kilobytes could ask for terabytes. Both are
counted here from the unpacked bytes as they pass, with the standard library alone.
"""

import re
import zipfile
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence

from cptkit.errors import UnreadableFile

__all__ = ["MOST_CELLS", "MOST_TEXT", "check_workbook"]

MOST_CELLS = 8_000_000
"""How many cells the rectangle of a sheet may have: a part of the pair edits has 4.6 million."""
MOST_TEXT = 256 * 1024**2
"""How many bytes the texts of a worksheet's cells may have together."""

_CHUNK = 1024**2
_MOST_TAIL = 4 * 1024**2
_PLAIN = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="[0-9]{1,5}")?(?: t="(s|n)")?><v>([0-9.eE+-]{1,30})</v></c>'
)
_TAG = re.compile(rb"<(?:[A-Za-z0-9]+:)?(c|v)(?=[\s/>])([^<>]*)>([0-9]{0,20})")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]{1,4})([0-9]{1,8})["']""")
_SHARED = re.compile(rb"""(?:^|\s)t\s*=\s*["']s["']""")
_ERROR = re.compile(rb"""(?:^|\s)t\s*=\s*["']e["']""")
_TEXT = re.compile(rb"<(/?)(?:[A-Za-z0-9]+:)?si(?=[\s/>])[^<>]*>")
_STRINGS = "sharedstrings.xml"
_NO_SHEETS = (_STRINGS, "styles.xml", ".rels", ".bin", ".png", ".jpeg", ".emf")


def check_workbook(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], shown: str) -> int:
    """Refuse a workbook whose sheets would not fit into memory: the reader of cells would end the process.

    The answer is how many cells the largest sheet has.

    :raises UnreadableFile: when a sheet's rectangle, or its texts, are beyond any published table.
    """
    lengths: array[int] = array("Q")
    for entry in entries:
        if entry.filename.lower().endswith(_STRINGS):
            lengths.extend(_text_lengths(_pieces(archive, entry, shown)))
    parts = [entry for entry in entries if not entry.filename.lower().endswith(_NO_SHEETS)]
    return max((_check_sheet(_pieces(archive, part, shown), lengths, shown) for part in parts), default=0)


def _check_sheet(pieces: Iterator[bytes], lengths: "array[int]", shown: str) -> int:
    """How many cells the rectangle of a sheet has."""
    extent = _Extent(lengths, shown)
    for piece in pieces:
        extent.take_plain(_PLAIN.findall(piece))
        extent.take_other(_PLAIN.sub(b"", piece))
        extent.check()
    return extent.cells()


class _Extent:
    """From which to which row and column a sheet has cells, and how much text."""

    def __init__(self, lengths: "array[int]", shown: str) -> None:
        self._lengths = lengths
        self._longest = max(lengths, default=0)
        self._shown = shown
        self._rows: set[int] = set()
        self._columns: set[int] = set()
        self._text = 0
        self._is_shared = False

    def take_plain(self, cells: Sequence[tuple[bytes, bytes, bytes, bytes]]) -> None:
        """Cells as Excel writes them: letters, digits, type, value."""
        if cells:
            columns, rows, _, _ = zip(*cells, strict=True)
            self._columns.update(map(_number, set(columns)))
            self._rows.update(map(int, set(rows)))
            for value, times in Counter(cell[3] for cell in cells if cell[2] == b"s").items():
                self._text += times * self._length(value)

    def take_other(self, marks: bytes) -> None:
        """Cells in any other way, with their values."""
        for tag in _TAG.finditer(marks):
            attributes = tag[2]
            if tag[1] == b"v":
                self._text += self._length(tag[3]) if self._is_shared else 0
                self._is_shared = False
            elif not attributes.endswith(b"/"):
                self._take_cell(attributes)

    def _take_cell(self, attributes: bytes) -> None:
        references = _REFERENCE.findall(attributes)
        if len(references) != 1:
            message = "a worksheet has cells that do not say where they stand"
            raise UnreadableFile(message, expected="a workbook as Excel saves it", where=self._shown)
        ((column, row),) = references
        if _ERROR.search(attributes):  # the reader of cells would make it an empty one
            given = (column + row).decode("ascii")
            raise UnreadableFile("a cell of a worksheet is in error", given=given, where=self._shown)
        self._rows.add(int(row))
        self._columns.add(_number(column))
        self._is_shared = _SHARED.search(attributes) is not None

    def _length(self, value: bytes) -> int:
        """How long a shared text is; the longest where the cell does not plainly say which."""
        index = int(value) if value.isdigit() else -1
        return self._lengths[index] if 0 <= index < len(self._lengths) else self._longest

    def cells(self) -> int:
        if not self._rows:
            return 0
        return (max(self._rows) - min(self._rows) + 1) * (max(self._columns) - min(self._columns) + 1)

    def check(self) -> None:
        """Refuse what is too large as soon as it is seen."""
        if self._rows:
            self._rows = {min(self._rows), max(self._rows)}
        if self.cells() > MOST_CELLS:
            tall = max(self._rows) - min(self._rows) + 1
            wide = max(self._columns) - min(self._columns) + 1
            raise UnreadableFile(
                "a worksheet is too large",
                given=f"{tall:,} rows by {wide:,} columns",
                expected=f"at most {MOST_CELLS:,} cells",
                where=self._shown,
            )
        if self._text > MOST_TEXT:
            raise UnreadableFile(
                "the texts of a worksheet are too large",
                given=f"{self._text:,} bytes",
                expected=f"at most {MOST_TEXT:,}",
                where=self._shown,
            )


def _number(column: bytes) -> int:
    """The number of a column by its letters: A is 1, AA is 27."""
    number = 0
    for letter in column.upper():
        number = number * 26 + letter - 64
    return number


def _text_lengths(pieces: Iterator[bytes]) -> Iterator[int]:
    """How long each shared text is, its marks included."""
    before = start = 0
    for piece in pieces:
        for tag in _TEXT.finditer(piece):
            if tag[1]:
                yield before + tag.start() - start
            elif tag[0].endswith(b"/>"):
                yield 0
            else:
                start = before + tag.end()
        before += len(piece)


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shown: str) -> Iterator[bytes]:
    """The bytes of a part of the workbook, in pieces that end before a mark begins."""
    left = b""
    with archive.open(entry) as stream:
        while read := stream.read(_CHUNK):
            piece = left + read
            at = piece.rfind(b"<")
            if at < len(piece) - _MOST_TAIL:
                raise UnreadableFile("the workbook is damaged: one of its texts has no end", where=shown)
            yield piece[: max(at, 0)]
            left = piece[max(at, 0) :]
    yield left
