"""The other way round: which minutes a code takes, and whether the minutes on hand do.

>>> import datetime as dt, cptkit
>>> from cptkit import timerule
>>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
>>> print(timerule.minutes_for("90834", date_of_service=day, codeset=codeset))
38 to 52 minutes
>>> print(timerule.supports("90837", 50, date_of_service=day, codeset=codeset))
under: 50 minutes are 90834; 90837 takes 53 or more minutes
"""

import datetime as dt
from enum import StrEnum
from typing import Any

import attrs

from cptkit.errors import InvalidUnits, NoTimeRule
from cptkit.sources import Basis, Citation, Confidence, weakest
from cptkit.timerule.lookup import resolve
from cptkit.timerule.rule import Answers, TimeRule, needs_code
from cptkit.timerule.tables import tables_of
from cptkit.timerule.values import ServiceUnits, TimedCodeset, check_minutes, spell, units_dict

__all__ = ["MinuteSpan", "Support", "Verdict", "minutes_for", "supports"]


class Verdict(StrEnum):
    """How minutes stand to a code: enough, fewer than it takes, or more than it covers.

    >>> Verdict("under")
    <Verdict.UNDER: 'under'>
    >>> Verdict("about")
    Traceback (most recent call last):
    ...
    ValueError: 'about' is not a valid Verdict
    """

    SUPPORTED = "supported"
    UNDER = "under"
    OVER = "over"


@attrs.frozen(slots=True)
class MinuteSpan:
    """The minutes a service takes: ``first`` to ``last``, both in it; ``last`` is None where no minute ends it.

    ``counts`` is ``days`` for a code that counts days with data. ``is_settled`` is False where no source
    says from which minute the code counts: the span is then the widest reading. ``confidence`` is that of
    the rows. Made by ``minutes_for``.

    >>> 38 in MinuteSpan(38, 52), 53 in MinuteSpan(38, 52), 600 in MinuteSpan(53, None)
    (True, False, True)
    >>> MinuteSpan(52, 38)
    Traceback (most recent call last):
    ...
    ValueError: a span ends where it begins or later: 52 to 38
    """

    first: int
    last: int | None
    counts: str = "minutes"
    is_settled: bool = True
    confidence: Confidence = Confidence.VERIFIED

    def __attrs_post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"a span ends where it begins or later: {self.first} to {self.last}")

    def __contains__(self, minutes: object) -> bool:
        return isinstance(minutes, int) and self.first <= minutes <= (self.last or minutes)

    def __str__(self) -> str:
        doubt = "" if self.confidence is Confidence.VERIFIED else f" ({self.confidence})"
        if not self.is_settled:
            doubt = " (not settled by any source)"
        if self.last is None:
            return f"{self.first} or more {self.counts}{doubt}"
        return f"{self.first} to {self.last} {self.counts}{doubt}"


@attrs.frozen(slots=True)
class Support:
    """Whether minutes support a service, and what they do support. Made by ``supports``.

    ``under``: fewer minutes than the service takes. ``over``: more than it covers, so that another code,
    or more units, describe them. ``services`` and ``alternatives`` are what the minutes support.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> found = timerule.supports("97110", 40, units=2, date_of_service=dt.date(2026, 3, 2),
    ...                           codeset=cptkit.codeset("2026.1"))
    >>> found.verdict, found.services, bool(found)
    (<Verdict.OVER: 'over'>, (ServiceUnits(code='97110', units=3),), False)
    >>> found.verdict = Verdict.SUPPORTED
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    verdict: Verdict
    service: ServiceUnits
    minutes: int
    span: MinuteSpan
    services: tuple[ServiceUnits, ...]
    alternatives: tuple[tuple[ServiceUnits, ...], ...]
    rule: TimeRule = attrs.field(repr=False)
    basis: Basis

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The fact rows the verdict rests on."""
        named = {self.service.code, *(service.code for service in self.services)}
        chain = (fact.citation for fact in self.rule.chain if fact.code in named)
        return (self.rule.citation, *chain)

    @property
    def confidence(self) -> Confidence:
        """The weakest confidence of the citations; disputed where no source settles the number."""
        known = [citation.confidence for citation in self.citations]
        if self.basis is not self.rule.basis:
            known.append(Confidence.DERIVED)
        if not self.rule.is_settled and self.alternatives:
            known.append(Confidence.DISPUTED)
        return weakest(known)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "verdict": self.verdict.value,
            "service": units_dict([self.service])[0],
            self.span.counts: self.minutes,
            "span": {
                "first": self.span.first,
                "last": self.span.last,
                "is_settled": self.span.is_settled,
                "confidence": self.span.confidence.value,
            },
            "services": units_dict(self.services),
            "alternatives": [units_dict(each) for each in self.alternatives],
            "sources": list(dict.fromkeys(key for citation in self.citations for key in citation.sources)),
            "confidence": self.confidence.value,
        }

    def __bool__(self) -> bool:
        return self.verdict is Verdict.SUPPORTED

    def __str__(self) -> str:
        if self:
            return f"supported: {self.service} takes {self.span}"
        found = " or ".join(spell(each) for each in (self.services, *self.alternatives))
        return (
            f"{self.verdict}: {self.minutes} {self.span.counts} are {found}; {self.service} takes {self.span}"
        )


