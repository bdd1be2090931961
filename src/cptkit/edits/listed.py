"""Unit limits, add-on edits, fee-schedule indicators, telehealth services: text with tabs, a table a quarter or year.

A line becomes a row when its code is asked for. The first column is the code, and lines are sorted, so
the same rows give the same bytes.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Generic, TypeVar

from cptkit.edits.manifest import Part
from cptkit.edits.pairs import code_number
from cptkit.edits.records import AddOnEdit, Mue, PfsRow, Setting, TelehealthService
from cptkit.errors import BrokenEdits

__all__ = [
    "ADDON_COLUMNS",
    "MUE_COLUMNS",
    "PFS_COLUMNS",
    "TELEHEALTH_COLUMNS",
    "Listed",
    "addon_bytes",
    "addon_table",
    "mue_bytes",
    "mue_table",
    "pfs_bytes",
    "pfs_table",
    "table_of",
    "telehealth_bytes",
    "telehealth_table",
]

R = TypeVar("R")
T = TypeVar("T")

MUE_COLUMNS = ("code", "value", "mai", "rationale")
ADDON_COLUMNS = (
    "addon",
    "primary",
    "edit_type",
    "first_day",
    "last_day",
    "addon_last_day",
    "primary_last_day",
    "note",
)
PFS_COLUMNS = (
    "code",
    "modifier",
    "status",
    "global_days",
    "pctc",
    "mult",
    "bilat",
    "asst",
    "cosurg",
    "team",
    "preoperative",
    "intraoperative",
    "postoperative",
    "endo_base",
    "supervision",
    "imaging_family",
    "not_used",
)
TELEHEALTH_COLUMNS = ("code", "remark")
_BLANKS = re.compile(r"\s+")
_WHOLE = re.compile(r"[0-9]{1,9}")
_MOST_NUMBERS = 4096  # of different texts that are read once


# ---- writing -----------------------------------------------------------------------------------


def mue_bytes(rows: Iterable[Mue]) -> bytes:
    """The table of unit limits.

    :raises BrokenEdits: when a code has two limits.
    """
    lines = ((row.code, str(row.value), _text(row.mai), _text(row.rationale)) for row in rows)
    return _table(MUE_COLUMNS, lines, unique=1)


def addon_bytes(rows: Iterable[AddOnEdit]) -> bytes:
    """The table of add-on edits."""
    return _table(ADDON_COLUMNS, ([_text(getattr(row, name)) for name in ADDON_COLUMNS] for row in rows))


def pfs_bytes(rows: Iterable[PfsRow]) -> bytes:
    """The table of fee-schedule indicators.

    :raises BrokenEdits: when a code has two rows with one modifier.
    """
    return _table(
        PFS_COLUMNS, ([_text(getattr(row, name)) for name in PFS_COLUMNS] for row in rows), unique=2
    )


def telehealth_bytes(rows: Iterable[TelehealthService]) -> bytes:
    """The list of telehealth services.

    :raises BrokenEdits: when a code stands there with two remarks.
    """
    return _table(TELEHEALTH_COLUMNS, ((row.code, _text(row.remark)) for row in rows), unique=1)


def _text(value: object) -> str:
    return "" if value is None else _BLANKS.sub(" ", str(value)).strip()


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, unique: int = 0) -> bytes:
    lines = sorted({tuple(row) for row in rows})
    for one, other in pairwise(lines):
        if unique and one[:unique] == other[:unique]:
            raise BrokenEdits("two rows for one code", given=" ".join(one[:unique]))
    for line in lines:
        if code_number(line[0]) < 0:
            raise BrokenEdits("not a code that a table can hold", given=line[0])
    return "".join("\t".join(line) + "\n" for line in (tuple(columns), *lines)).encode()


# ---- reading -----------------------------------------------------------------------------------


class Listed(Generic[R]):
    """A table as it was written; the rows of a code are made when they are first asked for.

    :raises BrokenEdits: when it has other columns, or is no text.
    """

    def __init__(
        self, data: bytes, columns: Sequence[str], made: Callable[[Sequence[str]], R], where: str, part: Part
    ) -> None:
        self.rejected: frozenset[str] = frozenset(part.rejected)
        self._where = where
        self._width = len(columns)
        self._made = made
        self._rows: dict[str, tuple[R, ...]] = {}
        try:
            header, *lines = data.decode("utf-8").split("\n")
        except UnicodeDecodeError as error:
            raise BrokenEdits(f"the table is not UTF-8: {error}", where=where) from error
        if header.split("\t") != list(columns) or not lines or lines.pop():
            raise BrokenEdits("the table has other columns, or its end is missing", where=where)
        self._lines: dict[str, list[str]] = {}
        known = self._lines
        for line in lines:
            code = line[:5]
            if code in known:
                known[code].append(line)
            else:
                known[code] = [line]

    @property
    def codes(self) -> frozenset[str]:
        """The codes that have a row."""
        return frozenset(self._lines)

    def of(self, code: str) -> tuple[R, ...]:
        """The rows of a code, in their order; none where it has none.

        :raises BrokenEdits: when one of them is damaged.
        """
        rows = self._rows.get(code)
        if rows is None:
            lines = self._lines.get(code)
            if lines is None:
                return ()
            rows = self._rows[code] = tuple(map(self._row, lines))
        return rows

    def __iter__(self) -> Iterator[R]:
        for code in self._lines:
            yield from self.of(code)

    def read(self, made: "Callable[[Sequence[str]], T]") -> "Iterator[T]":
        """What another function than the table's own makes of the cells of each row."""
        for lines in self._lines.values():
            for line in lines:
                yield self._made_of(line, made)

    def _row(self, line: str) -> R:
        return self._made_of(line, self._made)

    def _made_of(self, line: str, made: "Callable[[Sequence[str]], T]") -> "T":
        cells = line.split("\t")
        if len(cells) != self._width or code_number(cells[0]) < 0:
            raise BrokenEdits("a row is damaged", given=line[:60], where=self._where)
        try:
            return made(cells)
        except ValueError as error:
            raise BrokenEdits(f"a row is damaged: {error}", given=line[:60], where=self._where) from error


