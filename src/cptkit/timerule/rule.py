"""A time rule as one edition knows it on one day: thresholds and answers, ready to be looked up."""

from bisect import bisect_right

import attrs

from cptkit.dated import Span
from cptkit.errors import NoTimeRule
from cptkit.sources import Basis, Citation
from cptkit.timerule.values import Attainment, Kind, ServiceUnits, check_minutes

__all__ = ["Answers", "ChainFact", "TimeRule"]

Answers = tuple[tuple[ServiceUnits, ...], ...]
"""Equally right answers, the first of them the one to show; an answer without services is "nothing"."""


@attrs.frozen(slots=True)
class ChainFact:
    """A code that goes on top of another, with the fact row that says so.

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


@attrs.frozen(slots=True)
class TimeRule:
    """The rule that turns minutes into services on the days of ``days`` under ``basis``.

    ``id`` and ``title`` name the family; ``codes`` are all codes it can answer with, ``code`` the one
    it is bound to where every code counts alone (units, untimed codes). ``scope`` is what the minutes
    are summed over (``session``, ``day``, ``month``), ``whose_time`` says whose minutes count, and
    ``optional`` that the level may also rest on something other than time. ``floors`` are the first
    minutes of the bands and ``answers`` what is reportable from there on; both are empty where a code
    must be named first. ``basis`` is the basis of the row, which is the one that answers.

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

    id: str
    title: str
    codes: tuple[str, ...]
    scope: str
    scope_note: str
    whose_time: str
    optional: bool
    kind: Kind
    basis: Basis
    days: Span
    announced: bool
    code: str | None
    floors: tuple[int, ...] = attrs.field(repr=False)
    answers: tuple[Answers, ...] = attrs.field(repr=False)
    method: str
    unit_minutes: int | None
    attainment: Attainment | None
    max_units: int | None
    citation: Citation
    chain: tuple[ChainFact, ...]

    @property
    def is_timed(self) -> bool:
        """Whether minutes decide: False for codes that are reported once whatever the minutes."""
        return self.kind is not Kind.UNTIMED

    def answers_at(self, minutes: int) -> Answers:
        """Every equally right answer for the minutes, the first one as ``services`` gives it.

        ``InvalidMinutes`` for anything but whole minutes of one day; ``NoTimeRule`` where each code of
        the family counts alone and none was named.
        """
        check_minutes(minutes)
        if not self.floors:
            raise needs_code(self)
        return self.answers[bisect_right(self.floors, minutes) - 1]

    def services(self, minutes: int) -> tuple[ServiceUnits, ...]:
        """What the minutes support, empty if nothing; the errors are those of ``answers_at``."""
        return self.answers_at(minutes)[0]

    def band(self, code: str) -> tuple[int, int | None] | None:
        """The first and last minute at which ``code`` is part of a right answer.

        The last is None where no minute of a day ends it. None as a whole if time does not choose the
        code, or it is none of this rule's.
        """
        if not self.is_timed:
            return None
        first = last = None
        for index, equally_right in enumerate(self.answers):
            if any(service.code == code for services in equally_right for service in services):
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

        Together they hold each minute from 0 to 1,440 exactly once.
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
