"""Running rules over claims."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from cptkit.claims import Claim, Encounter, Line, id_order, patient_key, provider_key, several
from cptkit.codesets import Catalog, Codeset
from cptkit.errors import InvalidChoice, InvalidClaim
from cptkit.history import History, Past
from cptkit.rules.across import joined, own_part
from cptkit.rules.choosing import chosen, selectors
from cptkit.rules.context import Context, context_for
from cptkit.rules.findings import EVERY_RULE, Finding, NotChecked, Outcome
from cptkit.rules.judged import Judge, basis_of, finished, judge, lost_rows_of
from cptkit.rules.profiles.context import profiled_context
from cptkit.rules.report import GivenHistory, Report
from cptkit.rules.running import Run
from cptkit.rules.waivers import Waiver, usable
from cptkit.setting import Setting
from cptkit.sources import Basis

if TYPE_CHECKING:
    import os

    from cptkit.rules.profiles.profile import Profile

__all__ = ["JudgedBy", "as_catalog", "check", "check_claims", "judge_claim"]

Found = list[Finding | NotChecked]
_SEVERAL = "a list of claims, such as the claims of a file that was read; check takes one"


def check(
    claim: Claim,
    catalog: Catalog | Codeset,
    *,
    basis: Basis | None = None,
    profile: "Profile | str | os.PathLike[str] | None" = None,
    select: Iterable[str] = ("ALL",),
    ignore: Iterable[str] = (),
    history: History | Iterable[Claim] | None = None,
    waivers: Iterable[Waiver] | None = None,
    as_of: dt.date | None = None,
) -> Report:
    """What is wrong with a claim, what was bypassed, and what was not checked.

    Threads may check at the same time, with one catalog.

    :param claim: lines of one patient and billing provider; a malformed line is a finding and
        hides nothing else.
    :param catalog: the editions to answer from; the date of service of a line chooses among them. A
        codeset alone is a catalog of one.
    :param basis: whose policy judges, the code set's own (also where neither it nor a profile is given) or
        Medicare's.
    :param profile: a payer's ways: a ``Profile``, the id of a bundled one, or the path of a file, which is
        read each time. It says the basis; ``select`` and ``ignore`` narrow its rules further.
    :param select, ignore: rule ids, prefixes, names or ``ALL``; the longest match wins, ignore wins ties.
        Rules of edit tables run where the catalog holds such tables, or a selector names them; rules of a
        history, where one is given or a selector names them; rules of a payer's own numbers, where the
        profile holds some or a selector names them.
    :param history: other claims of the patient. Lines of the day and clinician on other claims are judged
        together with those here; a finding is told when a line of this claim is part of it.
    :param waivers: findings that someone answers for; they are told apart, and so are waivers that did nothing.
    :param as_of: the day by which waivers hold or have expired; needed beside waivers, never today by itself.
    :raises UnknownRule: for a selector that matches no rule, or a selection that leaves none.
    :raises UnknownProfile, BrokenProfile: when there is no such profile, it cannot be read, or ``basis`` says
        otherwise.
    :raises InvalidWaiver: for waivers without a day, a day without waivers, or something else than a waiver.
    :raises InvalidChoice: when there is no such basis.
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
    catalog = as_catalog(catalog)
    known, by, waiving = _history(history), judge(basis, profile), usable(waivers, as_of)
    run = chosen(selectors(select), selectors(ignore), catalog, known, by)
    found: Found = []
    passed = judge_claim(claim, JudgedBy(catalog, by, run, known), found)
    report = _report(found, catalog, by, run, len(claim.lines), passed, (claim,), known)
    return finished(report, (claim,), by, waiving, as_of)


