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
    "Leftover",
    "Scope",
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
    "rule of eights" here and there, so that name is not used. ``PAYER_WHOLE_UNITS``: whole units of each
    code alone, as some state programmes count.

    >>> UnitPolicy("medicare-total")
    <UnitPolicy.MEDICARE_TOTAL: 'medicare-total'>
    >>> UnitPolicy("rule-of-eights")
    Traceback (most recent call last):
    ...
    ValueError: 'rule-of-eights' is not a valid UnitPolicy
    """

    MEDICARE_TOTAL = "medicare-total"
    CPT_PER_CODE = "cpt-per-code"
    PAYER_WHOLE_UNITS = "payer-whole-units"


class Leftover(StrEnum):
    """Who gets the unit that only leftover minutes earn, where Medicare's total is counted.

    ``LARGEST``: the code with the most minutes left, as the published examples go. ``UNPAID_FIRST``: before
    that a code that has no unit yet and whose own minutes would earn one. They differ for pairs such as 24
    and 8 minutes; no published example has that pair.

    >>> Leftover("unpaid-first")
    <Leftover.UNPAID_FIRST: 'unpaid-first'>
    >>> Leftover("mine")
    Traceback (most recent call last):
    ...
    ValueError: 'mine' is not a valid Leftover
    """

    LARGEST = "largest"
    UNPAID_FIRST = "unpaid-first"


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
    NOT_BY_TIME = "not-by-time"
    DAY_COUNT = "day-count"
    ANAESTHESIA_UNITS = "anaesthesia-units"


class Attainment(StrEnum):
    """When a nominal time counts as reached.

    ``UNSETTLED``: no source says; whole minutes and more than half are both shown.

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
    UNSETTLED = "unsettled"


class TimedCodeset(Protocol):
    """What ``timerule`` asks of a codeset: an immutable, hashable edition with time rules.

    ``timerules`` is the parsed JSON of the edition: ``families`` with their dated rows, ``policies`` and
    ``principles``; dates are ISO strings.
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
        """The families, policies and principles of the edition."""
        ...

    def __hash__(self) -> int: ...


class Scope(StrEnum):
    """What the minutes of a rule are summed over.

    >>> Scope("month").days, Scope("day").days
    (31, 1)
    >>> Scope("year")
    Traceback (most recent call last):
    ...
    ValueError: 'year' is not a valid Scope
    """

    SESSION = "session"
    DAY = "day"
    MONTH = "month"
    SEVEN_DAYS = "seven-days"
    THIRTY_DAYS = "thirty-days"

    @property
    def days(self) -> int:
        """The most days it can have, which limits what may be asked."""
        return _DAYS[self]

    @property
    def in_words(self) -> str:
        """As a sentence names it: ``the session``, ``the calendar month``, ``seven days``."""
        return _IN_WORDS[self]


_IN_WORDS = {
    Scope.SESSION: "the session",
    Scope.DAY: "the day",
    Scope.MONTH: "the calendar month",
    Scope.SEVEN_DAYS: "seven days",
    Scope.THIRTY_DAYS: "thirty days",
}
_DAYS = {Scope.SESSION: 1, Scope.DAY: 1, Scope.MONTH: 31, Scope.SEVEN_DAYS: 7, Scope.THIRTY_DAYS: 30}


@attrs.frozen(slots=True, order=True)
class ServiceUnits:
    """A code with its units, at least one, and the modifiers that tell it from the same code beside it.

    >>> ServiceUnits("97110", 2)
    ServiceUnits(code='97110', units=2)
    >>> print(ServiceUnits("97110", 2, ("GP",)))
    97110-GP x 2
    >>> ServiceUnits("97110", 0)
    Traceback (most recent call last):
    ...
    ValueError: a service has at least one unit: '97110' with 0
    """

    code: str
    units: int = 1
    modifiers: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"a service has at least one unit: {self.code!r} with {self.units}")

    def __repr__(self) -> str:
        marked = f", modifiers={self.modifiers}" if self.modifiers else ""
        return f"ServiceUnits(code={self.code!r}, units={self.units}{marked})"

    def __str__(self) -> str:
        named = "-".join((self.code, *self.modifiers))
        return named if self.units == 1 else f"{named} x {self.units}"


def spell(services: Iterable[ServiceUnits]) -> str:
    """Services as a biller writes them: ``90839 + 90840 x 2``; ``nothing`` if there is none."""
    return " + ".join(map(str, services)) or "nothing"


def units_dict(services: Iterable[ServiceUnits]) -> list[dict[str, Any]]:
    """Services as plain values for JSON; modifiers only where there are some."""
    return [
        {"code": service.code, "units": service.units}
        | ({"modifiers": list(service.modifiers)} if service.modifiers else {})
        for service in services
    ]


def count(number: int, thing: str) -> str:
    """``1 minute``, ``2 minutes``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def check_minutes(minutes: object, *, of: str = "", most: int = DAY, counts: str = "minutes") -> int:
    """The minutes or days, if they are whole, completed and not more than there can be.

    ``InvalidMinutes`` otherwise.
    """
    if type(minutes) is int and 0 <= minutes <= most:
        return minutes
    span = "one day" if most == DAY else f"{most // DAY} days" if counts == "minutes" else "the window"
    limit = f"a whole number from 0 to {most}"
    raise InvalidMinutes(
        f"{counts} of {of} are not whole {counts} of {span}" if of else f"not whole {counts} of {span}",
        given=minutes,
        expected=f"{limit}; round started minutes down" if counts == "minutes" else limit,
    )


def check_day(day: object) -> dt.date:
    """The date of service, if it is a date without a time of day; ``InvalidDate`` otherwise."""
    if isinstance(day, dt.date) and not isinstance(day, dt.datetime):
        return day
    raise InvalidDate("the date of service is not a date", given=day, expected="a datetime.date")
