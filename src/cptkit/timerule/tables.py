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
from cptkit.timerule.compiling import Family, Row, citation_of, compile_rule, own_codes, topping_codes
from cptkit.timerule.rule import TimeRule
from cptkit.timerule.values import TimedCodeset, UnitPolicy, check_day

__all__ = ["Policy", "Tables", "family", "is_named", "tables_of", "timed_family"]

Track = Timeline[TimeRule | None]


@attrs.frozen(slots=True)
class Policy:
    """A unit policy as an edition holds it."""

    id: UnitPolicy
    title: str
    unit_minutes: int
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
        except (KeyError, TypeError, ValueError) as problem:
            raise BrokenEdition(
                f"the time rules of edition {self.edition} cannot be read: {problem!r}"
            ) from problem
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

    def find(self, text: str, day: dt.date, basis: Basis) -> TimeRule | None:
        """The rule that answers, or None; ``why_not`` says why."""
        track = self._tracks.get((text, basis)) or self._lay(text, basis)
        return None if track is None or day > self.last_day else track.at(day)

    def name(self, text: str) -> str | None:
        """The family id or code that the text names, case and blanks around it forgiven."""
        if not isinstance(text, str):
            raise TypeError(f"a code or a family is text, not {type(text).__name__}: {text!r}")
        return self._names.get(text.strip().casefold())

    def home(self, name: str) -> Family | None:
        """The one family that answers for a family id or a code; None if several could."""
        if name in self.families:
            return self.families[name]
        homes = set(self.homes.get(name) or (home for _, home in self.hung_on[name]))
        return self.families[homes.pop()] if len(homes) == 1 else None

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
            return self._ambiguous(name, where)
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

    def _ambiguous(self, name: str, where: str) -> NoTimeRule:
        if name in self.homes:
            return NoTimeRule(
                f"{name} belongs to several families", given=name, near=self.homes[name], where=where
            )
        bases = dict.fromkeys(after for after, _ in self.hung_on[name])
        return NoTimeRule(
            f"{name} goes on top of several visits, so name the base visit instead",
            given=name,
            expected="the code it is reported with",
            near=bases,
            where=where,
        )


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
        scope=raw["scope"],
        scope_note=raw.get("scope_note", ""),
        whose_time=raw["whose_time"],
        optional=raw["optional"],
        rows=tuple(raw["rules"]),
    )


def _policy(raw: Mapping[str, Any]) -> Policy:
    return Policy(
        UnitPolicy(raw["id"]),
        raw["title"],
        raw["unit_minutes"],
        citation_of(f"time/unit-policies/{raw['id']}", raw),
    )


@lru_cache(maxsize=64)
def tables_of(codeset: TimedCodeset) -> Tables:
    """The time rules of a codeset, read once."""
    return Tables(codeset)


def resolve(text: str, day: dt.date, codeset: TimedCodeset, basis: Basis) -> TimeRule:
    """The rule that answers; the errors of ``family``."""
    tables = tables_of(codeset)
    check_day(day)
    found = tables.find(text, day, basis)
    if found is None:
        raise tables.why_not(text, day, basis)
    return found


def family(
    code_or_family: str, *, date_of_service: dt.date, codeset: TimedCodeset, basis: Basis = Basis.CPT
) -> TimeRule:
    """The time rule that answers for a code or a family on a day, with its thresholds and its source.

    :param code_or_family: a code of a family (``90834``) or the id of one (``psychotherapy``); case and
        blanks around it are forgiven.
    :param date_of_service: the day the rule is taken of.
    :param codeset: the edition that is asked.
    :param basis: whose policy. Where Medicare has no row, the code set's own rule answers and the
        rule's ``basis`` says so.
    :raises NoTimeRule: no rule on that day under that basis, a code that goes on top of several visits,
        or a well-formed code without a time rule.
    :raises UnknownCode: the text is neither shaped as a code nor the id of a family.
    :raises DateOutsideEdition: the day lies after the edition's last day.

    Source: the rule's ``citation`` and those of its ``chain``.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> rule = timerule.family("90837", date_of_service=day, codeset=codeset)
    >>> rule.codes, rule.scope, rule.band("90837")
    (('90832', '90834', '90837'), 'session', (53, None))
    >>> timerule.family("psychotherpy", date_of_service=day, codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownCode: neither a code nor a family of time rules of edition 2026.1: 'psychotherpy'...
    """
    return resolve(code_or_family, date_of_service, codeset, Basis(basis))


def is_named(code: str, date_of_service: dt.date, codeset: TimedCodeset, basis: Basis = Basis.CPT) -> bool:
    """Whether a time rule of the day names the code, also one that several visits may carry.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> [timerule.is_named(code, day, codeset) for code in ("90834", "99417", "99291")]
    [True, True, False]
    """
    tables = tables_of(codeset)
    if tables.find(code, check_day(date_of_service), basis) is not None:
        return True
    bases = [after for after, _ in tables.hung_on.get(code, ())]
    rules = [tables.find(after, date_of_service, basis) for after in bases]
    return any(rule is not None and code in rule.codes for rule in rules)


def timed_family(
    code: str, date_of_service: dt.date, codeset: TimedCodeset, basis: Basis = Basis.CPT
) -> TimeRule | None:
    """The same rule as ``family`` gives, or None where that would raise: for rules over many lines.

    :raises TypeError: the code is no text; InvalidDate, the date of service is no date.

    >>> import datetime as dt, cptkit
    >>> from cptkit import timerule
    >>> codeset, day = cptkit.codeset("2026.1"), dt.date(2026, 3, 2)
    >>> timerule.timed_family("90834", day, codeset).id
    'psychotherapy'
    >>> timerule.timed_family("00000", day, codeset) is None
    True
    >>> timerule.timed_family("90834", "2026-03-02", codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidDate: the date of service is not a date: '2026-03-02'; expected a datetime.date
    """
    return tables_of(codeset).find(code, check_day(date_of_service), basis)
