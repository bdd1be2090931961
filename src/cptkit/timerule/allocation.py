"""From the minutes of several unit codes of one day to units, under a named policy.

>>> import datetime as dt, cptkit
>>> from cptkit import UnitPolicy, timerule
>>> shared = timerule.allocate({"97110": 33, "97140": 7}, policy=UnitPolicy.MEDICARE_TOTAL,
...                            date_of_service=dt.date(2026, 3, 2), codeset=cptkit.codeset("2026.1"))
>>> print(shared)
97110 x 2 + 97140
"""

import datetime as dt
from collections.abc import Mapping
from itertools import islice
from typing import Any

import attrs

from cptkit.errors import BrokenEdition, CptkitError, InvalidCode, InvalidMinutes, NoTimeRule
from cptkit.sources import Basis, Citation, Confidence, weakest
from cptkit.timerule.arithmetic import DAY, Shares, medicare_total, midpoint_floor, per_code
from cptkit.timerule.rule import TimeRule, needs_code
from cptkit.timerule.selection import doubt, rule_notes
from cptkit.timerule.tables import Policy, resolve, tables_of
from cptkit.timerule.values import (
    Attainment,
    ServiceUnits,
    TimedCodeset,
    UnitPolicy,
    check_minutes,
    count,
    spell,
    units_dict,
)

__all__ = ["Allocation", "allocate", "is_pooled"]

_OWN_BASIS = {UnitPolicy.MEDICARE_TOTAL: Basis.MEDICARE, UnitPolicy.CPT_PER_CODE: Basis.CPT}


