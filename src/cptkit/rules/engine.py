"""Running rules over claims."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache

import attrs

from cptkit.claims import Claim, Encounter, Line, id_order, provider_key
from cptkit.codesets import Catalog, Codeset
from cptkit.errors import InvalidClaim, UnknownRule
from cptkit.rules.context import context_for
from cptkit.rules.findings import Finding, NotChecked, Outcome
from cptkit.rules.registry import Rule, named, selected
from cptkit.rules.report import Report
from cptkit.setting import Setting
from cptkit.sources import Basis

__all__ = ["check", "check_claims"]

Found = list[Finding | NotChecked]


def check(
    claim: Claim,
    catalog: Catalog | Codeset,
    *,
    basis: Basis = Basis.CPT,
    select: Iterable[str] = ("ALL",),
    ignore: Iterable[str] = (),
) -> Report:
    """What is wrong with a claim, what was bypassed, and what was not checked.

    :param claim: lines of one patient and billing provider; a malformed line is a finding and
        hides nothing else.
    :param catalog: the editions to answer from; the date of service of a line chooses among them. A
        codeset alone is a catalog of one.
    :param basis: whose policy judges, the code set's own or Medicare's.
    :param select, ignore: rule ids, prefixes, names or ``ALL``; the longest match wins, ignore wins ties.
        Rules of edit tables run where the catalog holds such tables, or a selector names them.
    :raises UnknownRule: for a selector that matches no rule, or a selection that leaves none.
    :raises InvalidClaim: when something else than a claim, or than a catalog, is given. Nothing in a claim makes it raise.

    >>> import cptkit, datetime as dt
    >>> catalog = cptkit.Catalog.from_editions("2026.1")
    >>> day = dt.date(2026, 3, 2)
    >>> report = check(cptkit.Claim([cptkit.Line("90837", minutes=50, date_of_service=day)]), catalog)
    >>> [(finding.rule, finding.message) for finding in report.findings]
    [('TIM402', '50 minutes are 90834, not 90837 (90837 takes 53 or more)')]
    >>> check(cptkit.Claim([]), catalog, select=["XYZ"])
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownRule: no such rule: 'XYZ'; expected ALL, a prefix, a rule id or a name
    """
    catalog = _catalog(catalog)
    rules, left_out = _chosen(_texts(select), _texts(ignore), catalog)
    found: Found = []
    passed = _check(claim, catalog, Basis(basis), rules, found)
    return _report(found, catalog, Basis(basis), rules, len(claim.lines), passed, left_out, (claim,))


def check_claims(
    claims: Iterable[Claim],
    catalog: Catalog | Codeset,
    *,
    basis: Basis = Basis.CPT,
    select: Iterable[str] = ("ALL",),
    ignore: Iterable[str] = (),
    incomplete: Collection[str] = (),
    on_claim: Callable[[Claim], None] | None = None,
) -> Report:
    """One report over several claims. Parameters and errors as for ``check``.

    Each claim is judged alone, with one exception: what a line on another claim of the same patient,
    clinician and day could change is *not checked*, such as an add-on whose primary may stand there.
    A line without a clinician may be anyone's.

    :param incomplete: ids of claims of which a line was lost before it could be read; what such a
        line could change is *not checked*.
    :param on_claim: called with each claim once it is judged, to show progress.

    >>> import cptkit
    >>> check_claims([], cptkit.Catalog.from_editions("2026.1")).clean
    True
    >>> check_claims(["C-1"], cptkit.Catalog.from_editions("2026.1"))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: only a claim can be checked: 'C-1'; expected a cptkit.Claim
    """
    catalog = _catalog(catalog)
    rules, left_out = _chosen(_texts(select), _texts(ignore), catalog)
    found: Found = []
    lines = passed = 0
    together = tuple(claims)
    others = _by_day(together)
    for place, claim in enumerate(together):
        passed += _check(claim, catalog, Basis(basis), rules, found, others, place, claim.id in incomplete)
        lines += len(claim.lines)
        if on_claim is not None:
            on_claim(claim)
    return _report(found, catalog, Basis(basis), rules, lines, passed, left_out, together)


Others = Mapping[tuple[str, dt.date, Setting], Mapping[int, frozenset[tuple[str, str]]]]
"""Clinicians and codes by patient, day and setting, and then by the place of the claim."""


def _by_day(claims: tuple[Claim, ...]) -> Others:
    """What stands on the claims; only of days of a patient that several claims share."""
    found: dict[tuple[str, dt.date, Setting], dict[int, set[tuple[str, str]]]] = {}
    for place, claim in enumerate(claims):
        if not isinstance(claim, Claim):
            raise InvalidClaim("only a claim can be checked", given=claim, expected="a cptkit.Claim")
        if claim.patient:
            for line in claim.lines:
                key = (claim.patient, line.date_of_service, claim.setting)
                found.setdefault(key, {}).setdefault(place, set()).add((_clinician(claim, line), line.code))
    return {
        key: {place: frozenset(lines) for place, lines in lines_by_claim.items()}
        for key, lines_by_claim in found.items()
        if len(lines_by_claim) > 1
    }


def _clinician(claim: Claim, line: Line) -> str:
    return provider_key(line) if claim.setting is Setting.PRACTITIONER else ""


def _elsewhere(claim: Claim, place: int, encounter: Encounter, others: Others) -> frozenset[str]:
    """Codes on other claims of the day that may be this clinician's: by name, or because one side names none."""
    key = (claim.patient, encounter.date_of_service, claim.setting)
    own = _clinician(claim, encounter.lines[0])
    lines = (line for other, lines in others.get(key, {}).items() if other != place for line in lines)
    return encounter.elsewhere.union(code for other, code in lines if other == own or not (other and own))


