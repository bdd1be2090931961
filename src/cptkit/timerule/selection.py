"""From minutes to services: which code of a family, how many units, how far to the next.

>>> import datetime as dt, cptkit
>>> from cptkit import timerule
>>> found = timerule.select("psychotherapy", minutes=47, date_of_service=dt.date(2026, 3, 2),
...                         codeset=cptkit.codeset("2026.1"))
>>> print(found)
90834
>>> print(found.longer)
6 more minutes would make it 90837
"""

import datetime as dt
from bisect import bisect_right
from decimal import Decimal
from typing import Any

import attrs

from cptkit.errors import InvalidMinutes
from cptkit.sources import Basis, Citation, Confidence, weakest
from cptkit.timerule.arithmetic import tenths_of_units
from cptkit.timerule.lookup import resolve
from cptkit.timerule.neighbour import Neighbour
from cptkit.timerule.notes import counted_days_note, doubt, rule_notes
from cptkit.timerule.rule import TimeRule, needs_code
from cptkit.timerule.values import (
    Kind,
    ServiceUnits,
    TimedCodeset,
    check_minutes,
    count,
    spell,
    units_dict,
)

__all__ = ["Selection", "select"]


@attrs.frozen(slots=True)
class Selection:
    """What the minutes support, by which rule, on whose authority.

    ``minutes`` (or ``days``), ``date_of_service``, ``basis`` and ``edition`` are what was asked, ``rule``
    what answered; everything else follows from them when it is read. In a notebook it shows itself as a
    picture. Made by ``select``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> found = timerule.select("90791", minutes=50, date_of_service=dt.date(2026, 3, 2),
    ...                         codeset=cptkit.codeset("2026.1"))
    >>> found.services, found.longer
    ((ServiceUnits(code='90791', units=1),), None)
    >>> found.minutes = 60
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    services: tuple[ServiceUnits, ...]
    alternatives: tuple[tuple[ServiceUnits, ...], ...]
    minutes: int | None
    days: int | None
    basis: Basis
    date_of_service: dt.date
    edition: str
    rule: TimeRule = attrs.field(repr=False)

    @property
    def family(self) -> str:
        """The id of the family that answered."""
        return self.rule.id

    @property
    def answered_by(self) -> Basis:
        """The basis of the row that answered: the code set's own, where Medicare has none."""
        return self.rule.basis

    @property
    def working(self) -> tuple[str, ...]:
        """The steps from the minutes to the services, one sentence each."""
        steps = [self.rule.method]
        if not self.rule.is_timed:
            return tuple(steps)
        if self.time_units is not None:
            unit = self.rule.unit_minutes
            steps.append(f"{count(self._amount, 'minute')} over {unit}: {self.time_units} time units")
        elif self.services:
            lie = "lies" if self._amount == 1 else "lie"
            steps.append(f"{self._passed} {lie} {self._band()}: {spell(self.services)}")
        else:
            steps.append(self.reason)
        if self.alternatives:
            others = " or ".join(spell(each) for each in self.alternatives)
            if self.is_settled:
                steps.append(f"equally right: {others}; the choice is the clinician's")
            else:
                steps.append(f"the other reading gives {others}; no source settles which one holds")
        return tuple(steps)

    @property
    def is_settled(self) -> bool:
        """False where no source says from which minute a code counts, and the readings differ here."""
        return self.rule.is_settled or not self.alternatives

    @property
    def time_units(self) -> Decimal | None:
        """Anaesthesia time units with one decimal, half up; None for everything else.

        They stand beside the code: its services are reported once, and these units are not its units.
        """
        if self.rule.kind is not Kind.ANAESTHESIA_UNITS or self.rule.unit_minutes is None:
            return None
        return tenths_of_units(self._amount, self.rule.unit_minutes)

    @property
    def shorter(self) -> Neighbour | None:
        """The next other answer for fewer minutes; None if there is none."""
        return self._neighbour(-1)

    @property
    def longer(self) -> Neighbour | None:
        """The next other answer for more minutes; None if there is none within a day."""
        return self._neighbour(1)

    @property
    def reason(self) -> str:
        """Why nothing is reportable; empty if something is."""
        if self.services:
            return ""
        if not self.rule.is_timed:
            return "time does not choose among these codes, so nothing follows from minutes"
        if self.rule.kind is Kind.ANAESTHESIA_UNITS and self.rule.code is None:
            return "time units alone: name the anaesthesia code"
        if self.alternatives:
            return f"{self._passed}, counted in whole minutes: nothing is reportable"
        index = self._index()
        longer = self.longer
        if index == 0 and longer is not None:
            needed = self._amount + longer.minutes_away
            first = next(each for each in (longer.services, *longer.alternatives) if each)
            return f"{self._passed} of the {needed} that {spell(first)} needs: nothing is reportable"
        last = self.rule.floors[index] - 1
        return f"{self._passed}, over the {last} that {self.rule.id} covers: nothing is reportable"

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The fact rows the answer and its neighbours rest on.

        A code on top of another brings its own row, if the answer or a neighbour has it.
        """
        shown = [*self.services, *(service for other in self.alternatives for service in other)]
        for near in (self.shorter, self.longer):
            if near is not None:
                shown += near.services
        codes = {service.code for service in shown}
        return (self.rule.citation, *(fact.citation for fact in self.rule.chain if fact.code in codes))

    @property
    def confidence(self) -> Confidence:
        """The weakest confidence of what the answer rests on; a neighbour's own row does not weaken it.

        At best derived where CPT answered for Medicare, and past the last minute that the sources name;
        disputed where the readings of a number that no source settles differ.
        """
        codes = {service.code for answer in (self.services, *self.alternatives) for service in answer}
        on_top = (fact.citation.confidence for fact in self.rule.chain if fact.code in codes)
        known = [self.rule.citation.confidence, *on_top]
        if self.basis is not self.answered_by:
            known.append(Confidence.DERIVED)
        if not self.is_settled:
            known.append(Confidence.DISPUTED)
        if self._is_past_the_end:
            known.append(Confidence.DERIVED)
        return weakest(known)

    @property
    def _is_past_the_end(self) -> bool:
        """Whether there are more minutes than the family covers."""
        return not self.services and not self.alternatives and self._index() > 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know besides: a borrowed basis, time that is optional, the notes of the rows."""
        own = [citation.note for citation in self.citations if citation.note]
        shown = {citation.fact for citation in self.citations}
        counted = [counted_days_note(fact) for fact in self.rule.chain if fact.citation.fact in shown]
        past = ["what is reported past the last minute was not read"] if self._is_past_the_end else []
        return tuple(dict.fromkeys((*past, *rule_notes(self.rule, self.basis), *filter(None, counted), *own)))

    def explain(self) -> str:
        """The answer with its working, neighbours, doubts and sources, for people to read."""
        lines = [f"{self.rule.title}, {self.date_of_service}, {self.basis}: {spell(self.services)}"]
        lines += [f"  {step}" for step in self.working]
        lines += [f"  {near}" for near in (self.longer, self.shorter) if near is not None]
        lines += [f"  confidence {doubt(self.confidence)}"]
        lines += [f"  note: {note}" for note in self.notes]
        lines += [f"  source: {citation}" for citation in self.citations]
        lines += [f"  edition {self.edition}"]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "services": units_dict(self.services),
            "alternatives": [units_dict(each) for each in self.alternatives],
            "is_settled": self.is_settled,
            "minutes": self.minutes,
            "days": self.days,
            "time_units": None if self.time_units is None else str(self.time_units),
            "family": self.family,
            "title": self.rule.title,
            "scope": self.rule.scope.value,
            "whose_time": self.rule.whose_time,
            "basis": self.basis.value,
            "answered_by": self.answered_by.value,
            "date_of_service": self.date_of_service.isoformat(),
            "edition": self.edition,
            "working": list(self.working),
            "neighbours": {
                name: None if near is None else near.to_dict()
                for name, near in (("shorter", self.shorter), ("longer", self.longer))
            },
            "reason": self.reason,
            "facts": [citation.fact for citation in self.citations],
            "sources": list(dict.fromkeys(key for citation in self.citations for key in citation.sources)),
            "confidence": self.confidence.value,
            "notes": list(self.notes),
        }

    def to_svg(self) -> str:
        """A picture: the bands, the thresholds and the session on a bar of time; readable without colour."""
        # drawn on request: most programs never want the picture
        from cptkit.timerule.pictures import time_bar

        doubted = "" if self.confidence is Confidence.VERIFIED else self.confidence.value
        title = f"{self.rule.title}, {self.date_of_service}, {self.basis}"
        return time_bar(self.rule, self._amount, title=title, doubt=doubted)

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def __str__(self) -> str:
        if self.time_units is not None:
            return ", ".join((*map(str, self.services), f"{self.time_units} time units"))
        return " or ".join(spell(each) for each in (self.services, *self.alternatives))

    @property
    def _amount(self) -> int:
        """The minutes, or the days: whatever the rule counts."""
        return (self.days if self.minutes is None else self.minutes) or 0

    @property
    def _passed(self) -> str:
        return count(self._amount, self.rule.counts.removesuffix("s"))

    def _index(self) -> int:
        return bisect_right(self.rule.floors, self._amount) - 1

    def _band(self) -> str:
        index = self._index()
        first, last = self.rule.floors[index], self.rule.last_minute(index)
        if last is None:
            return f"at {first} or more"
        return f"at {first}" if first == last else f"in {first} to {last}"

    def _neighbour(self, direction: int) -> Neighbour | None:
        rule, index = self.rule, self._index()
        present = rule.answers[index]
        other = index + direction
        unit = rule.counts.removesuffix("s")
        if not rule.is_settled and 0 <= other < len(rule.answers):
            services, *others = rule.answers[other]
            longer = direction > 0
            away = rule.floors[other] - self._amount if longer else self._amount - rule.floors[index] + 1
            return Neighbour(services, away, is_longer=longer, unit=unit, alternatives=tuple(others))
        while 0 <= other < len(rule.answers):
            for services in rule.answers[other]:
                if services not in present:
                    if direction > 0:
                        away = rule.floors[other] - self._amount
                        return Neighbour(services, away, is_longer=True, unit=unit)
                    away = self._amount - rule.floors[other + 1] + 1
                    return Neighbour(services, away, is_longer=False, unit=unit)
            other += direction
        return None


