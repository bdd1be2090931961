"""Delimited text as record batches, all cells as text, every line with the fields that the header names.

The separator (comma, semicolon, tab or bar) is the one that parts the header into most names. A quoted cell cannot
hold a line break. The first line that breaks the rules ends the reading: what follows a cut or shifted line cannot
be trusted.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
import numpy as np

from cptkit.cells import NULLS
from cptkit.errors import UnreadableClaims
from cptkit.frames.arrow import RecordBatch, Table, pa, pa_csv

__all__ = ["DELIMITERS", "Header", "header_of", "text_batches"]

DELIMITERS = (",", ";", "\t", "|")

_BLOCK = 1 << 24  # bytes read at a time
_PARSED = 1 << 22  # bytes that one thread parses
_MOST_HEADER = 1 << 20
_BLANK_LINE = re.compile(rb"(?m)^ +(?=\r?$)")  # what stands in one, so that it is skipped as an empty one is
_QUOTE, _NEWLINE = ord('"'), ord("\n")
_SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_OPEN_QUOTE = "opens a quote that it does not close: a cell of a table holds no line break"
_TO_DO = "CSV text in UTF-8, Parquet or Arrow"


@attrs.frozen(slots=True)
class Header:
    """The names of the columns, what parts them, where the rows begin, on which line, and what ends a line."""

    names: tuple[str, ...]
    delimiter: str
    start: int
    line: int
    ending: bytes


def header_of(path: Path) -> Header:
    """The header of a file of delimited text: its first line that is not blank.

    :raises UnreadableClaims: the file is empty, binary, or not UTF-8.
    """
    with path.open("rb") as file:
        data = file.read(_MOST_HEADER)
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            raise UnreadableClaims(f"the file is {what}", expected=_TO_DO)
    if b"\0" in data:
        raise UnreadableClaims("the file is binary", expected=_TO_DO)
    ending = b"\n" if b"\n" in data or b"\r" not in data else b"\r"
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    line = 1
    while start < len(data):
        end = data.find(ending, start)
        end = len(data) if end < 0 else end
        try:
            text = data[start:end].decode().strip("\r\n")
        except UnicodeDecodeError:
            raise UnreadableClaims(f"line {line} is not UTF-8", expected=_TO_DO) from None
        start, line = end + 1, line + 1
        if text.strip():
            if text.count('"') % 2:
                raise UnreadableClaims(f"line {line - 1} {_OPEN_QUOTE}", expected=_TO_DO)
            try:
                headers = [(delimiter, _cells(text, delimiter)) for delimiter in DELIMITERS]
            except csv.Error as error:
                raise UnreadableClaims(f"line {line - 1} cannot be read ({error})", expected=_TO_DO) from None
            delimiter, names = max(headers, key=lambda header: len(header[1]))
            return Header(tuple(name.strip() for name in names), delimiter, start, line, ending)
    raise UnreadableClaims(
        "the file is empty", expected="Parquet, Arrow, or CSV with a line that names the columns"
    )


def text_batches(path: Path, needed: Sequence[str]) -> Iterator[RecordBatch]:
    """The rows of a file, block by block, with the columns that are needed.

    :raises UnreadableClaims: at the first line that is not as the header says, behind the rows before it.
    """
    header = header_of(path)
    line = header.line
    with path.open("rb") as file:
        file.seek(header.start)
        rest = b""
        while True:
            data = file.read(_BLOCK)
            block = rest + (data if header.ending == b"\n" else data.replace(b"\r", b"\n"))
            cut = len(block) if not data else block.rfind(b"\n") + 1
            block, rest = block[:cut], block[cut:]
            if b"\n " in block or block.startswith(b" "):
                block = _BLANK_LINE.sub(b"", block)
            if block:
                yield from _block(block, line, header, needed, is_last=not data)
                line += block.count(b"\n")
            if not data:
                return


def _block(
    block: bytes, line: int, header: Header, needed: Sequence[str], *, is_last: bool
) -> Iterator[RecordBatch]:
    problem = None
    lines = _unclosed(block)
    if lines is not None:
        start, before = lines
        problem = _told(line + before, _OPEN_QUOTE, block[start:], is_last=is_last)
        block = block[:start]
    try:
        table = _parsed(block, header, needed)
    except pa.ArrowInvalid as error:
        start, before, what = _first_wrong(block, header, needed)
        if start < 0:
            raise UnreadableClaims(f"lines from {line} on cannot be read ({str(error)[:80]})") from error
        problem = _told(line + before, what, block[start:] if problem is None else b"\n\n", is_last=is_last)
        table = _parsed(block[:start], header, needed)
    yield from table.to_batches()
    if problem is not None:
        raise problem


def _told(line: int, what: str, rest: bytes, *, is_last: bool) -> UnreadableClaims:
    ends = is_last and b"\n" not in rest.rstrip(b"\r\n")
    return UnreadableClaims(f"line {line} {what}{': the file ends in the middle of a row' if ends else ''}")


def _parsed(block: bytes, header: Header, needed: Sequence[str]) -> Table:
    numbered = [str(place) for place in range(len(header.names))]
    kinds = {numbered[header.names.index(name)]: pa.string() for name in needed}
    if not block.strip():
        return pa.table({name: pa.array([], pa.string()) for name in needed})
    table = pa_csv.read_csv(
        pa.BufferReader(block),
        read_options=pa_csv.ReadOptions(column_names=numbered, block_size=_PARSED),
        parse_options=pa_csv.ParseOptions(delimiter=header.delimiter),
        convert_options=pa_csv.ConvertOptions(
            column_types=kinds,
            include_columns=list(kinds),
            null_values=list(NULLS),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return table.rename_columns(list(needed))


def _unclosed(block: bytes) -> tuple[int, int] | None:
    """Where the first line with an odd number of quotes begins, and how many lines are before it."""
    if b'"' not in block:
        return None
    data = np.frombuffer(block, dtype=np.uint8)
    ends = np.append(np.flatnonzero(data == _NEWLINE), len(data))
    quotes = np.searchsorted(np.flatnonzero(data == _QUOTE), ends)
    odd = np.flatnonzero(np.diff(quotes, prepend=0) % 2)
    if not len(odd):
        return None
    first = int(odd[0])
    return int(ends[first - 1]) + 1 if first else 0, first


def _first_wrong(block: bytes, header: Header, needed: Sequence[str]) -> tuple[int, int, str]:
    """Where the first line begins that is not as the header says, how many are before it, and what is wrong.

    What stands in columns that are not needed may be in any encoding.
    """
    start, places = 0, [header.names.index(name) for name in needed]
    for before, data in enumerate(block.split(b"\n")):
        try:
            text = data.decode(errors="surrogateescape").rstrip("\r")
            cells = _cells(text, header.delimiter) if text else header.names
        except csv.Error as error:
            return start, before, f"cannot be read ({error})"
        if (many := len(cells)) != len(header.names):
            fields = "field" if many == 1 else "fields"
            return start, before, f"has {many} {fields}, the header has {len(header.names)}"
        if not all(cells[place].isascii() or _is_text(cells[place]) for place in places):
            return start, before, "is not UTF-8"
        start += len(data) + 1
    return -1, 0, ""


def _is_text(cell: str) -> bool:
    """Whether all its bytes were UTF-8."""
    return not any("\udc80" <= sign <= "\udcff" for sign in cell)


def _cells(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text], delimiter=delimiter), [])
