"""A time rule as one edition knows it on one day: thresholds and answers, ready to be looked up."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

import attrs

from cptkit.dated import Span
from cptkit.errors import NoTimeRule
from cptkit.sources import Basis, Citation
from cptkit.timerule.values import Attainment, Kind, Scope, ServiceUnits, check_minutes

__all__ = ["Answers", "ChainFact", "Family", "Row", "TimeRule"]

Row = Mapping[str, Any]

Answers = tuple[tuple[ServiceUnits, ...], ...]
"""Equally right answers, the first of them the one to show; an answer without services is "nothing"."""

_NOT_TIMED = (Kind.UNTIMED, Kind.NOT_BY_TIME)  # a tuple: hashing an enum member runs Python code


@attrs.frozen(slots=True)
class Family:
    """A family of time rules: what holds on every day, and its dated rows as the edition has them.

    ``scope`` is what the minutes are summed over, ``whose_time`` says whose minutes count, and
    ``optional`` that the level may also rest on something other than time. Codes of a ``pool`` share
    Medicare's total of the day. ``performer`` is ``other`` where the time may be that of somebody else than
    the reporting clinician: staff, a technician, a team. ``ranges`` are first and last codes of a family too large to list.

    >>> talk = Family("talk", "talking", ("X0001",), Scope.SESSION, "the clinician's")
    >>> talk.names("X0001"), talk.names("00100")
    (True, False)
    >>> Family("talk")
    Traceback (most recent call last):
    ...
    TypeError: Family.__init__() missing 4 required positional arguments: ...
    """

    id: str
    title: str
    codes: tuple[str, ...]
    scope: Scope
    whose_time: str
    scope_note: str = ""
    optional: bool = False
    pool: str = ""
    performer: str = "clinician"
    ranges: tuple[tuple[str, str], ...] = ()
    rows: tuple[Row, ...] = attrs.field(default=(), repr=False, eq=False)

    def names(self, code: str) -> bool:
        """Whether the code is one of the family, listed or within a range."""
        return code in self.codes or any(first <= code <= last for first, last in self.ranges)


@attrs.frozen(slots=True)
class ChainFact:
    """A code that goes on top of another, with the fact row that says so.

    ``counted_days``: days before and after the date of service whose minutes count toward it too.

    >>> import datetime as dt
    >>> from cptkit.sources import Citation, Confidence
    >>> fact = Citation("time/crisis@2013-01-01/90840", ("S",), Confidence.VERIFIED, dt.date(2026, 1, 1))
    >>> ChainFact("90839", "90840", fact).code
    '90840'
    >>> ChainFact("90839")
    Traceback (most recent call last):
    ...
    TypeError: ChainFact.__init__() missing 2 required positional arguments: 'code' and 'citation'
    """

    after: str
    code: str
    citation: Citation
    counted_days: tuple[int, int] | None = None


@attrs.frozen(slots=True)
class TimeRule:
    """The rule that turns minutes into services on the days of ``days`` under ``basis``.

    ``codes`` are all codes it can answer with, ``code`` the one it is bound to where every code counts
    alone (units, untimed codes). ``floors`` are the first minutes of the bands and ``answers`` what is
    reportable from there on; both are empty where a code must be named first. ``most`` is the largest
    number of minutes that may be asked, or of days where the rule counts days. ``is_settled`` is False
    where no source says from which minute a nominal time counts: the answers then hold both readings.
    ``basis`` is the basis of the row, which is the one that answers.

    Made by ``timerule.family``:

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> rule = timerule.family("90834", date_of_service=dt.date(2026, 3, 2),
    ...                        codeset=cptkit.codeset("2026.1"))
    >>> rule.services(47), rule.band("90834"), rule.is_timed
    ((ServiceUnits(code='90834', units=1),), (38, 52), True)
    >>> rule.services(-1)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidMinutes: not whole minutes of one day: -1; expected a whole number from 0 to 1440...
    """

    family: Family
    codes: tuple[str, ...]
    kind: Kind
    basis: Basis
    days: Span
    announced: bool
    code: str | None
    floors: tuple[int, ...] = attrs.field(repr=False)
    answers: tuple[Answers, ...] = attrs.field(repr=False)
    method: str
    most: int
    unit_minutes: int | None
    attainment: Attainment | None
    max_units: int | None
    citation: Citation
    chain: tuple[ChainFact, ...]

    @property
    def id(self) -> str:
        """The name of the family."""
        return self.family.id

    @property
    def title(self) -> str:
        """The family in our own words."""
        return self.family.title

    @property
    def scope(self) -> Scope:
        """What the minutes are summed over."""
        return self.family.scope

    @property
    def scope_note(self) -> str:
        """What to know of the scope besides; often empty."""
        return self.family.scope_note

    @property
    def whose_time(self) -> str:
        """Whose minutes count, doing what."""
        return self.family.whose_time

    @property
    def optional(self) -> bool:
        """Whether the level may rest on something other than time."""
        return self.family.optional

    @property
    def is_timed(self) -> bool:
        """Whether minutes or days decide: False for codes that are reported whatever the minutes."""
        return self.kind not in _NOT_TIMED

    @property
    def is_settled(self) -> bool:
        """Whether the sources say from which minute each code counts."""
        return self.attainment is not Attainment.UNSETTLED

    @property
    def counts(self) -> str:
        """``minutes``, or ``days`` for codes that count days with data."""
        return "days" if self.kind is Kind.DAY_COUNT else "minutes"

    def answers_at(self, minutes: int) -> Answers:
        """Every equally right answer for the minutes (or days), the first one as ``services`` gives it.

        ``InvalidMinutes`` for anything but whole minutes of the scope; ``NoTimeRule`` where each code of
        the family counts alone and none was named.
        """
        check_minutes(minutes, most=self.most, counts=self.counts)
        if not self.floors:
            raise needs_code(self)
        return self.answers[bisect_right(self.floors, minutes) - 1]

    def services(self, minutes: int) -> tuple[ServiceUnits, ...]:
        """What the minutes support, empty if nothing; the errors are those of ``answers_at``."""
        return self.answers_at(minutes)[0]

    def band(self, code: str, units: int = 1) -> tuple[int, int | None] | None:
        """The first and last minute at which at least ``units`` of ``code`` are part of a right answer.

        The last is None where no minute ends it. None as a whole if time does not choose the code, or
        it is none of this rule's.
        """
        if not self.is_timed:
            return None
        first = last = None
        for index, equally_right in enumerate(self.answers):
            found = (service for services in equally_right for service in services)
            if any(service.code == code and service.units >= units for service in found):
                if first is None:
                    first = self.floors[index]
                last = index
        if first is None or last is None:
            return None
        return first, self.last_minute(last)

    def last_minute(self, index: int) -> int | None:
        """The last minute of the band at that place, None for the last band, which is open."""
        return self.floors[index + 1] - 1 if index + 1 < len(self.floors) else None

    def bands(self) -> tuple[tuple[int, int | None, Answers], ...]:
        """Every band in turn: its first minute, its last (None is open), its equally right answers.

        Together they hold each minute from 0 to ``most`` exactly once.
        """
        return tuple(
            (first, self.last_minute(index), self.answers[index]) for index, first in enumerate(self.floors)
        )

    def __str__(self) -> str:
        named = f" for {self.code}" if self.code else ""
        return f"{self.id}{named} ({self.basis}, {self.days})"


def needs_code(rule: TimeRule) -> NoTimeRule:
    """The error of a family whose codes count one by one when none was named."""
    return NoTimeRule(
        f"each code of {rule.id!r} counts alone, so name one of {', '.join(rule.codes)}",
        given=rule.id,
        expected="a code of the family",
    )
