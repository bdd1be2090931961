"""Cases of a rule as data, and what must hold of each of them.

A file, ``ADD301.toml``, holds what one rule finds, one ``[[case]]`` each. ``rule`` at its head names the
rule where the name of the file cannot: ``rule = "acme:ABC101"``.

A case has ``id``, ``why`` (own words), ``date`` or ``dates`` (the case holds on each of them) and
``lines`` (``code``; and ``modifiers``, ``units``, ``minutes``, ``start``, ``stop``, ``provider``, ``date``,
``id`` where they matter: by default a line has the date of the case and its place as id). What is
expected stands in ``findings``, ``bypassed`` and ``not_checked``, in the order of the report; what is not
there must not be there. An expected entry has ``says`` (words the message must hold) and, where they
differ from the default, ``lines`` (``["1"]``), ``severity`` (``error``), ``rule`` (the file's) and ``fixes``
(``kind line value``; not compared where absent).

Only the file's rule is run. ``basis`` is ``cpt`` unless it says otherwise; with ``profile``, the id of a bundled
one, that decides; conventions by name in its place (``{ "units-a-day/97153" = "32 for 97153" }``) are a profile
of the case, beside ``basis``. The bundled editions judge; with ``edition`` that one judges, whatever the year, as its history reaches back further; ``synthetic`` is
that of ``cptkit.testing.synthetic_codeset`` for the year of the case.

``setting`` is ``practitioner`` by default; ``filed``: how many days after its day the claim is filed. ``tables``
are edit tables for the quarter of the day, or its year: ``ptp``, ``mue``, ``aoc``, ``pfs`` and ``telehealth``, of
rows as in ``cptkit.testing.edit_tables``. What a case does not name is not there.

``history`` are lines of other claims of the patient, as ``lines`` are, with ``days_before`` (of the case's day; below
zero after it), ``claim`` (``H-1``) and ``group``, the billing provider; that of the case's claim is ``group``. The
history is complete for the last ``complete_days``; without them nobody says. Without ``history`` none is given.

``example = true`` chooses the case for the page of a bundled rule; else the smallest fitting one stands there.
A cure may make another rule fail: ``fails_next`` says which (``{ "drop-line 1" = ["ADD301 2"] }``).
"""

import copy
import datetime as dt
import tempfile
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from cptkit.claims import Claim, Line
from cptkit.codesets import Catalog, Codeset, codeset
from cptkit.edits import Edits, Quarter, attach
from cptkit.history import History
from cptkit.rules import Finding, Fix, FixKind, NotChecked, Outcome, Report, Severity, apply_fix, check, rule
from cptkit.setting import Setting
from cptkit.sources import Basis
from cptkit.testing.case_profiles import case_profile
from cptkit.testing.edit_tables import write_edit_tables
from cptkit.testing.synthetic import synthetic_codeset

__all__ = ["Case", "Expected", "lacking", "problems", "read_cases"]

_OUTCOMES = ("findings", "bypassed", "not_checked")
_LINE_KEYS = {*attrs.fields_dict(Line), "provider", "date"}
_PAST_KEYS = {"days_before": 0, "claim": "H-1", "group": ""}


@attrs.frozen(kw_only=True)
class Expected:
    """An entry of a report as a case describes it.

    >>> Expected(says=["50 minutes"], rule="TIM402").lines
    ('1',)
    >>> Expected(rule="TIM402")
    Traceback (most recent call last):
    ...
    TypeError: Expected.__init__() missing 1 required keyword-only argument: 'says'
    """

    says: tuple[str, ...] = attrs.field(converter=tuple[str, ...])
    rule: str
    lines: tuple[str, ...] = attrs.field(default=("1",), converter=tuple[str, ...])
    severity: Severity = attrs.field(default=Severity.ERROR, converter=Severity)
    fixes: tuple[str, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(tuple[str, ...])
    )