def table_of(part: Part, data: bytes, where: str) -> "Listed[Any]":
    """The table of a part, out of the bytes of its file."""
    return _TABLES[part.table](part, data, where)


def mue_table(part: Part, data: bytes, where: str) -> Listed[Mue]:
    """A table of unit limits."""
    setting, quarter, file = Setting(part.setting or ""), part.quarter, part.source

    def made(cells: Sequence[str]) -> Mue:
        code, value, mai, rationale = cells
        return Mue(code, _whole(value), _whole(mai) if mai else None, rationale, setting, quarter, file)

    return Listed(data, MUE_COLUMNS, made, where, part)


def mue_limits(table: Listed[Mue]) -> dict[str, tuple[int, int | None]]:
    """The limit of each code, and its indicator where it has one."""
    return dict(table.read(_limit))


def _limit(cells: Sequence[str]) -> tuple[str, tuple[int, int | None]]:
    code, value, mai, _ = cells
    return code, (_whole(value), _whole(mai) if mai else None)


def addon_table(part: Part, data: bytes, where: str) -> Listed[AddOnEdit]:
    """A table of add-on edits."""
    quarter, file = part.quarter, part.source

    def made(cells: Sequence[str]) -> AddOnEdit:
        addon, primary, edit_type, first, last, addon_last, primary_last, note = cells
        return AddOnEdit(
            addon,
            primary or None,
            _whole(edit_type),
            _day(first),
            _day(last),
            _day(addon_last),
            _day(primary_last),
            note,
            quarter,
            file,
        )

    return Listed(data, ADDON_COLUMNS, made, where, part)


def pfs_table(part: Part, data: bytes, where: str) -> Listed[PfsRow]:
    """A release of the fee schedule's indicators."""
    release, first_day, qpp, file = part.release or "", part.starts, part.qpp, part.source

    def made(cells: Sequence[str]) -> PfsRow:
        values: tuple[Any, ...] = (*cells, release, first_day, qpp, file)
        return PfsRow(*values)

    return Listed(data, PFS_COLUMNS, made, where, part)


def telehealth_table(part: Part, data: bytes, where: str) -> Listed[TelehealthService]:
    """A list of telehealth services."""
    year, file = part.quarter.year, part.source

    def made(cells: Sequence[str]) -> TelehealthService:
        return TelehealthService(cells[0], cells[1], year, file)

    return Listed(data, TELEHEALTH_COLUMNS, made, where, part)


_TABLES: dict[str, Callable[[Part, bytes, str], Listed[Any]]] = {
    "mue": mue_table,
    "addons": addon_table,
    "pfs": pfs_table,
    "telehealth": telehealth_table,
}


@lru_cache(_MOST_NUMBERS)
def _whole(text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise ValueError(f"not a whole number: {text[:20]!r}")
    return int(text)


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
