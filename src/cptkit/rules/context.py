"""What a rule answers from on one date of service: the edition, the basis, and look-ups by code.

A context is made once per edition, day and basis and remembers what was looked up, so that a
million lines of one day cost one look-up a code.
"""

import datetime as dt
from collections.abc import Callable, Hashable
from functools import lru_cache
from itertools import combinations
from threading import local
from typing import TYPE_CHECKING, Any, TypeVar

from cptkit import timerule
from cptkit.claims import Encounter
from cptkit.codes import category_of
from cptkit.codesets import AddOn, CodeRecord, Codeset, Convention, Denial, Exclusion, ModifierRecord, Status
from cptkit.rules.edits import EditsOfDay
from cptkit.rules.minutes import MinutesOfDay
from cptkit.setting import Setting
from cptkit.sources import Basis

if TYPE_CHECKING:
    from cptkit.edits import Edits

__all__ = ["Context", "Services", "context_for"]

Found = TypeVar("Found")

Services = dict[tuple[str, tuple[str, ...], str | None], int]
"""By code, modifiers and place: a set of rules as the bits of a number."""

_SHOWN = 9
_MOST_GROUPS = 4096  # of codes of an encounter, whose exclusions are remembered
_MOST_ANSWERS = 16_384  # of what is made of codes: about as many as there are codes


class _OfThread(local):
    """What a thread worked out for the encounter that it judges."""

    last: tuple[Encounter | None, dict[Callable[..., Any], Any]] = (None, {})