@attrs.frozen(kw_only=True)
class Case:
    """One claim on one day, and what is expected of it. Its text names rule, case and day.

    >>> day = dt.date(2026, 3, 2)
    >>> case = Case(rule="COD103", id="none", why="No units.", day=day, lines=[{"code": "90834", "units": 0}])
    >>> print(case, case.check().findings[0].rule)
    COD103-none-2026-03-02 COD103
    >>> Case(rule="COD103", id="none", why="No units.", day=day, lines=[{"units": 0}]).claim
    Traceback (most recent call last):
    ...
    ValueError: a line has no key 'code'; the keys are charge, code, date, date_of_service, id, minutes...
    """

    rule: str
    id: str
    why: str
    day: dt.date
    lines: tuple[Mapping[str, Any], ...] = attrs.field(converter=tuple[Mapping[str, Any], ...])
    basis: Basis = attrs.field(default=Basis.CPT, converter=Basis)
    edition: str | None = None
    setting: Setting = attrs.field(default=Setting.PRACTITIONER, converter=Setting)
    tables: Mapping[str, Iterable[str]] | None = None
    history: Iterable[Mapping[str, Any]] | None = None
    complete_days: int | None = None
    group: str = ""
    filed: int | None = None
    profile: str | Mapping[str, str | Mapping[str, Any]] | None = None
    findings: tuple[Expected, ...] = ()
    bypassed: tuple[Expected, ...] = ()
    not_checked: tuple[Expected, ...] = ()
    example: bool = False
    fails_next: Mapping[str, Iterable[str]] = attrs.field(factory=dict[str, Iterable[str]])

    def __str__(self) -> str:
        return f"{self.rule}-{self.id}-{self.day}"

    @property
    def catalog(self) -> Catalog:
        """What the case is judged by."""
        tables = None if self.tables is None else _tables(self._headed(self.tables))
        if self.edition is None:
            return Catalog.bundled(tables=tables)
        named = self.edition != "synthetic"
        edition = for_all_days(codeset(self.edition)) if named else synthetic_codeset(self.day.year)
        return Catalog((edition,), tables)

    def _headed(self, tables: Mapping[str, Iterable[str]]) -> "tuple[tuple[str, tuple[str, ...]], ...]":
        headings = {"ptp": f"ptp {self.setting}", "mue": f"mue {self.setting}"}
        quarter, year = Quarter.of(self.day), {"telehealth": self.day.year}
        return tuple(
            (f"{headings.get(name, name)} {year.get(name, quarter)}", tuple(rows))
            for name, rows in tables.items()
        )

    @property
    def claim(self) -> Claim:
        """The claim that is judged."""
        return self._claim(self.id, self.group, [_line(each, self.day) for each in self.lines])

    def _claim(self, name: str, group: str, lines: list[Line]) -> Claim:
        patient = "" if self.history is None else "P"
        filed = None if self.filed is None else self.day + dt.timedelta(self.filed)
        made = Claim(lines, id=name, setting=self.setting, patient=patient, billing_provider=group)
        return attrs.evolve(made, filed=filed)

    @property
    def past(self) -> History | None:
        """The other claims of the patient; None where the case names none."""
        if self.history is None:
            return None
        claims: dict[tuple[str, str], list[Line]] = {}
        for given in self.history:
            _keyed(given, "a line of the history", _LINE_KEYS | _PAST_KEYS.keys(), ("code",))
            values: dict[str, Any] = {**_PAST_KEYS, **given}
            day = self.day - dt.timedelta(values.pop("days_before"))
            key = (values.pop("claim"), values.pop("group"))
            claims.setdefault(key, []).append(_line(values, day))
        since = None if self.complete_days is None else self.day - dt.timedelta(self.complete_days)
        return History([self._claim(*key, lines) for key, lines in claims.items()], since=since)

    def check(self, claim: Claim | None = None, **selection: Any) -> Report:
        """The report on the claim, or on another in its place; by every rule unless a selection is given."""
        options: dict[str, Any] = {"history": self.past, "basis": self.basis, **selection}
        if self.profile is not None:
            own = None if isinstance(self.profile, str) else case_profile(self.profile, self.basis)
            options |= {"profile": own or self.profile, "basis": None}
        return check(claim or self.claim, self.catalog, **options)


def read_cases(path: Path | str) -> tuple[Case, ...]:
    r"""The cases of a file, one for each of their dates.

    :raises OSError: when the file cannot be read.
    :raises ValueError: when it is not TOML, or a key or value is unknown or lacking; it names file, case and keys.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "COD103.toml")
    ...     case = '[[case]]\nid = "none"\nwhy = "No units."\ndate = 2026-03-02\nlines = []\n'
    ...     _ = file.write_text(case)
    ...     print(*read_cases(file))
    ...     _ = file.write_text(case + "finding = []")
    ...     read_cases(file)
    Traceback (most recent call last):
    ...
    ValueError: COD103.toml: case none: a case has the key 'finding'; the keys are basis, bypassed, ...
    """
    file = Path(path)
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        _keyed(told, "the file", {"rule", "case"})
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from error
    rule_id = told.get("rule", file.stem)
    found: list[Case] = []
    cases = told.get("case", [])
    for place, table in enumerate(cases if isinstance(cases, list) else [cases], start=1):
        name = table.get("id", "without id") if isinstance(table, dict) else place
        try:
            found += _cases(rule_id, table)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{file.name}: case {name}: {error}") from error
    return tuple(found)


