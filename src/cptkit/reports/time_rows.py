"""The dated rows of a family of time rules as a page shows them: under which basis, on which days."""

import datetime as dt
from collections.abc import Iterator, Sequence

import attrs

from cptkit.codesets import Codeset
from cptkit.dated import Span
from cptkit.sources import Basis, Citation, Confidence, weakest
from cptkit.timerule import ChainFact, Kind, Scope, ServiceUnits, TimeRule, family, timed_family
from cptkit.timerule.values import spell

__all__ = [
    "KINDS",
    "ONE_OF_THEM",
    "SCOPES",
    "Group",
    "Row",
    "codes_of",
    "first_on_top",
    "row_of",
    "rows_of",
    "spelled",
]

ONE_OF_THEM = "the code"
"""What a table says in place of a code where one rule holds for several codes, each counted alone."""

KINDS = {
    Kind.PICK_BY_BAND: "one code, by bands",
    Kind.PICK_BY_THRESHOLD: "one code, by first minutes",
    Kind.BASE_PLUS_EACH: "a base and its add-ons",
    Kind.THRESHOLD: "one code, from a minute on",
    Kind.PER_UNIT: "units of time",
    Kind.UNTIMED: "reported whatever the minutes",
    Kind.NOT_BY_TIME: "not chosen by time",
    Kind.DAY_COUNT: "by days with data",
    Kind.ANAESTHESIA_UNITS: "time units beside the code",
}

SCOPES = {
    Scope.SESSION: "a session",
    Scope.DAY: "a date of service",
    Scope.MONTH: "a calendar month",
    Scope.SEVEN_DAYS: "seven days",
    Scope.THIRTY_DAYS: "thirty days",
}


@attrs.frozen(slots=True)
class Group:
    """Codes that one rule treats alike; ``rule`` is that of the first, or of the family as a whole.

    ``codes`` is empty where one ladder picks among the codes of the family.
    """

    codes: tuple[str, ...]
    rule: TimeRule

    @property
    def asked(self) -> str:
        """What to ask ``timerule`` for: the first code, or the family."""
        return self.codes[0] if self.codes else self.rule.id


@attrs.frozen(slots=True)
class Row:
    """One row of a family, with the rule as each basis sees it and the groups of codes it holds for."""

    rules: tuple[tuple[Basis, TimeRule], ...]
    groups: tuple[Group, ...]
    day: dt.date

    @property
    def basis(self) -> Basis:
        """The first basis that the row answers for."""
        return self.rules[0][0]

    @property
    def rule(self) -> TimeRule:
        """The rule of the family as that basis sees it."""
        return self.rules[0][1]

    @property
    def days(self) -> Span:
        """The days on which the row answers for that basis."""
        return self.rule.days

    @property
    def starts(self) -> dt.date:
        """The first of those days."""
        return self.days.first or dt.date.min

    @property
    def without_minutes(self) -> tuple[str, ...]:
        """Codes of a pick that minutes do not choose."""
        if self.groups[0].codes or not self.rule.is_timed:
            return ()
        given = {each.code for answers in self.rule.answers for one in answers for each in one}
        tops = {fact.code for fact in self.rule.chain}
        return tuple(code for code in self.rule.codes if code not in given | tops)

    @property
    def chain(self) -> tuple[ChainFact, ...]:
        """What goes on top, without what no minutes give."""
        return tuple(fact for fact in self.rule.chain if first_on_top(self.rule, fact) is not None)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every fact that a number of the row rests on."""
        return (self.rule.citation, *(fact.citation for fact in self.rule.chain))

    def confidence(self, basis: Basis) -> Confidence:
        """The weakest confidence of the row, at best derived where it is borrowed for that basis."""
        known = [citation.confidence for citation in self.citations]
        borrowed = any(asked is basis and rule.basis is not basis for asked, rule in self.rules)
        return weakest([*known, Confidence.DERIVED] if borrowed else known)


def rows_of(family_id: str, codeset: Codeset) -> tuple[Row, ...]:
    """The rows of a family that answer on some day up to the edition's last, the newest first.

    A row that answers for both bases stands there once.
    """
    found: dict[str, dict[tuple[Basis, Span], TimeRule]] = {}
    starts = _starts(family_id, codeset)
    for basis in Basis:
        for day in starts:
            rule = timed_family(family_id, day, codeset, basis)
            if rule is not None:
                found.setdefault(rule.citation.fact, {})[basis, rule.days] = rule
    rows = [_row(rules, codeset) for rules in found.values()]
    return tuple(sorted(rows, key=lambda row: (-row.starts.toordinal(), row.basis)))


def row_of(rows: Sequence[Row], basis: Basis, day: dt.date) -> Row | None:
    """The row that answers for a basis on a day, or None."""
    for row in rows:
        if any(asked is basis and day in rule.days for asked, rule in row.rules):
            return row
    return None


def codes_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """The codes of a family in the order of its facts, then those that only stand on top of them."""
    listed = list(rows[0].rule.family.codes)
    named = [code for row in rows for code in row.rule.codes]
    return tuple(dict.fromkeys([*listed, *named]))


def first_on_top(rule: TimeRule, fact: ChainFact) -> int | None:
    """The first minute at which a code stands on top of the one it follows, as the bands have it."""
    for first, _, answers in rule.bands():
        for services in answers:
            if {fact.code, fact.after} <= {service.code for service in services}:
                return first
    return None


def spelled(services: Sequence[ServiceUnits], codes: Sequence[str]) -> str:
    """Services as a table has them: the codes themselves, or ``the code`` for any of several."""
    text = spell(services)
    return text.replace(codes[0], ONE_OF_THEM) if len(codes) > 1 else text


def _starts(family_id: str, codeset: Codeset) -> list[dt.date]:
    """The first days of a family's rows, as far as the edition answers."""
    raw = next(each for each in codeset.timerules["families"] if each["id"] == family_id)
    days = {dt.date.fromisoformat(row["from"]) for row in raw["rules"]}
    return sorted(day for day in days if day <= codeset.last_day)


def _row(rules: dict[tuple[Basis, Span], TimeRule], codeset: Codeset) -> Row:
    held = tuple((basis, rule) for (basis, _), rule in rules.items())
    basis, rule = held[0]
    day = _day_within(rule.days, codeset.last_day)
    return Row(held, tuple(_groups(rule, basis, day, codeset)), day)


def _day_within(days: Span, last_day: dt.date) -> dt.date:
    """A day for the examples: 2 March of the edition's year, or the last 2 March on which the row answers."""
    year = min(last_day, days.last or last_day).year
    for each in (year, year - 1):
        day = dt.date(each, 3, 2)
        if day in days:
            return day
    return days.first or last_day


def _groups(rule: TimeRule, basis: Basis, day: dt.date, codeset: Codeset) -> Iterator[Group]:
    """The codes that one rule treats alike; one group without codes where a ladder picks among them."""
    if rule.floors and rule.code is None and rule.kind is not Kind.ANAESTHESIA_UNITS:
        yield Group((), rule)
        return
    alike: dict[object, list[TimeRule]] = {}
    for code in (rule.code,) if rule.code else rule.codes:
        own = family(code, date_of_service=day, codeset=codeset, basis=basis)
        bands = [
            (
                first,
                tuple(tuple((each.code.replace(code, ""), each.units) for each in one) for one in answers),
            )
            for first, _, answers in own.bands()
        ]
        alike.setdefault((own.kind, tuple(bands)), []).append(own)
    for rules in alike.values():
        yield Group(tuple(each.code for each in rules if each.code), rules[0])
