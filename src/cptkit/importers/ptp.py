"""Pair edits (PTP), practitioner and hospital: as .txt (tabs), comma-separated, or .xlsx.

A preamble of any length; a header whose first cells are ``Column 1`` and ``Column 2``, wrapped over
lines whose first cell is empty; then code, code, ``*`` or nothing for before 1996, effective day,
deletion day or ``*`` for none, indicator 0, 1 or 9, rationale. Line ends are CRLF or LF.

``read`` gives one row after the other; ``ptp_loading`` takes a whole quarter at once.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from typing import BinaryIO, NamedTuple

import attrs

from cptkit.errors import UnknownLayout, UnreadableFile
from cptkit.importers.cells import Unfit, blank_or_day, code, day, key, start_of
from cptkit.importers.grids import MOST_ABOVE, is_workbook
from cptkit.importers.lines import COMMA, Record, Records, decoded
from cptkit.importers.opening import Member
from cptkit.importers.rows import Rejected
from cptkit.importers.sheets import sheets

__all__ = ["WIDTH", "Block", "PtpRow", "cells_of", "is_header", "parts_of", "read", "row_of", "tables"]

_BLOCK = 1024**2
_RECORDS = 10_000
_MOST_LINE = 256 * 1024
_MOST_RATIONALE = 250
WIDTH = 7
_INDICATORS = {"0", "1", "9"}
_DOS_END = b"\x1a"


@attrs.frozen(slots=True)
class PtpRow:
    """A row of the pair edits. ``first_day`` None: the cell is empty; ``last_day`` None: no end (``*``)."""

    line_number: int
    column1: str
    column2: str
    prior_to_1996: bool
    first_day: dt.date | None
    last_day: dt.date | None
    indicator: int
    rationale: str


class Block(NamedTuple):
    """Lines with their numbers."""

    numbers: Sequence[int]
    lines: list[bytes]


def is_header(cells: Sequence[str]) -> bool:
    """Whether these are the first column names of a table of pair edits.

    >>> is_header(["Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier"])
    True
    >>> is_header(["Column1/Column2 Edits", ""])
    False
    """
    return len(cells) >= 6 and key(cells[0]) == "column1" and key(cells[1]) == "column2"


def read(member: Member) -> Iterator[PtpRow | Rejected]:
    """The rows of a table of pair edits, one after the other.

    :raises UnknownLayout: when it is none.
    :raises UnreadableFile: when it cannot be read.
    """
    for table in tables(member):
        for block in table:
            for number, line in zip(block.numbers, block.lines, strict=True):
                cells = cells_of(line)
                if any(cells):
                    try:
                        yield row_of(number, cells)
                    except Unfit as unfit:
                        yield Rejected(number, start_of(cells), str(unfit))


# ---- lines -------------------------------------------------------------------------------------


def row_of(number: int, cells: Sequence[str]) -> PtpRow:
    """The row that these cells are.

    :raises Unfit: when one of them is not what its column holds.
    """
    prior, first, last, indicator, rationale = parts_of(cells)
    column1, column2 = code(cells[0], "column 1"), code(cells[1], "column 2")
    if column1 == column2:
        raise Unfit(f"a code is paired with itself: {column1}")
    return PtpRow(number, column1, column2, prior, first, last, indicator, rationale)


def parts_of(cells: Sequence[str]) -> tuple[bool, dt.date | None, dt.date | None, int, str]:
    """What a row says besides its codes; the rationale may be missing, as in files of before it was published.

    :raises Unfit: when a cell is not what its column holds.
    """
    if len(cells) < WIDTH - 1 or any(cells[WIDTH:]):
        raise Unfit(f"the row has another number of cells than the header: {len(cells)}, not {WIDTH}")
    prior, first, last, indicator = cells[2:6]
    rationale = cells[6] if len(cells) >= WIDTH else ""
    if prior not in {"", "*"}:
        raise Unfit(f"the flag of before 1996 is neither * nor empty: {prior[:60]!r}")
    if indicator not in _INDICATORS:
        raise Unfit(f"the indicator is none of 0, 1, 9: {indicator[:60]!r}")
    if len(rationale) > _MOST_RATIONALE:
        raise Unfit(f"the rationale is longer than {_MOST_RATIONALE} characters: {rationale[:60]!r}")
    starts = blank_or_day(first, "the effective date")
    ends = None if last == "*" else day(last, "the deletion date")
    return prior == "*", starts, ends, int(indicator), rationale


def cells_of(line: bytes) -> list[str]:
    """The cells of a line, without blanks around them."""
    return [cell.strip() for cell in decoded(line).split("\t")]


# ---- tables ------------------------------------------------------------------------------------


def tables(member: Member) -> Iterator[Iterator[Block]]:
    """The tables of a member, each as the blocks of lines behind its header."""
    head = member.head()
    found = False
    if is_workbook(head):
        for sheet in sheets(member):
            below = _below_header(_joined(iter(sheet)))
            if below is not None:
                found = True
                yield below
    else:
        with closing(member.open()) as stream:
            is_comma = any(is_header(line.split(COMMA)) for line in decoded(head).splitlines())
            blocks = (
                _joined(iter(Records(stream, member.shown, COMMA)))
                if is_comma
                else _split(stream, member.shown)
            )
            below = _below_header(blocks)
            if below is not None:
                found = True
                yield below
    if not found:
        raise UnknownLayout("no header of pair edits was found", where=member.shown)


def _split(stream: BinaryIO, shown: str) -> Iterator[Block]:
    """The lines of a text."""
    number = 1
    rest = b""
    while data := stream.read(_BLOCK):
        if number == 1 and not rest:
            data = data.removeprefix(b"\xef\xbb\xbf")
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        if len(rest) > _MOST_LINE:
            message = (
                f"line {number + len(lines)} is longer than {_MOST_LINE:,} bytes: this is no table of lines"
            )
            raise UnreadableFile(message, where=shown)
        if lines:
            yield Block(range(number, number + len(lines)), lines)
            number += len(lines)
    if rest.rstrip(b"\r") not in {b"", _DOS_END}:
        yield Block([number], [rest])


def _joined(records: Iterator[Record | Rejected]) -> Iterator[Block]:
    """Records of other forms as the lines that the text form would have."""
    while batch := list(islice(records, _RECORDS)):
        numbers, lines = [], []
        for record in batch:
            cells = record.cells if isinstance(record, Record) else (record.text_start, record.reason)
            numbers.append(record.line_number)
            lines.append("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in cells).encode())
        yield Block(numbers, lines)


def _below_header(blocks: Iterator[Block]) -> Iterator[Block] | None:
    """The blocks of rows behind the header and the lines it is wrapped over; None without a header."""
    above = 0
    met = False
    for block in blocks:
        for place, line in enumerate(block.lines):
            cells = cells_of(line)
            if not met:
                above += 1
                if above > MOST_ABOVE:
                    return None
                met = is_header(cells)
            elif any(cells[:2]):
                return chain((Block(block.numbers[place:], block.lines[place:]),), blocks)
    return iter(()) if met else None
