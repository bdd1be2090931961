"""Days that belong together: spans with both ends inclusive, and timelines of start dates.

A fact is written with its first day only; the next row ends it. So overlaps and gaps cannot be
written, and a correction never has to be made in two places.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Generic, TypeVar

import attrs

__all__ = ["Span", "Timeline", "days_of_rows", "months_before"]

T = TypeVar("T")

_ONE_DAY = dt.timedelta(days=1)
_BEGINS = ("from", "first_day")
_ENDS = "last_day"
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@attrs.frozen(slots=True)
class Span:
    """Days from ``first`` to ``last``, both inclusive; None is an open end.

    >>> year = Span(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    >>> dt.date(2026, 12, 31) in year, dt.date(2027, 1, 1) in year
    (True, False)
    >>> Span(dt.date(2026, 1, 2), dt.date(2026, 1, 1))
    Traceback (most recent call last):
    ...
    ValueError: a span ends before it starts: 2026-01-02 to 2026-01-01
    """

    first: dt.date | None = None
    last: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        if self.first is not None and self.last is not None and self.last < self.first:
            raise ValueError(f"a span ends before it starts: {self.first} to {self.last}")

    def __contains__(self, day: dt.date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def __str__(self) -> str:
        if self.first is None and self.last is None:
            return "always"
        if self.first is None:
            return f"up to {self.last}"
        if self.last is None:
            return f"from {self.first}"
        return f"{self.first} to {self.last}"


@attrs.frozen(slots=True)
class Timeline(Generic[T]):
    """Values with the day each one starts; a value holds until the next one starts.

    ``Timeline.of`` takes the rows in any order and refuses two rows of one day.

    >>> floors = Timeline.of([(dt.date(2023, 1, 1), 45), (dt.date(2024, 1, 1), 50)])
    >>> floors.at(dt.date(2023, 12, 31)), floors.at(dt.date(2024, 1, 1))
    (45, 50)
    >>> floors.at(dt.date(2022, 12, 31)) is None
    True
    >>> Timeline.of([(dt.date(2023, 1, 1), 45), (dt.date(2023, 1, 1), 50)])
    Traceback (most recent call last):
    ...
    ValueError: two rows start on 2023-01-01
    """

    starts: tuple[dt.date, ...]
    values: tuple[T, ...]

    @classmethod
    def of(cls, rows: Iterable[tuple[dt.date, T]]) -> "Timeline[T]":
        """A timeline of ``(first day, value)`` rows; ``ValueError`` if two rows share a day."""
        ordered = sorted(rows, key=lambda row: row[0])
        for (day, _), (other, _) in pairwise(ordered):
            if day == other:
                raise ValueError(f"two rows start on {day}")
        return cls(tuple(day for day, _ in ordered), tuple(value for _, value in ordered))

    def at(self, day: dt.date) -> T | None:
        """The value that holds on that day, or None before the first row."""
        index = bisect_right(self.starts, day)
        return self.values[index - 1] if index else None

    def spans(self) -> Iterator[tuple[Span, T]]:
        """Each value with the days it holds; the last one is open.

        >>> line = Timeline.of([(dt.date(2023, 1, 1), "old"), (dt.date(2024, 1, 1), "new")])
        >>> [(str(span), value) for span, value in line.spans()]
        [('2023-01-01 to 2023-12-31', 'old'), ('from 2024-01-01', 'new')]
        """
        for index, value in enumerate(self.values):
            last = self.starts[index + 1] - _ONE_DAY if index + 1 < len(self.starts) else None
            yield Span(self.starts[index], last), value


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day of the month, so many calendar months earlier; the last day of a shorter month.

    >>> months_before(dt.date(2026, 3, 2), 36), months_before(dt.date(2024, 2, 29), 12)
    (datetime.date(2023, 3, 2), datetime.date(2023, 2, 28))
    >>> months_before(dt.date(1, 1, 1), 1)
    datetime.date(1, 1, 1)
    >>> months_before(dt.date(2026, 3, 2), -1)
    Traceback (most recent call last):
    ...
    ValueError: months before a day are counted from 0: -1
    """
    if months < 0:
        raise ValueError(f"months before a day are counted from 0: {months}")
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < dt.MINYEAR:
        return dt.date.min
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = 29 if month == 1 and leap else _MONTHS[month]
    return dt.date(year, month + 1, min(day.day, days))


def days_of_rows(texts: Iterable[str]) -> set[dt.date]:
    r"""The days from which rows of tables hold (columns ``from`` and ``first_day``), or no longer do (``..._last_day``).

    Each text is a table: columns with tabs between them, their names in the first line.

    >>> table = "code\tfirst_day\tlast_day\n90834\t2026-01-01\t2026-01-31\n"
    >>> sorted(map(str, days_of_rows([table, "code\tchecked\n90834\t2026-06-01\n"])))
    ['2026-01-01', '2026-02-01']
    >>> days_of_rows([None])
    Traceback (most recent call last):
    ...
    AttributeError: 'NoneType' object has no attribute 'split'
    """
    found: set[dt.date] = set()
    for text in texts:
        header, *lines = text.split("\n")
        rows = [line.split("\t") for line in lines]
        for place, name in enumerate(header.split("\t")):
            if name in _BEGINS or name.endswith(_ENDS):
                days = map(_day, {row[place] for row in rows if place < len(row)})
                begin = [day for day in days if day is not None]
                found.update(
                    begin if name in _BEGINS else [day + _ONE_DAY for day in begin if day < dt.date.max]
                )
    return found


def _day(text: str) -> dt.date | None:
    """The day that a text names as in 2026-01-31; None where it names none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
