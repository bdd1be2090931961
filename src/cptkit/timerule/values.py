"""The small values that every part of ``timerule`` speaks in, and what it asks of a codeset."""

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Protocol

import attrs

from cptkit.errors import InvalidDate, InvalidMinutes
from cptkit.timerule.arithmetic import DAY

__all__ = [
    "Attainment",
    "Kind",
    "ServiceUnits",
    "TimedCodeset",
    "UnitPolicy",
    "check_day",
    "check_minutes",
    "count",
    "spell",
    "units_dict",
]


class UnitPolicy(StrEnum):
    """How the minutes of several unit codes of one day become units.

    ``MEDICARE_TOTAL``: the day's total fixes the number of units (the 8-minute rule).
    ``CPT_PER_CODE``: the midpoint on each code alone, remainders never pooled. Both are called
    "rule of eights" here and there, so that name is not used.

    >>> UnitPolicy("medicare-total")
    <UnitPolicy.MEDICARE_TOTAL: 'medicare-total'>
    >>> UnitPolicy("rule-of-eights")
    Traceback (most recent call last):
    ...
    ValueError: 'rule-of-eights' is not a valid UnitPolicy
    """

    MEDICARE_TOTAL = "medicare-total"
    CPT_PER_CODE = "cpt-per-code"


class Kind(StrEnum):
    """How a time rule chooses: the kinds of rows that an edition may hold.

    >>> Kind("per-unit")
    <Kind.PER_UNIT: 'per-unit'>
    >>> Kind("by-feel")
    Traceback (most recent call last):
    ...
    ValueError: 'by-feel' is not a valid Kind
    """

    PICK_BY_BAND = "pick-by-band"
    PICK_BY_THRESHOLD = "pick-by-threshold"
    BASE_PLUS_EACH = "base-plus-each"
    THRESHOLD = "threshold"
    PER_UNIT = "per-unit"
    UNTIMED = "untimed"


class Attainment(StrEnum):
    """When a nominal time counts as reached.

    >>> Attainment("whole")
    <Attainment.WHOLE: 'whole'>
    >>> Attainment("about")
    Traceback (most recent call last):
    ...
    ValueError: 'about' is not a valid Attainment
    """

    NEAREST = "nearest"
    MIDPOINT = "midpoint"
    WHOLE = "whole"


class TimedCodeset(Protocol):
    """What ``timerule`` asks of a codeset: an immutable, hashable edition with time rules.

    ``timerules`` is the parsed JSON of the edition: ``families`` with their dated rows, and
    ``policies``; dates are ISO strings.
    """

    @property
    def edition(self) -> str:
        """The name of the edition, such as ``2026.1``."""
        ...

    @property
    def last_day(self) -> dt.date:
        """The last date of service the edition answers for."""
        ...

    @property
    def timerules(self) -> Mapping[str, Any]:
        """The families and policies of the edition."""
        ...

    def __hash__(self) -> int: ...


@attrs.frozen(slots=True, order=True)
class ServiceUnits:
    """A code with its units, at least one.

    >>> ServiceUnits("97110", 2)
    ServiceUnits(code='97110', units=2)
    >>> ServiceUnits("97110", 0)
    Traceback (most recent call last):
    ...
    ValueError: a service has at least one unit: '97110' with 0
    """

    code: str
    units: int = 1

    def __attrs_post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"a service has at least one unit: {self.code!r} with {self.units}")

    def __str__(self) -> str:
        return self.code if self.units == 1 else f"{self.code} x {self.units}"


def spell(services: Iterable[ServiceUnits]) -> str:
    """Services as a biller writes them: ``90839 + 90840 x 2``; ``nothing`` if there is none."""
    return " + ".join(map(str, services)) or "nothing"


def units_dict(services: Iterable[ServiceUnits]) -> list[dict[str, Any]]:
    """Services as plain values for JSON."""
    return [{"code": service.code, "units": service.units} for service in services]


def count(number: int, thing: str) -> str:
    """``1 minute``, ``2 minutes``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def check_minutes(minutes: object, *, of: str = "") -> int:
    """The minutes, if they are whole completed minutes of one day; ``InvalidMinutes`` otherwise."""
    if type(minutes) is int and 0 <= minutes <= DAY:
        return minutes
    raise InvalidMinutes(
        f"minutes of {of} are not whole minutes of one day" if of else "not whole minutes of one day",
        given=minutes,
        expected=f"a whole number from 0 to {DAY}; round started minutes down",
    )


def check_day(day: object) -> dt.date:
    """The date of service, if it is a date without a time of day; ``InvalidDate`` otherwise."""
    if isinstance(day, dt.date) and not isinstance(day, dt.datetime):
        return day
    raise InvalidDate("the date of service is not a date", given=day, expected="a datetime.date")
