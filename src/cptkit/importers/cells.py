"""Cells of a published table, read strictly: a value that is not exactly what it should be is refused.

Each function takes the text of a cell and the name of its column, and raises ``Unfit`` with a reason
for ``Rejected``. Nothing is coerced: ``8.9`` is not 8, ``1e3`` is not 1,000, the 30th of February is no day.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from cptkit.codes import category_of

__all__ = [
    "Unfit",
    "blank_or_day",
    "blank_or_day_of_year",
    "code",
    "day",
    "day_of_year",
    "key",
    "number",
    "once",
    "one_of",
    "start_of",
    "whole",
]

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_WHOLE = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"-?(?:[0-9]{1,12}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})")
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DAY_OF_YEAR = re.compile(r"([0-9]{4})([0-9]{3})")
_START = 60


class Unfit(ValueError):
    """A cell that is not what its column holds; its text is the reason."""


def key(cell: str) -> str:
    r"""The letters and digits of a header cell, in lower case: how columns are told apart.

    >>> key("HCPCS/\nCPT Code"), key("AOC_DelDT (Julian)")
    ('hcpcscptcode', 'aocdeldtjulian')
    """
    return _NOT_WORD.sub("", cell.lower())


def start_of(cells: Iterable[str], most: int = 4) -> str:
    """How a rejected row begins, for a person to find it.

    >>> start_of(["W9901", "", "1", "own words", "more"])
    'W9901 |  | 1 | own words'
    """
    return " | ".join([cell for cell, _ in zip(cells, range(most), strict=False)])[:_START]


def code(cell: str, column: str = "the code") -> str:
    """A code of five characters in upper case.

    >>> code("90834")
    '90834'
    >>> code("834")
    Traceback (most recent call last):
    ...
    cptkit.importers.cells.Unfit: the code is not a code: '834'
    """
    if category_of(cell) is None:
        raise Unfit(_not(column, "a code", cell))
    return cell


def whole(cell: str, column: str) -> int:
    """A whole number of at most nine digits.

    >>> whole("0", "the value")
    0
    >>> whole("8.9", "the value")
    Traceback (most recent call last):
    ...
    cptkit.importers.cells.Unfit: the value is not a whole number: '8.9'
    """
    if _WHOLE.fullmatch(cell) is None:
        raise Unfit(_not(column, "a whole number", cell))
    return int(cell)


def number(cell: str, column: str) -> Decimal:
    """A number with a decimal point, as it is written.

    >>> number("33.4009", "CONV FACTOR")
    Decimal('33.4009')
    >>> number("1e3", "CONV FACTOR")
    Traceback (most recent call last):
    ...
    cptkit.importers.cells.Unfit: CONV FACTOR is not a number: '1e3'
    """
    if _NUMBER.fullmatch(cell) is None:
        raise Unfit(_not(column, "a number", cell))
    return Decimal(cell)


def day(cell: str, column: str) -> dt.date:
    """A day written as YYYYMMDD.

    >>> day("20260228", "ADD DT")
    datetime.date(2026, 2, 28)
    >>> day("20260230", "ADD DT")
    Traceback (most recent call last):
    ...
    cptkit.importers.cells.Unfit: ADD DT is not a day of the calendar: '20260230'
    """
    hit = _DAY.fullmatch(cell)
    if hit is None:
        raise Unfit(_not(column, "a day such as 20260701", cell))
    try:
        return dt.date(int(hit[1]), int(hit[2]), int(hit[3]))
    except ValueError as error:
        raise Unfit(_not(column, "a day of the calendar", cell)) from error


def blank_or_day(cell: str, column: str) -> dt.date | None:
    """A day written as YYYYMMDD, or None for an empty cell.

    >>> blank_or_day("", "TERM DT") is None
    True
    >>> blank_or_day("0", "TERM DT")
    Traceback (most recent call last):
    ...
    cptkit.importers.cells.Unfit: TERM DT is not a day such as 20260701: '0'
    """
    return day(cell, column) if cell else None


def day_of_year(cell: str, column: str) -> dt.date:
    """A day written as YYYYDDD, the year and the day within it.

    >>> day_of_year("2023181", "AOC_Edit_DelDT")
    datetime.date(2023, 6, 30)
    >>> day_of_year("2023366", "AOC_Edit_DelDT")
    Traceback (most recent call last):
    ...
    cptkit.importers.cells.Unfit: AOC_Edit_DelDT is not a day of the calendar: '2023366'
    """
    hit = _DAY_OF_YEAR.fullmatch(cell)
    if hit is None:
        raise Unfit(_not(column, "a day of a year such as 2026182", cell))
    year, count = int(hit[1]), int(hit[2])
    try:
        found = dt.date(year, 1, 1) + dt.timedelta(days=count - 1)
    except (ValueError, OverflowError) as error:
        raise Unfit(_not(column, "a day of the calendar", cell)) from error
    if found.year != year:
        raise Unfit(_not(column, "a day of the calendar", cell))
    return found


def blank_or_day_of_year(cell: str, column: str) -> dt.date | None:
    """A day written as YYYYDDD, or None for an empty cell.

    >>> blank_or_day_of_year("", "AOC_DelDT") is None
    True
    >>> blank_or_day_of_year("2023", "AOC_DelDT")
    Traceback (most recent call last):
    ...
    cptkit.importers.cells.Unfit: AOC_DelDT is not a day of a year such as 2026182: '2023'
    """
    return day_of_year(cell, column) if cell else None


def one_of(cell: str, known: Sequence[str], column: str) -> str:
    """A cell that holds one of a few texts.

    >>> one_of("1", ("1", "2", "3"), "the type")
    '1'
    >>> one_of("4", ("1", "2", "3"), "the type")
    Traceback (most recent call last):
    ...
    cptkit.importers.cells.Unfit: the type is none of 1, 2, 3: '4'
    """
    if cell not in known:
        shown = ", ".join(text or "(empty)" for text in known)
        raise Unfit(f"{column} is none of {shown}: {cell[:_START]!r}")
    return cell


def once(name: str, line_number: int, seen: dict[str, int]) -> None:
    """Remember the line of a name, and refuse it the second time.

    >>> seen = {}
    >>> once("W9901", 3, seen)
    >>> once("W9901", 7, seen)
    Traceback (most recent call last):
    ...
    cptkit.importers.cells.Unfit: the code comes twice: 'W9901', first in line 3
    """
    first = seen.setdefault(name, line_number)
    if first != line_number:
        raise Unfit(f"the code comes twice: {name!r}, first in line {first}")


def _not(column: str, what: str, cell: str) -> str:
    return f"{column} is not {what}: {cell[:_START]!r}" if cell else f"{column} is missing"