def _keyed(given: Any, what: str, known: Collection[str], needed: Iterable[str] = ()) -> None:
    """Refuse a table of a file with a key that is not known, or without one that is needed."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{what} is a table of keys and values, not {given!r}")
    wrong = [f"the key {key!r}" for key in given if key not in known]
    wrong += [f"no key {key!r}" for key in needed if key not in given]
    if wrong:
        raise ValueError(f"{what} has {' and '.join(wrong)}; the keys are {', '.join(sorted(known))}")


def _cases(rule_id: str, given: Any) -> Iterator[Case]:
    known = {*attrs.fields_dict(Case), "date", "dates"} - {"rule", "day"}
    needed = ["id", "why", "lines"]
    if not (isinstance(given, dict) and "dates" in given):
        needed.append("date")
    _keyed(given, "a case", known, needed)
    values = dict(given)
    days = values.pop("dates") if "dates" in values else [values.pop("date")]
    if not days:
        raise ValueError("a case has no day in dates")
    for key in _OUTCOMES:
        values[key] = tuple(_expected(rule_id, key, entry) for entry in values.get(key, ()))
    for day in days:
        case = Case(rule=rule_id, day=day, **values)
        _ = case.claim, case.past  # their lines are read here, where the file is known
        yield case


def _expected(rule_id: str, part: str, given: Any) -> Expected:
    _keyed(given, f"an entry of {part}", attrs.fields_dict(Expected), ("says",))
    return Expected(**{"rule": rule_id, **given})


def problems(case: Case) -> tuple[str, ...]:
    """What is wrong with a rule, or with its case; empty when all holds.

    The report says what the case says. Of each finding: it names rule, claim and edition; it has a likely denial unless it is a review,
    which may have one; it shows a way out. Of each fix: applied, it takes its finding away, and no
    line fails that did not, except by ``fails_next``.

    >>> day = dt.date(2026, 3, 2)
    >>> problems(Case(rule="COD103", id="one", why="One unit.", day=day, lines=[{"code": "90834", "minutes": 40}]))
    ()
    >>> problems(Case(rule="COD103", id="none", why="No units.", day=day, lines=[{"code": "90834", "units": 0}]))
    ('findings: the report has COD103 1, the case has nothing', 'clean is False')
    """
    report = case.check(select=[case.rule])
    return (*_unlike(case, report), *_unsaid(case, report), *_uncured(case))


def _unlike(case: Case, report: Report) -> Iterator[str]:
    """What the report says otherwise than the case."""
    for part in _OUTCOMES:
        entries: tuple[Finding | NotChecked, ...] = getattr(report, part)
        expected: tuple[Expected, ...] = getattr(case, part)
        has, wanted = _names(entries), _names(expected)
        if has != wanted:
            yield f"{part}: the report has {has or 'nothing'}, the case has {wanted or 'nothing'}"
            continue
        for entry, each in zip(entries, expected, strict=True):
            yield from (f"{part}: {wrong}" for wrong in _differences(entry, each))
    if report.clean is not (not case.findings and not case.not_checked):
        yield f"clean is {report.clean}"


def _differences(entry: Finding | NotChecked, expected: Expected) -> Iterator[str]:
    text = entry.message if isinstance(entry, Finding) else entry.reason
    missing = [words for words in expected.says if words not in text]
    if missing:
        yield f"{', '.join(map(repr, missing))} is not in {text!r}"
    if isinstance(entry, Finding):
        if entry.severity is not expected.severity:
            yield f"severity {entry.severity}, not {expected.severity}: {text!r}"
        fixes = tuple(map(_asked, entry.fixes))
        if expected.fixes is not None and fixes != expected.fixes:
            yield f"the fixes are {fixes}, not {expected.fixes}"


def _unsaid(case: Case, report: Report) -> Iterator[str]:
    """What a finding must say of what it rests on, and does not."""
    editions = {pin.name for pin in report.pins}
    for finding in (*report.findings, *report.bypassed):
        lines = f"{finding.rule} {' '.join(finding.lines)}"
        if (finding.rule, finding.claim) != (case.rule, case.id) or finding.edition not in editions:
            yield f"{lines}: names rule {finding.rule}, claim {finding.claim}, edition {finding.edition}"
        if finding.outcome is Outcome.BYPASSED:
            if finding.denial is not None or finding.fixes:
                yield f"{lines}: what is bypassed has no denial and no fix"
            continue
        if finding.denial is None and finding.severity is not Severity.REVIEW:
            yield f"{lines}: no likely denial"
        if not finding.fixes:
            yield f"{lines}: no way out is shown"
        if {fix.line for fix in finding.fixes} - set(finding.lines):
            yield f"{lines}: a fix is for a line of another finding"
        if not all(fix.text for fix in finding.fixes):
            yield f"{lines}: a fix says nothing"


def _uncured(case: Case) -> Iterator[str]:
    before = case.check()
    for finding in before.findings:
        for fix in finding.fixes:
            fixed = apply_fix(case.claim, fix)
            if fix.kind is FixKind.ASK:
                if fixed != case.claim:
                    yield f"{_asked(fix)} changes the claim"
                continue
            after = case.check(fixed)
            if _like(finding, after) >= _like(finding, before):
                yield f"{_asked(fix)} leaves: {finding.message}"
            new = sorted(_failing(after) - _failing(before))
            if new != sorted(case.fails_next.get(_asked(fix), ())):
                yield f"{_asked(fix)} for {finding.rule} makes fail: {', '.join(new) or 'nothing'}"


def _like(finding: Finding, report: Report) -> int:
    alike = (each.rule == finding.rule and each.lines == finding.lines for each in report.findings)
    return sum(alike)


def _failing(report: Report) -> set[str]:
    """What failed, line by line; a review asks, and nothing fails by it."""
    wrong = (finding for finding in report.findings if finding.severity is not Severity.REVIEW)
    return {f"{finding.rule} {line}" for finding in wrong for line in finding.lines}


def _names(entries: Iterable[Finding | NotChecked | Expected]) -> str:
    return ", ".join(" ".join((entry.rule, *entry.lines)) for entry in entries)


def _asked(fix: Fix) -> str:
    return " ".join(str(part) for part in (fix.kind.value, fix.line, fix.value) if part is not None)


def lacking(cases: Iterable[Case], rule_id: str) -> tuple[str, ...]:
    """What the cases of a rule do not show: each outcome that its page names, flagged and clean at least.

    :raises UnknownRule: when there is no such rule.

    >>> lacking([], "COD103")
    ('no flagged case', 'no clean case', 'no case on a day that no edition holds')
    >>> lacking([], "COD104x")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownRule: no such rule: 'COD104x'; expected a rule id or name...
    """
    return tuple(_lacking([case for case in cases if case.rule == rule_id], rule(rule_id).doc))


def _lacking(own: list[Case], doc: str) -> Iterator[str]:
    unjudged = [entry for case in own for entry in case.not_checked]
    shown = {
        "flagged": any(case.findings for case in own),
        "clean": any(not (case.findings or case.bypassed or case.not_checked) for case in own),
        "bypassed": any(case.bypassed for case in own),
        "not checked": any(entry.rule != "ALL" for entry in unjudged),
    }
    for outcome in ("flagged", "clean"):
        if not shown[outcome]:
            yield f"no {outcome} case"
    for outcome in ("bypassed", "not checked"):
        if shown[outcome] is not (f"**{outcome.capitalize()}**" in doc):
            yield f"{outcome}: {'not on the page' if shown[outcome] else 'only the page names it'}"
    if not any(entry.rule == "ALL" for entry in unjudged):
        yield "no case on a day that no edition holds"
    times = Counter((case.id, case.day) for case in own)
    yield from (f"{case_id} stands twice on {day}" for (case_id, day), number in times.items() if number > 1)
    yield from (f"{case.id} gives no reason" for case in own if not case.why.endswith("."))


_folders: list[tempfile.TemporaryDirectory[str]] = []


@cache
def _tables(tables: tuple[tuple[str, tuple[str, ...]], ...]) -> Edits:
    """The folder goes with the process: attached files may stay open."""
    folder = tempfile.TemporaryDirectory(prefix="cases-")
    _folders.append(folder)
    write_edit_tables(folder.name, dict(tables))
    return attach(folder.name)


def for_all_days(edition: Codeset) -> Codeset:
    """The edition as one that is asked about any day, for what its history says of earlier years."""
    asked = copy.copy(edition)
    asked.first_day = dt.date.min
    return asked


def _line(given: Mapping[str, Any], day: dt.date) -> Line:
    _keyed(given, "a line", _LINE_KEYS, ("code",))
    values = {"rendering_provider" if key == "provider" else key: value for key, value in given.items()}
    return Line(values.pop("code"), **{"date_of_service": values.pop("date", day), **values})