def minutes_for(
    code: str,
    *,
    units: int = 1,
    base: str | None = None,
    date_of_service: dt.date,
    codeset: TimedCodeset,
    basis: Basis = Basis.CPT,
) -> MinuteSpan:
    """The minutes that a code takes: ``90834`` takes 38 to 52.

    :param code: a code with a time rule; case and blanks around it are forgiven.
    :param units: of that code. For a code on top of another the minutes are the total of both.
    :param base: the visit that the code goes on top of, where it goes on several (``99417`` on ``99215``).
    :param date_of_service: the day that chooses the rule.
    :param codeset: the edition that is asked.
    :param basis: whose policy.
    :raises NoTimeRule: minutes do not decide about the code, no minutes give it that often, it is not on
        top of that base, or the reasons of ``family``.
    :raises InvalidUnits: units that are no whole number of at least one.
    :raises UnknownCode: the text is neither shaped as a code nor the id of a family.
    :raises DateOutsideEdition: the day lies after the edition's last day.

    Source: the ``citation`` of ``timerule.family``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> print(timerule.minutes_for("90840", units=2, date_of_service=day, codeset=codeset))
    105 to 134 minutes
    >>> print(timerule.minutes_for("99417", base="99215", date_of_service=day, codeset=codeset))
    55 to 69 minutes
    >>> timerule.minutes_for("90791", date_of_service=day, codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.NoTimeRule: minutes do not decide about 90791: '90791'; expected a code that minutes choose...
    """
    asked = Basis(basis)
    rule, named = _rule_of(code, base, date_of_service, codeset, asked)
    return _span(rule, named, _check_units(units), asked)


def supports(
    service: str,
    minutes: int,
    *,
    units: int = 1,
    base: str | None = None,
    date_of_service: dt.date,
    codeset: TimedCodeset,
    basis: Basis = Basis.CPT,
) -> Support:
    """Whether the minutes support a code with its units, and what they do support.

    :param service: a code with a time rule.
    :param minutes: whole completed minutes of what the rule's ``scope`` says (days for a code that
        counts days); for a code on top of another the total of both.
    :param units: of that code.
    :param base, date_of_service, codeset, basis: as for ``minutes_for``.
    :raises InvalidMinutes: not whole minutes of the scope.

    The other errors are those of ``minutes_for``.

    Source: the fact rows in ``Support.citations``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> print(timerule.supports("90832", 45, date_of_service=day, codeset=codeset))
    over: 45 minutes are 90834; 90832 takes 16 to 37 minutes
    >>> bool(timerule.supports("90834", 45, date_of_service=day, codeset=codeset))
    True
    >>> timerule.supports("90834", 45.5, date_of_service=day, codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidMinutes: not whole minutes of one day: 45.5; expected a whole number from 0 to 1440...
    """
    asked = Basis(basis)
    rule, named = _rule_of(service, base, date_of_service, codeset, asked)
    span = _span(rule, named, _check_units(units), asked)
    check_minutes(minutes, most=rule.most, counts=rule.counts)
    answers = rule.answers_at(minutes)
    wanted = ServiceUnits(named, units)
    if any(wanted in answer for answer in answers):
        verdict = Verdict.SUPPORTED
    else:
        verdict = Verdict.UNDER if minutes < span.first else Verdict.OVER
    return Support(verdict, wanted, minutes, span, answers[0], answers[1:], rule, asked)


def _check_units(units: object) -> int:
    if type(units) is int and units > 0:
        return units
    raise InvalidUnits("not whole units", given=units, expected="a whole number of at least 1")


def _rule_of(
    code: str, base: str | None, day: dt.date, codeset: TimedCodeset, basis: Basis
) -> tuple[TimeRule, str]:
    """The rule that answers for a code, if need be by way of its base, and the code as published."""
    rule = resolve(code if base is None else base, day, codeset, basis)
    named = tables_of(codeset).name(code)
    if named == rule.id:
        raise needs_code(rule) if not rule.floors else _which(rule)
    if base is None and named is not None:
        return rule, named
    visit = tables_of(codeset).name(base or "")
    tops = _on_top(rule, visit)
    if named is None or named not in tops:
        raise NoTimeRule(
            f"{code} does not go on top of {base} on {day} under {basis}",
            given=code,
            expected=f"one of {', '.join(tops)}" if tops else "a base that something goes on top of",
        )
    return rule, named


def _on_top(rule: TimeRule, visit: str | None) -> tuple[str, ...]:
    """The codes that some minutes put on top of a base."""
    answers = (answer for answers in rule.answers for answer in answers if answer)
    tops = (service.code for answer in answers if answer[0].code == visit for service in answer[1:])
    return tuple(dict.fromkeys(tops))


def _which(rule: TimeRule) -> NoTimeRule:
    return NoTimeRule(
        f"{rule.id} is a family: name one of {', '.join(rule.codes)}",
        given=rule.id,
        expected="a code of the family",
    )


def _span(rule: TimeRule, code: str, units: int, asked: Basis) -> MinuteSpan:
    """The minutes at which exactly these units of the code are part of a right answer."""
    if not rule.is_timed:
        raise NoTimeRule(
            f"minutes do not decide about {code}", given=code, expected="a code that minutes choose"
        )
    places = [at for at, answers in enumerate(rule.answers) if _has(answers, code, units)]
    if not places:
        raise NoTimeRule(
            f"no {rule.counts} of one {rule.scope} give {units} of {code}",
            given=units,
            expected="units that the rule can give",
        )
    first, last = rule.floors[places[0]], rule.last_minute(places[-1])
    known = [rule.citation, *(fact.citation for fact in rule.chain if fact.code == code)]
    sure = [each.confidence for each in known]
    if asked is not rule.basis:
        sure.append(Confidence.DERIVED)
    return MinuteSpan(first, last, rule.counts, rule.is_settled, weakest(sure))


def _has(answers: Answers, code: str, units: int) -> bool:
    return any(service.code == code and service.units == units for answer in answers for service in answer)
