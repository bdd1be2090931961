"""Worksheets of an .xlsx workbook as records, with python-calamine (the extra ``xlsx``).

A cell becomes the text it stands for, and nothing is guessed: a whole number loses its ``.0``,
another number is written with the 15 digits that Excel shows, a day is written as ``20260701``.
What a column may hold is judged by its reader, as for text.
"""

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import attrs

from cptkit.errors import NotInstalled, UnknownLayout, UnreadableFile
from cptkit.importers.archives import checked_entries
from cptkit.importers.lines import Record
from cptkit.importers.opening import Member
from cptkit.importers.sheetguard import MOST_CELLS, check_workbook

__all__ = ["MOST_WORKBOOK_BYTES", "Sheet", "sheets"]

MOST_WORKBOOK_BYTES = 64 * 1024**2
"""How large a workbook may be as a file: it is held in memory while it is read."""

_MOST_UNPACKED = 1024**3
_NOT_OURS = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)
_NOT_A_WORKBOOK = "the workbook is damaged, or is none"


@attrs.frozen(slots=True)
class Sheet:
    """A worksheet: its name, and its rows that are not blank, each with the number Excel shows."""

    name: str
    _book: Any
    _shown: str

    def __iter__(self) -> Iterator[Record]:
        for number, cells in enumerate(self._rows(), start=1):
            record = Record(number, tuple(map(_text, cells)))
            if not record.is_blank():
                yield record

    def _rows(self) -> Iterator[list[Any]]:
        """The rows from the first of the sheet on; the sheet is read now, and forgotten afterwards."""
        try:
            grid = self._book.get_sheet_by_name(self.name)
            start = grid.start
            if start is not None:
                before = [""] * start[1]  # columns come from the first that is filled
                for cells in grid.iter_rows():
                    yield before + cells
        except _NOT_OURS:
            raise
        except BaseException as error:
            raise _refusal(error, self._shown) from error


def sheets(member: Member) -> tuple[Sheet, ...]:
    """The worksheets of a workbook, in its order.

    :raises NotInstalled: when python-calamine is not there.
    :raises UnreadableFile: when it is no workbook, damaged, locked, or too large for memory.

    >>> from pathlib import Path
    >>> sheets(Member("table.xlsx", None, 10, Path("nowhere/table.xlsx")))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: the file cannot be read: No such file or directory; see table.xlsx
    """
    data, largest = _checked(member)
    try:
        calamine = import_module("python_calamine")
    except ImportError as error:
        raise NotInstalled(
            "a workbook needs python-calamine, which is not installed",
            given=member.shown,
            expected="the extra xlsx (pip install cptkit[xlsx]), or the text form of the file",
        ) from error
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [sheet.name for sheet in book.sheets_metadata if "WorkSheet" in str(sheet.typ)]
    except _NOT_OURS:
        raise
    except BaseException as error:
        raise _refusal(error, member.shown) from error
    if len(names) * largest > 2 * MOST_CELLS:  # a forged workbook may name one sheet many times
        raise UnreadableFile("the workbook has too many worksheets", given=len(names), where=member.shown)
    return tuple(Sheet(name, book, member.shown) for name in names)


def _checked(member: Member) -> tuple[bytes, int]:
    """The bytes of the workbook, once everything about its size is known, and the cells of its largest sheet."""
    expected = f"at most {MOST_WORKBOOK_BYTES:,} bytes; the text form of the file has no such limit"
    if member.size > MOST_WORKBOOK_BYTES:
        raise UnreadableFile(
            "the workbook is too large", given=f"{member.size:,} bytes", expected=expected, where=member.shown
        )
    with member.open() as stream:
        data = stream.read(MOST_WORKBOOK_BYTES)
    stream = io.BytesIO(data)
    entries = checked_entries(stream, member.shown, most_bytes=_MOST_UNPACKED)
    if not any(entry.filename.startswith("xl/") for entry in entries):
        raise UnknownLayout("this is a zip archive, but no workbook: unpack it first", where=member.shown)
    try:
        with zipfile.ZipFile(stream) as archive:
            largest = check_workbook(archive, entries, member.shown)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UnreadableFile(f"{_NOT_A_WORKBOOK} ({error})", where=member.shown) from error
    return data, largest


def _refusal(error: BaseException, shown: str) -> UnreadableFile:
    """The reader's failure in our words; a panic of its native part is a BaseException of its own."""
    return UnreadableFile(f"{_NOT_A_WORKBOOK} ({str(error)[:200]})", where=shown)


def _text(cell: object) -> str:
    """What a cell stands for, as text."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y%m%d") if cell.time() == dt.time() else cell.isoformat()
    if isinstance(cell, dt.date):
        return cell.strftime("%Y%m%d")
    return str(cell)