def select(
    code_or_family: str,
    *,
    minutes: int | None = None,
    days: int | None = None,
    date_of_service: dt.date,
    codeset: TimedCodeset,
    basis: Basis = Basis.CPT,
) -> Selection:
    """The services that the minutes of one family support on a day, with working and sources.

    :param code_or_family: any code of a family (``90834``, also ``90840``) or the id of one; case and
        blanks around it are forgiven. Naming a code asks for its family, so 30 minutes of ``90837``
        answer 90832; a code that counts alone (units of 15 minutes, untimed) answers for itself.
    :param minutes: whole completed minutes of what the rule's ``scope`` says: a session, a day (up to
        1,440), seven days (10,080), a month (44,640). Seconds of a started minute are dropped before. May
        be left out for codes that minutes do not choose.
    :param days: instead of minutes, for device codes: the days with data in the window of 30.
    :param date_of_service: the day that chooses the rule.
    :param codeset: the edition that is asked.
    :param basis: whose policy. Where Medicare has no row, the code set's own rule answers,
        ``answered_by`` and a note say so, and the confidence is at best derived.
    :raises InvalidMinutes: not whole minutes of the scope; minutes for a code that counts days, or days
        for one that counts minutes.
    :raises NoTimeRule: no rule on that day under that basis; a code that goes on top of several others;
        a family whose codes count one by one when none was named; a code without a time rule.
    :raises UnknownCode: the text is neither shaped as a code nor the id of a family.
    :raises DateOutsideEdition: the day lies after the edition's last day.

    Under the minimum ``services`` is empty and ``reason`` says why. Ties are in ``alternatives``.

    Source: the fact rows in ``Selection.citations``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> found = timerule.select("90839", minutes=110, date_of_service=day, codeset=codeset)
    >>> found.services
    (ServiceUnits(code='90839', units=1), ServiceUnits(code='90840', units=2))
    >>> timerule.select("psychotherapy", minutes=12, date_of_service=day, codeset=codeset).reason
    '12 minutes of the 16 that 90832 needs: nothing is reportable'
    >>> timerule.select("99417", minutes=80, date_of_service=day, codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.NoTimeRule: 99417 goes on top of several codes, so name the one it is reported with: '99417'...
    """
    asked = Basis(basis)
    rule = resolve(code_or_family, date_of_service, codeset, asked)
    if not rule.floors:
        raise needs_code(rule)
    amount = _amount(rule, minutes, days)
    answers = rule.answers[bisect_right(rule.floors, amount) - 1]
    return Selection(answers[0], answers[1:], minutes, days, asked, date_of_service, codeset.edition, rule)


def _amount(rule: TimeRule, minutes: int | None, days: int | None) -> int:
    """The minutes, or the days where the rule counts days; ``InvalidMinutes`` for anything else."""
    if minutes is None and days is None and not rule.is_timed:
        return 0
    given, other = (days, minutes) if rule.kind is Kind.DAY_COUNT else (minutes, days)
    if other is not None or given is None:
        raise InvalidMinutes(
            f"{rule.id} counts {rule.counts}",
            given=given if other is None else other,
            expected=f"{rule.counts}=... and nothing else",
        )
    return check_minutes(given, most=rule.most, counts=rule.counts)