class Context:
    """The facts of one day under one basis.

    ``later``: editions of the catalog for later years, which know codes that start in them. ``edits``:
    its edit tables. ``minutes``: what minutes earn by its time rules. ``totals_minutes``: minutes of unit codes are totalled over the day. The methods are
    pure look-ups; each remembers its answers.
    """

    __slots__ = (
        "_addons",
        "_among",
        "_conventions",
        "_excluding",
        "_exclusions",
        "_families",
        "_kept",
        "_named",
        "_of_thread",
        "_others",
        "_pairs",
        "_principles",
        "_records",
        "_services",
        "_spelled",
        "_standing",
        "_stated",
        "basis",
        "codeset",
        "day",
        "edits",
        "later",
        "minutes",
        "named",
        "totals_minutes",
    )

    def __init__(
        self,
        codeset: Codeset,
        day: dt.date,
        basis: Basis,
        later: tuple[Codeset, ...] = (),
        tables: "Edits | None" = None,
    ) -> None:
        self.codeset: Codeset = codeset
        self.later: tuple[Codeset, ...] = later
        self.day: dt.date = day
        self.basis: Basis = basis
        self.totals_minutes: bool = basis is Basis.MEDICARE
        self.edits: EditsOfDay = EditsOfDay(tables, day)
        self.minutes: MinutesOfDay = MinutesOfDay()
        self._records: dict[str, CodeRecord | None] = {}
        self._standing: dict[str, Status | None] = {}
        self._addons: dict[str, AddOn | None] = {}
        self._families: dict[str, timerule.TimeRule | None] = {}
        self._others: dict[str, timerule.TimeRule | None] = {}
        self._named: dict[str, bool] = {}
        self._spelled: dict[frozenset[str], str] = {}
        self._principles: dict[str, timerule.Principle | None] = {}
        self._pairs: dict[tuple[str, str], tuple[Exclusion, ...]] = {}
        self._conventions: dict[str, Convention | None] = {}
        self._exclusions: tuple[Exclusion, ...] | None = None
        self._excluding: frozenset[str] | None = None
        self._among: dict[tuple[str, ...], tuple[tuple[str, str, Exclusion], ...]] = {}
        self._stated: dict[str, Status] = {}
        self._kept: dict[tuple[Callable[..., Any], tuple[Hashable, ...]], Any] = {}
        self.named: dict[str | tuple[str, ...], Any] = {}  # what modifiers.py looks up
        self._of_thread: _OfThread = _OfThread()
        self._services: dict[tuple[Hashable, Setting], Services] = {}

    def services(self, run: Hashable, setting: Setting) -> Services:
        """Of services, what a run of rules found that they concern, as it wrote it there."""
        try:
            return self._services[run, setting]
        except KeyError:
            found = self._services[run, setting] = {}
            return found

    def once(self, work: Callable[[Encounter, "Context"], Found], encounter: Encounter) -> Found:
        """What a function makes of an encounter, worked out once for all the rules that ask.

        Of the last encounter of a thread only: the next one takes its place. So what rules are given is the same
        object for all of them, whatever other threads ask meanwhile.
        """
        last, worked = self._of_thread.last
        if last is not encounter:
            worked = {}
            self._of_thread.last = encounter, worked
        try:
            found: Found = worked[work]
        except KeyError:
            found = worked[work] = work(encounter, self)
        return found

    def kept(self, work: Callable[..., Found], *asked: Hashable) -> Found:
        """What a function makes of codes, settings and the like on the day, remembered for all encounters.

        It is called with the context behind what is asked.
        """
        key = (work, asked)
        try:
            found: Found = self._kept[key]
        except KeyError:
            found = work(*asked, self)
            if len(self._kept) >= _MOST_ANSWERS:
                self._kept.clear()
            self._kept[key] = found
        return found

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

    def modifier_standing(self, modifier: str) -> Status | None:
        """The standing of a modifier on the day; where it is not on the list, in the edition in which it starts."""
        try:
            return self._stated[modifier]
        except KeyError:
            record = self.codeset.find_modifier(modifier)
            if record is None:
                return self.modifier_starts_later(modifier)
            found = record.status(date_of_service=self.day)
            if modifier == record.code:  # other spellings are free text, which must not fill the memory
                self._stated[modifier] = found
            return found

    def modifier(self, modifier: str) -> ModifierRecord | None:
        """The record of a modifier, or None when it is not on the list."""
        return self.codeset.find_modifier(modifier)

    def addon(self, code: str) -> AddOn | None:
        """The primaries of an add-on on the day, or None when it is none."""
        try:
            return self._addons[code]
        except KeyError:
            found = self.codeset.addon(code, date_of_service=self.day)
            if self.record(code) is not None:
                self._addons[code] = found
            return found

    def time_rule(self, code: str) -> timerule.TimeRule | None:
        """The time rule that answers for a code on the day, or None when there is none."""
        try:
            return self._families[code]
        except KeyError:
            return self._look_up(code, self.basis, self._families)

    def other_time_rule(self, code: str) -> timerule.TimeRule | None:
        """The time rule that would answer for a code on the day under the other basis."""
        try:
            return self._others[code]
        except KeyError:
            return self._look_up(code, self.other_basis, self._others)

    @property
    def other_basis(self) -> Basis:
        """The basis that does not judge here."""
        return Basis.CPT if self.basis is Basis.MEDICARE else Basis.MEDICARE

    def _look_up(
        self, code: str, basis: Basis, kept: dict[str, timerule.TimeRule | None]
    ) -> timerule.TimeRule | None:
        # the name of a family of time rules is text on a claim line, not a code
        if category_of(code) is None:
            return None
        found = kept[code] = timerule.timed_family(code, self.day, self.codeset, basis)
        return found

    def has_time_rule(self, code: str) -> bool:
        """Whether any time rule of the day names the code, be it on top of several visits."""
        try:
            return self._named[code]
        except KeyError:
            if category_of(code) is None:
                return False
            found = self._named[code] = timerule.is_named(code, self.day, self.codeset, self.basis)
            return found

    def principle(self, name: str) -> timerule.Principle | None:
        """A general rule of time by its id, where the edition has it and it holds on the day."""
        try:
            return self._principles[name]
        except KeyError:
            held = timerule.principles(self.codeset)
            found = next((each for each in held if each.id == name and each.first_day <= self.day), None)
            self._principles[name] = found
            return found

    def spelled(self, codes: frozenset[str]) -> str:
        """Codes by name, or by family where they are many."""
        try:
            return self._spelled[codes]
        except KeyError:
            found = self._spell(codes)
            self._spelled[codes] = found
            return found

    def _spell(self, codes: frozenset[str]) -> str:
        ordered = sorted(codes)
        if len(ordered) <= _SHOWN:
            return ", ".join(ordered)
        records = (self.record(code) for code in ordered)
        families = sorted({record.family for record in records if record is not None and record.family})
        if not families or len(families) > _SHOWN:
            return f"{', '.join(ordered[:_SHOWN])} and {len(ordered) - _SHOWN} more"
        return f"{len(ordered)} codes: {', '.join(families)}; such as {ordered[0]}"

    def exclusions(self, code: str, other: str) -> tuple[Exclusion, ...]:
        """The exclusions in force on the day that name the two codes, in either order."""
        pair = (code, other) if code <= other else (other, code)
        try:
            return self._pairs[pair]
        except KeyError:
            found = tuple(
                exclusion
                for exclusion in self._of_day()
                if (code in exclusion.codes and other in exclusion.excludes)
                or (other in exclusion.codes and code in exclusion.excludes)
            )
            if code in self._records and other in self._records:
                self._pairs[pair] = found
            return found

    def convention(self, name: str) -> Convention | None:
        """A general fact that rules rest on, as it stands on the day, or None where none is on record."""
        try:
            return self._conventions[name]
        except KeyError:
            found = self.codeset.convention(name, date_of_service=self.day)
            if found is not None:  # a name may hold the text of a table
                self._conventions[name] = found
            return found

    def _of_day(self) -> tuple[Exclusion, ...]:
        if self._exclusions is None:
            self._exclusions = self.codeset.exclusions(date_of_service=self.day)
        return self._exclusions

    def is_excluding(self, code: str) -> bool:
        """Whether an exclusion of the day names a code."""
        if self._excluding is None:
            self._excluding = frozenset[str]().union(
                *((*each.codes, *each.excludes) for each in self._of_day())
            )
        return code in self._excluding

    def exclusions_among(self, codes: tuple[str, ...]) -> tuple[tuple[str, str, Exclusion], ...]:
        """Each two of several different codes that an exclusion in force on the day names, with it."""
        try:
            return self._among[codes]
        except KeyError:
            found = tuple(
                (one, other, exclusion)
                for one, other in combinations(filter(self.is_excluding, codes), 2)
                for exclusion in self.exclusions(one, other)
            )
            if len(self._among) < _MOST_GROUPS and all(code in self._records for code in codes):
                self._among[codes] = found
            return found

    def denial(self, check: str) -> Denial | None:
        """The likely denial codes of a kind of finding."""
        return self.codeset.denial(check)


@lru_cache(maxsize=1024)
def context_for(
    codeset: Codeset,
    day: dt.date,
    basis: Basis,
    later: tuple[Codeset, ...] = (),
    tables: "Edits | None" = None,
) -> Context:
    """The context of an edition, a day and a basis, and of edit tables where there are some."""
    return Context(codeset, day, basis, later, tables)
