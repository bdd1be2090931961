"""Quarters of a calendar year: how often CMS publishes its edits, and which table a day is judged by."""

import datetime as dt
import re
from typing import Self

import attrs

from cptkit.errors import InvalidDate, InvalidQuarter

__all__ = ["Quarter", "plain_day"]

_TEXT = re.compile(r"([0-9]{4})[- ]?q([1-4])", re.IGNORECASE)
_VERSION = re.compile(r"v([0-9]{2})([0-3])(?:r[0-9]+)?", re.IGNORECASE)
_VERSIONS_FROM = 1994  # NCCI versions count their years from it


@attrs.frozen(slots=True, order=True)
class Quarter:
    """A quarter such as 2024q3; quarters are ordered.

    >>> Quarter.parse("2024q3")
    Quarter(year=2024, number=3)
    >>> Quarter.parse("2024q3") < Quarter.parse("2025q1")
    True
    >>> Quarter(2024, 5)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidQuarter: no such quarter: '2024q5'; expected a quarter from 1 to 4 of a year such as 2024
    """

    year: int
    number: int

    def __attrs_post_init__(self) -> None:
        if not (dt.MINYEAR <= self.year <= dt.MAXYEAR and 1 <= self.number <= 4):
            given = f"{self.year}q{self.number}"
            raise InvalidQuarter(
                "no such quarter", given=given, expected="a quarter from 1 to 4 of a year such as 2024"
            )

    @classmethod
    def parse(cls, text: "str | Quarter") -> Self:
        """The quarter that a text spells: ``2024q3``, ``2024-Q3``; a quarter is left as it is.

        :raises InvalidQuarter: when it is none.

        >>> str(Quarter.parse("2024-Q3"))
        '2024q3'
        >>> Quarter.parse("Q3 2024")
        Traceback (most recent call last):
        ...
        cptkit.errors.InvalidQuarter: not a quarter: 'Q3 2024'; expected a quarter such as 2024q3
        """
        if isinstance(text, cls):
            return text
        hit = _TEXT.fullmatch(text.strip()) if isinstance(text, str) else None
        if hit is None:
            raise InvalidQuarter("not a quarter", given=text, expected="a quarter such as 2024q3")
        return cls(int(hit[1]), int(hit[2]))

    @classmethod
    def of(cls, day: dt.date) -> Self:
        """The quarter that holds a day.

        :raises InvalidDate: when it is no date, or has a time of day.

        >>> str(Quarter.of(dt.date(2024, 9, 30)))
        '2024q3'
        >>> Quarter.of("2024-09-30")
        Traceback (most recent call last):
        ...
        cptkit.errors.InvalidDate: the date of service is not a date: '2024-09-30'; expected a datetime.date
        """
        day = plain_day(day)
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def from_version(cls, version: str) -> Self:
        """The quarter of an NCCI version: ``v302`` is the third (counted from 0) of 1994 + 30.

        :raises InvalidQuarter: when it is no version.

        >>> str(Quarter.from_version("v302r0")), str(Quarter.from_version("v320"))
        ('2024q3', '2026q1')
        >>> Quarter.from_version("30.2")
        Traceback (most recent call last):
        ...
        cptkit.errors.InvalidQuarter: not an NCCI version: '30.2'; expected a version such as v302
        """
        hit = _VERSION.fullmatch(version) if isinstance(version, str) else None
        if hit is None:
            raise InvalidQuarter("not an NCCI version", given=version, expected="a version such as v302")
        return cls(_VERSIONS_FROM + int(hit[1]), int(hit[2]) + 1)

    @classmethod
    def from_index(cls, index: int) -> Self:
        """The quarter with that ``index``.

        >>> Quarter.from_index(Quarter(2024, 3).index)
        Quarter(year=2024, number=3)
        >>> Quarter.from_index(-1)
        Traceback (most recent call last):
        ...
        cptkit.errors.InvalidQuarter: no such quarter: '-1q4'; expected a quarter from 1 to 4 of a year such as 2024
        """
        return cls(index // 4, index % 4 + 1)

    @property
    def index(self) -> int:
        """Four times the year, and the quarter counted from 0: the next quarter has the next index.

        >>> Quarter(2025, 1).index - Quarter(2024, 4).index
        1
        """
        return 4 * self.year + self.number - 1

    @property
    def version(self) -> str:
        """The NCCI version, without the revision.

        :raises InvalidQuarter: before 1994, from which versions count their years.

        >>> Quarter(2024, 3).version
        'v302'
        >>> Quarter(1993, 4).version
        Traceback (most recent call last):
        ...
        cptkit.errors.InvalidQuarter: no NCCI version is that old: '1993q4'
        """
        if self.year < _VERSIONS_FROM:
            raise InvalidQuarter("no NCCI version is that old", given=str(self))
        return f"v{self.year - _VERSIONS_FROM:02}{self.number - 1}"

    @property
    def first_day(self) -> dt.date:
        """The first day of the quarter.

        >>> Quarter(2024, 3).first_day.isoformat()
        '2024-07-01'
        """
        return dt.date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> dt.date:
        """The last day of the quarter.

        >>> Quarter(2024, 3).last_day.isoformat()
        '2024-09-30'
        """
        month = 3 * self.number
        return dt.date(self.year, month, 31 if month in {3, 12} else 30)

    def __str__(self) -> str:
        return f"{self.year:04}q{self.number}"


def plain_day(day: object) -> dt.date:
    """The date of service, if it is a date without a time of day; ``InvalidDate`` otherwise."""
    if isinstance(day, dt.date) and not isinstance(day, dt.datetime):
        return day
    raise InvalidDate("the date of service is not a date", given=day, expected="a datetime.date")