def check_claims(
    claims: Iterable[Claim],
    catalog: Catalog | Codeset,
    *,
    basis: Basis | None = None,
    profile: "Profile | str | os.PathLike[str] | None" = None,
    select: Iterable[str] = ("ALL",),
    ignore: Iterable[str] = (),
    history: History | Iterable[Claim] | None = None,
    waivers: Iterable[Waiver] | None = None,
    as_of: dt.date | None = None,
    incomplete: Collection[str] = (),
    days_apart: bool = False,
    on_claim: Callable[[Claim], None] | None = None,
) -> Report:
    """One report over several claims. Parameters and errors as for ``check``.

    Each claim is judged alone, with one exception: what a line on another claim of the same patient,
    clinician and day could change is *not checked*, such as an add-on whose primary may stand there.
    A line without a clinician may be anyone's. With a history, be it an empty one, the claims are each
    other's history too, and lines of one day and clinician are judged together; what several claims share
    is told for each of them.

    :param incomplete: ids of claims of which a line was lost before it could be read; what such a
        line could change is *not checked*. An id of none of the claims is an InvalidClaim.
    :param days_apart: each day of a claim is judged by itself, as days of a table are: what other days of it could
        change is *not checked*, such as an add-on of a month. A history, which is of other days, is refused beside it.
    :param on_claim: called with each claim once it is judged, to show progress.

    >>> import cptkit
    >>> check_claims([], cptkit.Catalog.from_editions("2026.1")).clean
    True
    >>> check_claims(["C-1"], cptkit.Catalog.from_editions("2026.1"))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: only a claim can be checked: 'C-1'; expected a cptkit.Claim
    """
    catalog = as_catalog(catalog)
    known, by, waiving = _history(history), judge(basis, profile), usable(waivers, as_of)
    if days_apart and known is not None:
        expected = "a history, or days apart"
        raise InvalidChoice("days are judged apart, or by a history", given=days_apart, expected=expected)
    run = chosen(selectors(select), selectors(ignore), catalog, known, by)
    found: Found = []
    lines = passed = 0
    together = several(claims, Claim, "several claims are checked here", _SEVERAL)
    others, incomplete = _by_day(together), lost_rows_of(together, incomplete)
    given = known
    if known is not None:
        known, others = known.joined(together), {}
    asked = JudgedBy(catalog, by, run, known, days_apart=days_apart)
    for place, claim in enumerate(together):
        passed += judge_claim(claim, asked, found, others, place, incomplete=claim.id in incomplete)
        lines += len(claim.lines)
        if on_claim is not None:
            on_claim(claim)
    report = _report(found, catalog, by, run, lines, passed, together, given)
    return finished(report, together, by, waiving, as_of)


Others = Mapping[tuple[str, dt.date, Setting], Mapping[int, frozenset[tuple[str, str]]]]
"""Clinicians and codes by patient, day and setting, and then by the place of the claim."""


def _by_day(claims: tuple[Claim, ...]) -> Others:
    """What stands on the claims; only of days of a patient that several claims share."""
    found: dict[tuple[str, dt.date, Setting], dict[int, set[tuple[str, str]]]] = {}
    for place, claim in enumerate(claims):
        if not isinstance(claim, Claim):
            raise InvalidClaim("only a claim can be checked", given=claim, expected="a cptkit.Claim")
        if patient := patient_key(claim):
            for line in claim.lines:
                key = (patient, line.date_of_service, claim.setting)
                found.setdefault(key, {}).setdefault(place, set()).add((_clinician(claim, line), line.code))
    return {
        key: {place: frozenset(lines) for place, lines in lines_by_claim.items()}
        for key, lines_by_claim in found.items()
        if len(lines_by_claim) > 1
    }


def _clinician(claim: Claim, line: Line) -> str:
    return provider_key(line) if claim.setting is Setting.PRACTITIONER else ""


def _history(given: History | Iterable[Claim] | None) -> History | None:
    return given if given is None or isinstance(given, History) else History(given)


def _elsewhere(claim: Claim, place: int, encounter: Encounter, others: Others) -> frozenset[str]:
    """Codes on other claims of the day that may be this clinician's: by name, or because one side names none."""
    key = (patient_key(claim), encounter.date_of_service, claim.setting)
    own = _clinician(claim, encounter.lines[0])
    lines = (line for other, lines in others.get(key, {}).items() if other != place for line in lines)
    return encounter.elsewhere.union(code for other, code in lines if other == own or not (other and own))


@attrs.frozen(slots=True)
class JudgedBy:
    """What claims are judged by: the same for each of them."""

    catalog: Catalog
    by: Judge
    run: Run
    history: History | None
    days_apart: bool = False

    def context(self, edition: Codeset, day: dt.date) -> Context:
        """What the rules answer from on a day."""
        of = context_for if isinstance(self.by, Basis) else profiled_context
        return of(edition, day, self.by, self.catalog.after(edition), self.catalog.tables)


