"""What a rule answers from on one date of service: the edition, the basis, and look-ups by code.

A context is made once per edition, day and basis and remembers what was looked up, so that a
million lines of one day cost one look-up a code.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache

from cptkit import timerule
from cptkit.codes import category_of
from cptkit.codesets import AddOn, CodeRecord, Codeset, Denial, Exclusion, ModifierRecord, Status
from cptkit.sources import Basis

__all__ = ["Context", "context_for", "most_units"]


class Context:
    """The facts of one day under one basis.

    ``later``: editions of the catalog for later years, which know codes that start in them.

    The methods are pure look-ups; each remembers its answers.
    """

    __slots__ = (
        "_addons",
        "_exclusions",
        "_families",
        "_heads",
        "_most",
        "_pairs",
        "_records",
        "_standing",
        "basis",
        "codeset",
        "day",
        "later",
    )

    def __init__(self, codeset: Codeset, day: dt.date, basis: Basis, later: tuple[Codeset, ...] = ()) -> None:
        self.codeset: Codeset = codeset
        self.later: tuple[Codeset, ...] = later
        self.day: dt.date = day
        self.basis: Basis = basis
        self._records: dict[str, CodeRecord | None] = {}
        self._standing: dict[str, Status | None] = {}
        self._addons: dict[str, AddOn | None] = {}
        self._families: dict[str, timerule.TimeRule | None] = {}
        self._heads: dict[tuple[str, str | None], frozenset[str]] = {}
        self._most: dict[tuple[str, str | None], Mapping[str, int]] = {}
        self._pairs: dict[tuple[str, str], tuple[Exclusion, ...]] = {}
        self._exclusions: tuple[Exclusion, ...] | None = None

    def record(self, code: str) -> CodeRecord | None:
        """The record of a code, or None when the edition does not cover it."""
        try:
            return self._records[code]
        except KeyError:
            found: CodeRecord | None = self.codeset.get(code)
            # free text must not fill the memory: only what has a code's shape is remembered
            if found is not None or category_of(code) is not None:
                self._records[code] = found
            return found

    def standing(self, code: str) -> Status | None:
        """The standing of a code on the day, or None when the edition does not cover it."""
        try:
            return self._standing[code]
        except KeyError:
            record = self.record(code)
            found = None if record is None else record.status(date_of_service=self.day)
            if found is not None:
                self._standing[code] = found
            return found

    def starts_later(self, code: str) -> tuple[Codeset, Status] | None:
        """For a code that the edition does not cover: the later edition in which it starts, if any."""
        for edition in self.later:
            if code in edition:
                status = edition.status(code, date_of_service=self.day)
                return (edition, status) if status.in_force is False else None
        return None

    def modifier_starts_later(self, modifier: str) -> Status | None:
        """For a modifier that is not on the list: its standing in the later edition in which it starts."""
        for edition in self.later:
            record = edition.find_modifier(modifier)
            if record is not None:
                status = record.status(date_of_service=self.day)
                return status if status.in_force is False else None
        return None

    def modifier(self, modifier: str) -> ModifierRecord | None:
        """The record of a modifier, or None when it is not on the list."""
        return self.codeset.find_modifier(modifier)

    def addon(self, code: str) -> AddOn | None:
        """The primaries of an add-on on the day, or None when it is none."""
        try:
            return self._addons[code]
        except KeyError:
            found = self.codeset.addon(code, date_of_service=self.day)
            if code in self._records:
                self._addons[code] = found
            return found

    def time_rule(self, code: str) -> timerule.TimeRule | None:
        """The time rule that answers for a code on the day, or None when there is none."""
        try:
            return self._families[code]
        except KeyError:
            # the name of a family of time rules is text on a claim line, not a code
            shaped = category_of(code) is not None
            found = timerule.timed_family(code, self.day, self.codeset, self.basis) if shaped else None
            if code in self._records:
                self._families[code] = found
            return found

    def has_time_rule(self, code: str) -> bool:
        """Whether any time rule of the day names the code, be it on top of several visits."""
        return self.time_rule(code) is not None or timerule.is_named(code, self.day, self.codeset, self.basis)

    def heads(self, rule: timerule.TimeRule) -> frozenset[str]:
        """The codes of a time rule that may stand alone; its other codes continue one of these."""
        key = (rule.id, rule.code)
        try:
            return self._heads[key]
        except KeyError:
            found = frozenset(answer[0].code for answers in rule.answers for answer in answers if answer)
            self._heads[key] = found
            return found

    def most_units(self, rule: timerule.TimeRule) -> Mapping[str, int]:
        """The most units of each code that any number of minutes of a day gives."""
        key = (rule.id, rule.code)
        try:
            return self._most[key]
        except KeyError:
            found = most_units(answer for answers in rule.answers for answer in answers)
            self._most[key] = found
            return found

    def exclusions(self, code: str, other: str) -> tuple[Exclusion, ...]:
        """The exclusions in force on the day that name the two codes, in either order."""
        pair = (code, other) if code <= other else (other, code)
        try:
            return self._pairs[pair]
        except KeyError:
            if self._exclusions is None:
                self._exclusions = self.codeset.exclusions(date_of_service=self.day)
            found = tuple(
                exclusion
                for exclusion in self._exclusions
                if (code in exclusion.codes and other in exclusion.excludes)
                or (other in exclusion.codes and code in exclusion.excludes)
            )
            if code in self._records and other in self._records:
                self._pairs[pair] = found
            return found

    def denial(self, check: str) -> Denial | None:
        """The likely denial codes of a kind of finding."""
        return self.codeset.denial(check)


@lru_cache(maxsize=1024)
def context_for(codeset: Codeset, day: dt.date, basis: Basis, later: tuple[Codeset, ...] = ()) -> Context:
    """The context of an edition, a day and a basis."""
    return Context(codeset, day, basis, later)


def most_units(answers: Iterable[tuple[timerule.ServiceUnits, ...]]) -> dict[str, int]:
    """The most units of each code in any of the answers."""
    most: dict[str, int] = {}
    for answer in answers:
        for service in answer:
            most[service.code] = max(most.get(service.code, 0), service.units)
    return most