@attrs.frozen(slots=True)
class Allocation:
    """The units that the minutes of a day support, under a policy, with every equally right answer.

    ``minutes`` are the timed codes in the order given. The minutes of an untimed code are ``ignored``,
    with the reason; the code itself is reported once, so it stands in ``services``.
    ``alternatives``, ``working`` and the rest are worked out when they are read. Made by ``allocate``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import UnitPolicy, timerule
    >>> shared = timerule.allocate({"97112": 20, "97110": 20}, policy=UnitPolicy.MEDICARE_TOTAL,
    ...                            date_of_service=dt.date(2026, 3, 2), codeset=cptkit.codeset("2026.1"))
    >>> print(shared)
    97112 x 2 + 97110 or 97112 + 97110 x 2
    >>> shared.services = ()
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    services: tuple[ServiceUnits, ...]
    codes: tuple[str, ...]
    minutes: tuple[tuple[str, int], ...]
    ignored: tuple[tuple[str, str], ...]
    basis: Basis
    date_of_service: dt.date
    edition: str
    unit_policy: Policy = attrs.field(repr=False)
    rules: tuple[TimeRule, ...] = attrs.field(repr=False)
    shares: Shares = attrs.field(repr=False)

    @property
    def policy(self) -> UnitPolicy:
        """The policy that was asked."""
        return self.unit_policy.id

    @property
    def total_minutes(self) -> int:
        """The minutes of all timed codes; untimed codes never enter."""
        return sum(minutes for _, minutes in self.minutes)

    @property
    def alternatives(self) -> tuple[tuple[ServiceUnits, ...], ...]:
        """The other equally right answers, in the order of the codes given; empty if there is one."""
        others = islice(self.shares.distributions(), 1, None)
        return tuple(_services(self.codes, self.minutes, units) for units in others)

    def most(self, code: str) -> int:
        """The most units of a code in any of the equally right answers, without going through them.

        With many codes of the same minutes there are very many distributions.
        """
        for position, (given, _) in enumerate(self.minutes):
            if given == code:
                return self.shares.certain[position] + (position in self.shares.tied)
        return int(code in self.codes)

    @property
    def working(self) -> tuple[str, ...]:
        """The steps from the minutes to the units, one sentence each."""
        steps = _total_steps(self) if self.policy is UnitPolicy.MEDICARE_TOTAL else _code_steps(self)
        return (*steps, *(f"{code} has no minutes: it is reported once" for code, _ in self.ignored))

    @property
    def reason(self) -> str:
        """Why nothing is reportable; empty if something is."""
        return "" if self.services else f"{_shortfall(self)}: nothing is reportable"

    @property
    def unit_minutes(self) -> int:
        """The minutes of a unit under the policy."""
        return self.unit_policy.unit_minutes

    @property
    def outweighed(self) -> tuple[str, ...]:
        """Codes that would earn a unit alone and lose it to what is left of a longer code.

        Sources differ on these pairs (24 and 8 minutes are the known one), so the answer is disputed.
        """
        if self.policy is not UnitPolicy.MEDICARE_TOTAL:
            return ()
        unit = self.unit_minutes
        certain = tuple(zip(self.minutes, self.shares.certain, strict=True))
        if not any(units > minutes // unit > 0 for (_, minutes), units in certain):
            return ()
        return tuple(
            code
            for position, ((code, minutes), units) in enumerate(certain)
            if units == 0 and minutes >= midpoint_floor(unit) and position not in self.shares.tied
        )

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The row of the policy and the rows of the timed codes; ``ignored`` names its own."""
        return (self.unit_policy.citation, *(rule.citation for rule in self.rules))

    @property
    def confidence(self) -> Confidence:
        """The weakest confidence of the citations; disputed where sources differ on such a pair."""
        known = [citation.confidence for citation in self.citations]
        known += [Confidence.DERIVED for rule in self.rules if rule.basis is not self.basis]
        known += [Confidence.DISPUTED for _ in self.outweighed]
        return weakest(known)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know besides: ignored codes, disputed pairs, the notes of the rows."""
        notes = [f"{code}: {why}" for code, why in self.ignored]
        notes += [
            f"{code} would earn a unit alone and gets none here: sources differ on such pairs"
            for code in self.outweighed
        ]
        for rule in self.rules:
            notes += rule_notes(rule, self.basis)
        notes += [citation.note for citation in self.citations if citation.note]
        return tuple(dict.fromkeys(notes))

    def explain(self) -> str:
        """The answer with its working, doubts and sources, for people to read."""
        lines = [f"{self.unit_policy.title}, {self.date_of_service}: {self}"]
        lines += [f"  {step}" for step in self.working]
        lines += [f"  confidence {doubt(self.confidence)}"]
        lines += [f"  note: {note}" for note in self.notes]
        lines += [f"  source: {citation}" for citation in self.citations]
        lines += [f"  edition {self.edition}"]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "policy": self.policy.value,
            "services": units_dict(self.services),
            "alternatives": [units_dict(each) for each in self.alternatives],
            "minutes": dict(self.minutes),
            "total_minutes": self.total_minutes,
            "ignored": [{"code": code, "why": why} for code, why in self.ignored],
            "basis": self.basis.value,
            "date_of_service": self.date_of_service.isoformat(),
            "edition": self.edition,
            "working": list(self.working),
            "reason": self.reason,
            "facts": [citation.fact for citation in self.citations],
            "sources": list(dict.fromkeys(key for citation in self.citations for key in citation.sources)),
            "confidence": self.confidence.value,
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        return " or ".join(spell(each) for each in (self.services, *self.alternatives))


def _services(
    codes: tuple[str, ...], minutes: tuple[tuple[str, int], ...], units: tuple[int, ...]
) -> tuple[ServiceUnits, ...]:
    """The codes that earned units, and each untimed one once, in the order given."""
    earned = {code: each for (code, _), each in zip(minutes, units, strict=True)}
    return tuple(ServiceUnits(code, earned.get(code, 1)) for code in codes if earned.get(code, 1))


def _shortfall(shared: Allocation) -> str:
    """Why the timed codes earn nothing."""
    if not shared.minutes:
        return "no timed code was given"
    needed = midpoint_floor(shared.unit_minutes)
    if shared.policy is UnitPolicy.MEDICARE_TOTAL:
        return f"{count(shared.total_minutes, 'minute')} in all of the {needed} that one unit needs"
    return f"no code has the {needed} minutes that one unit needs"


def _total_steps(shared: Allocation) -> list[str]:
    """The working of the total of the day."""
    owed = sum(shared.shares.first())
    if not owed:
        return [_shortfall(shared)]
    unit, total = shared.unit_minutes, shared.total_minutes
    named = ", ".join(f"{code} {minutes}" for code, minutes in shared.minutes)
    steps = [f"minutes: {named}; {total} in all earn {count(owed, 'unit')} of {unit} minutes"]
    for code, minutes in shared.minutes:
        whole, rest = divmod(minutes, unit)
        steps.append(f"{code}: {count(whole, 'whole unit')}, {count(rest, 'minute')} left")
    sure = [
        code
        for (code, minutes), units in zip(shared.minutes, shared.shares.certain, strict=True)
        if units > minutes // unit
    ]
    if sure:
        steps.append(f"{count(len(sure), 'unit')} for the most minutes left: {', '.join(sure)}")
    if shared.shares.to_share:
        tied = ", ".join(shared.minutes[position][0] for position in shared.shares.tied)
        steps.append(
            f"{count(shared.shares.to_share, 'unit')} for any of {tied}, which have equal minutes left: "
            "the choice is the clinician's"
        )
    return steps


def _code_steps(shared: Allocation) -> list[str]:
    """The working of each code alone."""
    if not shared.minutes:
        return [_shortfall(shared)]
    unit = shared.unit_minutes
    half = midpoint_floor(unit)
    steps = [f"each code alone, one unit from {half} minutes and one more for each further {unit}"]
    steps += [
        f"{code}: {count(minutes, 'minute')}, {count(units, 'unit')}"
        for (code, minutes), units in zip(shared.minutes, shared.shares.certain, strict=True)
    ]
    return steps


def allocate(
    minutes_by_code: Mapping[str, int],
    *,
    policy: UnitPolicy,
    date_of_service: dt.date,
    codeset: TimedCodeset,
    basis: Basis | None = None,
) -> Allocation:
    """The units of several unit codes of one day, one patient and one discipline, under a policy.

    ``MEDICARE_TOTAL``: the total of the minutes fixes the number of units; each code first gets its
    whole units, the rest go one each to the largest remainders. ``CPT_PER_CODE``: each code alone.

    :param minutes_by_code: whole completed minutes of each code; zero earns nothing. The minutes
        of untimed codes are ignored, and the answer says so; the codes are reported once.
    :param policy: whose way of counting; there is no default, since the answers differ.
    :param date_of_service: the day that chooses the rules.
    :param codeset: the edition that is asked.
    :param basis: whose rows say how the codes count; by default those of the policy's owner.
    :raises InvalidMinutes: not whole minutes of one day, for one code or for all together.
    :raises InvalidCode: one code is given twice, in two spellings.
    :raises NoTimeRule: a code has no time rule, or is timed in another way: use ``select`` for that one.
    :raises UnknownCode: a text is neither shaped as a code nor the id of a family.
    :raises DateOutsideEdition: the day lies after the edition's last day.
    :raises BrokenEdition: the edition does not hold the policy.

    A tie is the clinician's choice: ``services`` favours the codes given first, ``alternatives`` holds
    the others, and the order of the codes never changes the set of answers.

    Source: the fact rows in ``Allocation.citations``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import UnitPolicy, timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> each = timerule.allocate({"97110": 24, "97112": 23}, policy=UnitPolicy.CPT_PER_CODE,
    ...                          date_of_service=day, codeset=codeset)
    >>> each.services
    (ServiceUnits(code='97110', units=2), ServiceUnits(code='97112', units=2))
    >>> timerule.allocate({"90834": 45}, policy=UnitPolicy.MEDICARE_TOTAL, date_of_service=day, codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.NoTimeRule: 90834 is not counted in units of 15 minutes, so select it alone: '90834'...
    """
    asked = UnitPolicy(policy)
    by = _OWN_BASIS[asked] if basis is None else Basis(basis)
    unit_policy = tables_of(codeset).policies.get(asked)
    if unit_policy is None:
        raise BrokenEdition(f"edition {codeset.edition} holds no unit policy", given=asked.value)
    timed: dict[str, int] = {}
    ignored: dict[str, str] = {}
    rules: dict[Citation, TimeRule] = {}
    given: list[str] = []
    for text, minutes in minutes_by_code.items():
        check_minutes(minutes, of=text)
        rule = resolve(text, date_of_service, codeset, by)
        code = rule.code
        if code is None or (rule.is_timed and not _is_pooled(rule, unit_policy)):
            raise _use_select(text, rule, unit_policy)
        if code in given:
            raise InvalidCode("a code is given twice; add its minutes up first", given=code)
        given.append(code)
        if rule.is_timed:
            timed[code] = minutes
            rules[rule.citation] = rule
        else:
            row = rule.citation
            ignored[code] = f"has no minutes, so it stays outside the count ({row.fact}, {row.confidence})"
    total = sum(timed.values())
    if total > DAY:
        raise InvalidMinutes(
            "the codes together have more minutes than a day", given=total, expected=f"at most {DAY}"
        )
    count_units = medicare_total if asked is UnitPolicy.MEDICARE_TOTAL else per_code
    shares = count_units(tuple(timed.values()), unit_policy.unit_minutes)
    codes, pairs = tuple(given), tuple(timed.items())
    return Allocation(
        _services(codes, pairs, shares.first()),
        codes,
        pairs,
        tuple(ignored.items()),
        by,
        date_of_service,
        codeset.edition,
        unit_policy,
        tuple(rules.values()),
        shares,
    )


def _is_pooled(rule: TimeRule, policy: Policy) -> bool:
    """Whether the code counts in the policy's units: the same minutes, by the midpoint, without a limit."""
    return (
        rule.unit_minutes == policy.unit_minutes
        and rule.attainment is Attainment.MIDPOINT
        and rule.max_units is None
    )


def is_pooled(rule: TimeRule, *, policy: UnitPolicy, codeset: TimedCodeset) -> bool:
    """Whether ``allocate`` counts the code of a rule in the units of a policy; others are for ``select``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import UnitPolicy, timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> [timerule.is_pooled(timerule.timed_family(code, day, codeset), policy=UnitPolicy.MEDICARE_TOTAL,
    ...                     codeset=codeset) for code in ("97110", "96105", "90834")]
    [True, False, False]
    """
    unit_policy = tables_of(codeset).policies.get(policy)
    return (
        unit_policy is not None and rule.code is not None and rule.is_timed and _is_pooled(rule, unit_policy)
    )


def _use_select(text: str, rule: TimeRule, policy: Policy) -> CptkitError:
    if not rule.floors:
        return needs_code(rule)
    name = text.strip().upper()
    return NoTimeRule(
        f"{name} is not counted in units of {policy.unit_minutes} minutes, so select it alone",
        given=text,
        expected=f"codes of {policy.unit_minutes}-minute units, or timerule.select for {rule.id}",
    )
