"""The time rules of one edition, found by code or family, date of service and basis.

Rows are compiled on first use and kept with the codeset they came from, which never changes.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import attrs

from cptkit import codes
from cptkit.dated import Span, Timeline
from cptkit.errors import BrokenEdition, CptkitError, DateOutsideEdition, NoTimeRule, UnknownCode, nearest
from cptkit.sources import Basis, Citation
from cptkit.timerule.compiling import citation_of, compile_rule, own_codes, topping_codes
from cptkit.timerule.rule import Family, Row, TimeRule
from cptkit.timerule.values import Attainment, Scope, TimedCodeset, UnitPolicy

__all__ = ["Policy", "Principle", "Tables", "tables_of"]

Track = Timeline[TimeRule | None]


@attrs.frozen(slots=True)
class Policy:
    """A unit policy as an edition holds it."""

    id: UnitPolicy
    title: str
    unit_minutes: int
    attainment: Attainment
    disciplines: tuple[str, ...]
    citation: Citation

    @property
    def totals(self) -> bool:
        """Whether minutes of several codes are added before units are counted."""
        return self.id is UnitPolicy.MEDICARE_TOTAL


@attrs.frozen(slots=True)
class Principle:
    """A general rule of time that no single code owns: ``rule`` says it in our own words.

    >>> import cptkit
    >>> from cptkit import timerule
    >>> [each.id for each in timerule.principles(cptkit.codeset("2026.1"))][:2]
    ['across-midnight', 'closest-time']
    >>> Principle("across-midnight")
    Traceback (most recent call last):
    ...
    TypeError: Principle.__init__() missing 4 required positional arguments: ...
    """

    id: str
    title: str
    rule: str
    first_day: dt.date
    citation: Citation


class Tables:
    """The index of one codeset's time rules. Answers never change; compiled rules are kept."""

    def __init__(self, codeset: TimedCodeset) -> None:
        if not hasattr(codeset, "timerules"):
            raise TypeError(
                f"codeset is a cptkit.Codeset, as cptkit.codeset('2026.1') gives one, not {codeset!r}"
            )
        self.edition: str = codeset.edition
        self.last_day: dt.date = codeset.last_day
        self.families: dict[str, Family] = {}
        self.homes: dict[str, list[str]] = {}  # a code and the families it belongs to
        self.hung_on: dict[str, list[tuple[str, str]]] = {}  # a topping code, its base codes and families
        try:
            for raw in codeset.timerules["families"]:
                self._enter(_family(raw))
            self.policies: dict[UnitPolicy, Policy] = {
                UnitPolicy(raw["id"]): _policy(raw) for raw in codeset.timerules.get("policies", ())
            }
            self.principles: tuple[Principle, ...] = tuple(
                _principle(raw) for raw in codeset.timerules.get("principles", ())
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise BrokenEdition(
                f"the time rules of edition {self.edition} cannot be read: {problem!r}"
            ) from problem
        self._by_month: frozenset[str] = frozenset(
            code
            for code in (*self.homes, *self.hung_on)
            if any(self.families[each].scope is Scope.MONTH for each in self._families_of(code))
        )
        self._by_range = tuple(each for each in self.families.values() if each.ranges)
        self._names = {name.casefold(): name for name in (*self.families, *self.homes, *self.hung_on)}
        self._tracks: dict[tuple[str, Basis], Track] = {}
        self._rules: dict[tuple[str, str, Basis, str | None, Span], TimeRule | None] = {}

    def _enter(self, entered: Family) -> None:
        """Index a family under its id and its codes."""
        self.families[entered.id] = entered
        own = dict.fromkeys(
            code for row in entered.rows if _in_force(row) for code in own_codes(entered, row)
        )
        tops = dict.fromkeys(top for row in entered.rows if _in_force(row) for top in topping_codes(row))
        topping = {code for code, _ in tops} - set(own)
        for code in dict.fromkeys((*own, *entered.codes)):
            if code not in topping:
                self.homes.setdefault(code, []).append(entered.id)
        for code, after in tops:
            self.hung_on.setdefault(code, []).append((after, entered.id))

    def _families_of(self, code: str) -> set[str]:
        """The families that name a code, be it on top of another one."""
        return {*self.homes.get(code, ()), *(home for _, home in self.hung_on.get(code, ()))}

    def find(self, text: str, day: dt.date, basis: Basis) -> TimeRule | None:
        """The rule that answers, or None; ``why_not`` says why."""
        track = self._tracks.get((text, basis)) or self._lay(text, basis)
        return None if track is None or day > self.last_day else track.at(day)

    def name(self, text: str) -> str | None:
        """The family id or code that the text names, case and blanks around it forgiven."""
        return self._listed(text) or self._ranged(text.strip().casefold().upper())

    def _listed(self, text: str) -> str | None:
        if not isinstance(text, str):
            raise TypeError(f"a code or a family is text, not {type(text).__name__}: {text!r}")
        return self._names.get(text.strip().casefold())

    def _ranged(self, code: str) -> str | None:
        """The code, if it lies within the range of a family that is too large to list."""
        return code if codes.is_valid(code) and any(each.names(code) for each in self._by_range) else None

    def home(self, name: str) -> Family | None:
        """The one family that answers for a family id or a code; None if several could."""
        if name in self.families:
            return self.families[name]
        homes = set(self.homes.get(name) or (home for _, home in self.hung_on.get(name, ())))
        if not homes:
            return next(each for each in self._by_range if each.names(name))
        return self.families[homes.pop()] if len(homes) == 1 else None

    def is_by_month(self, code: str, among: Iterable[str], day: dt.date) -> bool:
        """Whether a row of the day names a code and sums its time over the month, in the families of some codes."""
        if day > self.last_day or self._listed(code) not in self._by_month:
            return False
        for name in map(self.name, among):
            home = None if name is None or name in self.families else self.home(name)
            if name and home and home.scope is Scope.MONTH and self._sums(home, name, code, day):
                return True
        return False

    def _sums(self, home: Family, name: str, code: str, day: dt.date) -> bool:
        """Whether a row of the day, under either basis, names both codes."""
        for basis in Basis:
            found = self._dated(home, basis).at(day)
            if found is not None and _in_force(found[1]):
                names = {*own_codes(home, found[1]), *(top for top, _ in topping_codes(found[1]))}
                if {name, code} <= names:
                    return True
        return False

    def _lay(self, text: str, basis: Basis) -> Track | None:
        """Compile the rules of a name under a basis; None if no one family answers for it."""
        name = self.name(text)
        home = None if name is None else self.home(name)
        if name is None or home is None:
            return None
        track = self._tracks.get((name, basis))
        if track is None:
            code = None if name in self.families else name
            rows = self._dated(home, basis)
            track = Timeline[TimeRule | None].of(
                (span.first, self._compiled(home, row, answering, code, span))
                for span, (answering, row) in rows.spans()
                if span.first is not None
            )
            self._tracks[name, basis] = track
        return track

    def _dated(self, home: Family, basis: Basis) -> Timeline[tuple[Basis, Row]]:
        """The rows that answer under a basis, by the day each starts."""
        try:
            return Timeline[tuple[Basis, Row]].of(_rows_for(home, basis))
        except (KeyError, TypeError, ValueError) as problem:
            raise BrokenEdition(
                f"the rows of {home.id} in edition {self.edition} cannot be read: {problem!r}"
            ) from problem

    def _compiled(
        self, home: Family, row: Row, basis: Basis, code: str | None, days: Span
    ) -> TimeRule | None:
        """The rule of a row; one object for all the codes that share its ladder."""
        rule = compile_rule(home, row, basis=basis, code=code, days=days)
        if rule is None:
            return None
        return self._rules.setdefault((home.id, row["from"], basis, rule.code, days), rule)

    def why_not(self, text: str, day: dt.date, basis: Basis) -> CptkitError:
        """The error that says why ``find`` found nothing."""
        where = f"`cptkit edition show {self.edition}`"
        name = self.name(text)
        if name is None:
            return self._unknown(text.strip(), where)
        if day > self.last_day:
            return DateOutsideEdition(
                f"edition {self.edition} answers up to {self.last_day}",
                given=day.isoformat(),
                expected="an edition of that year, or an earlier date of service",
            )
        if self.home(name) is None:
            return self._ambiguous(name, where, day, basis)
        if spans := self._spans(name, basis):
            return NoTimeRule(
                f"{name} has no time rule under {basis} on {day}",
                given=name,
                expected=f"a date of service {' or '.join(map(str, spans))}",
                where=where,
            )
        others = [other for other in Basis if self._spans(name, other)]
        return NoTimeRule(
            f"{name} has no time rule under {basis}",
            given=name,
            expected=f"basis {' or '.join(others)}, which has one" if others else None,
            where=where,
        )

    def _bases(self, name: str, day: dt.date, basis: Basis) -> list[str]:
        """The codes that a code goes on top of on a day under a basis."""
        bases = dict.fromkeys(after for after, _ in self.hung_on[name])
        rules = ((base, self.find(base, day, basis)) for base in bases)
        return [base for base, rule in rules if rule is not None and (base, name) in _tops(rule)]

    def _spans(self, name: str, basis: Basis) -> list[Span]:
        """The days on which a rule answers for the name."""
        track = self._lay(name, basis)
        return _joined(span for span, rule in track.spans() if rule is not None) if track else []

    def _unknown(self, text: str, where: str) -> CptkitError:
        known = tuple(dict.fromkeys((*self.homes, *self.hung_on)))
        if codes.is_valid(text):
            alike = [code for code in known if code[:3] == text[:3].upper()]
            return NoTimeRule(
                f"edition {self.edition} has no time rule for the code",
                given=text,
                near=nearest(text.upper(), alike or known),
                where=where,
            )
        return UnknownCode(
            f"neither a code nor a family of time rules of edition {self.edition}",
            given=text,
            expected="a code such as 90834 or the id of a family",
            near=nearest(text.casefold(), self.families) or nearest(text.upper(), known),
            where=where,
        )

    def _ambiguous(self, name: str, where: str, day: dt.date, basis: Basis) -> NoTimeRule:
        if name in self.homes:
            return NoTimeRule(
                f"{name} belongs to several families", given=name, near=self.homes[name], where=where
            )
        bases = self._bases(name, day, basis)
        if not bases:
            others = [other for other in Basis if self._bases(name, day, other)]
            return NoTimeRule(
                f"{name} goes on top of nothing under {basis} on {day}",
                given=name,
                expected=f"basis {' or '.join(others)}, under which it does" if others else None,
                where=where,
            )
        return NoTimeRule(
            f"{name} goes on top of several codes, so name the one it is reported with",
            given=name,
            expected="the code it is reported with",
            near=bases,
            where=where,
        )


def _tops(rule: TimeRule) -> set[tuple[str, str]]:
    """Each code that starts an answer, with each that stands on top of it."""
    answers = (answer for answers in rule.answers for answer in answers if answer)
    return {(answer[0].code, service.code) for answer in answers for service in answer[1:]}


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch made one."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].last and span.first and (span.first - joined[-1].last).days == 1:
            joined[-1] = Span(joined[-1].first, span.last)
        else:
            joined.append(span)
    return joined


def _in_force(row: Row) -> bool:
    return row.get("status") != "ended"


def _rows_for(home: Family, basis: Basis) -> Iterable[tuple[dt.date, tuple[Basis, Row]]]:
    """The rows that answer under a basis, with the basis each one answers under.

    Before Medicare's first row, and where it has none, the code set's own rows answer for Medicare.
    """
    own = [(dt.date.fromisoformat(row["from"]), (basis, row)) for row in home.rows if basis in row["basis"]]
    if basis is Basis.CPT:
        return own
    first = min((day for day, _ in own), default=dt.date.max)
    return [(day, row) for day, row in _rows_for(home, Basis.CPT) if day < first] + own


def _family(raw: Mapping[str, Any]) -> Family:
    return Family(
        id=raw["id"],
        title=raw["title"],
        codes=tuple(raw["codes"]),
        scope=Scope(raw["scope"]),
        scope_note=raw.get("scope_note", ""),
        whose_time=raw["whose_time"],
        optional=raw["optional"],
        pool=raw.get("pool", ""),
        performer=raw.get("performer", "clinician"),
        ranges=tuple((first, last) for first, last in raw.get("ranges", ())),
        rows=tuple(raw["rules"]),
    )


def _policy(raw: Mapping[str, Any]) -> Policy:
    return Policy(
        UnitPolicy(raw["id"]),
        raw["title"],
        raw["unit_minutes"],
        Attainment(raw["attainment"]),
        tuple(raw.get("disciplines", ())),
        citation_of(f"time/unit-policies/{raw['id']}", raw),
    )


def _principle(raw: Mapping[str, Any]) -> Principle:
    return Principle(
        raw["id"],
        raw["title"],
        raw["rule"],
        dt.date.fromisoformat(raw["from"]),
        citation_of(f"time/principles/{raw['id']}", raw),
    )


@lru_cache(maxsize=64)
def tables_of(codeset: TimedCodeset) -> Tables:
    """The time rules of a codeset, read once."""
    return Tables(codeset)