def judge_claim(
    claim: Claim,
    asked: JudgedBy,
    found: Found,
    others: Others | None = None,
    place: int = 0,
    *,
    incomplete: bool = False,
) -> int:
    """Append what the rules find; return how many lines passed everything."""
    if not isinstance(claim, Claim):
        expected = "a cptkit.Claim; check_claims takes several"
        raise InvalidClaim("only a claim can be checked", given=claim, expected=expected)
    start, history = len(found), asked.history
    for grouped in claim.encounters():
        encounter = grouped
        edition = asked.catalog.edition_for(encounter.date_of_service)
        if edition is None:
            found.append(_no_edition(encounter))
            continue
        context = asked.context(edition, encounter.date_of_service)
        if asked.days_apart:
            of_day = (*encounter.lines, *encounter.beside)
            encounter = attrs.evolve(encounter, of_claim=of_day, days_apart=True)
        if others or incomplete:
            elsewhere = _elsewhere(claim, place, encounter, others or {})
            encounter = attrs.evolve(encounter, elsewhere=elsewhere, incomplete=incomplete)
        if history is not None:
            _check_across(claim, encounter, context, asked.run, found, history)
            continue
        for ask in asked.run.of(encounter, context):
            found.extend(ask(encounter, context))
    touched = {line for entry in found[start:] for line in entry.lines}
    if history is not None:
        touched.intersection_update(line.id for line in claim.lines)
    return len(claim.lines) - len(touched)


def _check_across(
    claim: Claim,
    encounter: Encounter,
    context: Context,
    run: Run,
    found: Found,
    history: History,
) -> None:
    """Judge an encounter with the lines that other claims hold of it, and keep what is said of this one."""
    whole = joined(encounter, claim, Past(claim, history))
    for ask in run.of(whole, context):
        for entry in ask(whole, context):
            own = own_part(entry, claim)
            if own is not None:
                found.append(own)


def _no_edition(encounter: Encounter) -> NotChecked:
    return NotChecked(
        EVERY_RULE,
        "no-edition",
        encounter.claim,
        tuple(line.id for line in encounter.lines),
        encounter.date_of_service,
        f"the catalog has no edition for {encounter.date_of_service.year}",
    )


def _report(
    found: Found,
    catalog: Catalog,
    by: Judge,
    run: Run,
    lines: int,
    passed: int,
    claims: tuple[Claim, ...],
    history: History | None,
) -> Report:
    findings = [entry for entry in found if isinstance(entry, Finding)]
    return Report(
        pins=catalog.pins,
        basis=basis_of(by),
        rules=run.ids,
        findings=_ordered([entry for entry in findings if entry.outcome is Outcome.FAIL]),
        bypassed=_ordered([entry for entry in findings if entry.outcome is Outcome.BYPASSED]),
        not_checked=_ordered_unchecked([entry for entry in found if isinstance(entry, NotChecked)]),
        lines=lines,
        passed=passed,
        left_out=run.left_out,
        settings=tuple(sorted({claim.setting.value for claim in claims})),
        profile=None if isinstance(by, Basis) else by.pin,
        history=None if history is None else GivenHistory.of(history),
    )


def _ordered(chosen: list[Finding]) -> tuple[Finding, ...]:
    if len(chosen) > 1:
        chosen.sort(key=_key)
    return tuple(chosen)


def _ordered_unchecked(chosen: list[NotChecked]) -> tuple[NotChecked, ...]:
    if len(chosen) > 1:
        chosen.sort(key=_unchecked_key)
    return tuple(chosen)


def _key(finding: Finding) -> tuple[object, ...]:
    # the codes come last: only claims of one name have lines that nothing else tells apart
    codes = (*finding.codes, *(fix.code for fix in finding.fixes))
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


def as_catalog(given: object) -> Catalog:
    """A catalog as it is given, or that of one codeset.

    :raises InvalidClaim: it is neither.
    """
    if isinstance(given, Catalog):
        return given
    if isinstance(given, Codeset):
        return Catalog((given,))
    expected = "a cptkit.Catalog, such as Catalog.from_editions('2026.1'), or a codeset"
    raise InvalidClaim("claims are checked against a catalog", given=given, expected=expected)