def _check(
    claim: Claim,
    catalog: Catalog,
    basis: Basis,
    rules: tuple[Rule, ...],
    found: Found,
    others: Others | None = None,
    place: int = 0,
    incomplete: bool = False,
) -> int:
    """Append what the rules find; return how many lines passed everything."""
    if not isinstance(claim, Claim):
        raise InvalidClaim("only a claim can be checked", given=claim, expected="a cptkit.Claim")
    start = len(found)
    for grouped in claim.encounters():
        encounter = grouped
        edition = catalog.edition_for(encounter.date_of_service)
        if edition is None:
            found.append(_no_edition(encounter))
            continue
        context = context_for(
            edition, encounter.date_of_service, basis, catalog.after(edition), catalog.tables
        )
        if others or incomplete:
            elsewhere = _elsewhere(claim, place, encounter, others or {})
            encounter = attrs.evolve(encounter, elsewhere=elsewhere, incomplete=incomplete)
        for rule in rules:
            found.extend(rule.check(encounter, context))
    touched = {line for entry in found[start:] for line in entry.lines}
    return len(claim.lines) - len(touched)


def _no_edition(encounter: Encounter) -> NotChecked:
    return NotChecked(
        "ALL",
        "no-edition",
        encounter.claim,
        tuple(line.id for line in encounter.lines),
        encounter.date_of_service,
        f"the catalog has no edition for {encounter.date_of_service.year}",
    )


def _report(
    found: Found,
    catalog: Catalog,
    basis: Basis,
    rules: tuple[Rule, ...],
    lines: int,
    passed: int,
    left_out: tuple[str, ...],
    claims: tuple[Claim, ...],
) -> Report:
    findings = [entry for entry in found if isinstance(entry, Finding)]
    return Report(
        pins=catalog.pins,
        basis=basis,
        rules=tuple(rule.row.id for rule in rules),
        findings=_ordered(entry for entry in findings if entry.outcome is Outcome.FAIL),
        bypassed=_ordered(entry for entry in findings if entry.outcome is Outcome.BYPASSED),
        not_checked=_ordered_unchecked(entry for entry in found if isinstance(entry, NotChecked)),
        lines=lines,
        passed=passed,
        left_out=left_out,
        settings=tuple(sorted({claim.setting.value for claim in claims})),
    )


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    chosen = list(findings)
    if len(chosen) > 1:
        chosen.sort(key=_key)
    return tuple(chosen)


def _ordered_unchecked(entries: Iterable[NotChecked]) -> tuple[NotChecked, ...]:
    chosen = list(entries)
    if len(chosen) > 1:
        chosen.sort(key=_unchecked_key)
    return tuple(chosen)


def _key(finding: Finding) -> tuple[object, ...]:
    # the codes come last: only claims of one name have lines that nothing else tells apart
    codes = tuple(fix.code for fix in finding.fixes)
    return (
        finding.claim,
        finding.date_of_service,
        _lines(finding.lines),
        finding.rule,
        finding.message,
        codes,
    )


def _unchecked_key(entry: NotChecked) -> tuple[str, dt.date, tuple[object, ...], str, str]:
    return (entry.claim, entry.date_of_service, _lines(entry.lines), entry.rule, entry.reason)


def _lines(ids: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(id_order(line) for line in ids)


def _catalog(given: object) -> Catalog:
    if isinstance(given, Catalog):
        return given
    if isinstance(given, Codeset):
        return Catalog((given,))
    expected = "a cptkit.Catalog, such as Catalog.from_editions('2026.1'), or a codeset"
    raise InvalidClaim("claims are checked against a catalog", given=given, expected=expected)


def _chosen(
    select: tuple[str, ...], ignore: tuple[str, ...], catalog: Catalog
) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The rules to run, and the ids of those left out for want of edit tables that nobody named.

    A report without any rule would look clean, so that is an error.
    """
    rules = selected(select, ignore)
    left_out: tuple[str, ...] = ()
    if catalog.tables is None:
        left_out = _left_out(rules, select)
        if left_out:
            rules = tuple(rule for rule in rules if rule.row.id not in left_out)
    if not rules:
        given = f"select {', '.join(select) or 'nothing'}, ignore {', '.join(ignore) or 'nothing'}"
        raise UnknownRule(
            "the selection leaves no rule to check with", given=given, expected="at least one rule"
        )
    return rules, left_out


@lru_cache(maxsize=64)
def _left_out(rules: tuple[Rule, ...], select: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(rule.row.id for rule in rules if rule.row.needs_edits and not named(select, rule.row))


def _texts(selectors: Iterable[str]) -> tuple[str, ...]:
    return (selectors,) if isinstance(selectors, str) else tuple(selectors)
