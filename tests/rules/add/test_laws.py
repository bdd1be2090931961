"""What holds for the rules of edit tables on every claim: pair edits, unit limits, add-on edits."""

import datetime as dt
import json
from itertools import permutations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import Basis, Claim, Line, Outcome, Severity, apply_fix, check, check_claims
from cptkit.rules import RULES, FixKind
from cptkit.rules.context import context_for

DAY = dt.date(2026, 3, 2)
OWN = ("ADD302", "ADD303", "MUE", "PTP")
CODES = [
    "90785",
    "90791",
    "90832",
    "90833",
    "90834",
    "90836",
    "90837",
    "96130",
    "96131",
    "96161",
    "97110",
    "98001",
    "99213",
    "99214",
    "99215",
    "99417",
    "W9901",
    "W9902",
    "W9903",
    "W9904",
    "W9911",
    "W9912",
    "W9914",
    "W9915",
    "W9918",
    "W9919",
]
MODIFIERS = ["25", "59", "76", "91", "95", "F1", "GP", "LT", "RT", "XE", "XU"]

texts = st.text(st.characters(), max_size=6)


@st.composite
def likely_lines(draw):
    """Lines that meet in the tables often enough for the rules to speak."""
    return Line(
        draw(st.sampled_from(CODES)),
        date_of_service=draw(st.sampled_from([DAY, DAY, DAY, dt.date(2026, 2, 28), dt.date(2026, 4, 1)])),
        modifiers=draw(st.lists(st.sampled_from(MODIFIERS), max_size=2, unique=True)),
        units=draw(st.sampled_from([1, 1, 1, 2, 3, 10, 0, -1])),
        rendering_provider=draw(st.sampled_from(["A", "A", "A", "B", None])),
    )


@st.composite
def wild_lines(draw):
    return Line(
        draw(st.one_of(texts, st.sampled_from(["", "?", "9078S", *CODES]))),
        date_of_service=draw(
            st.one_of(st.just(DAY), st.dates(), st.sampled_from([dt.date.min, dt.date.max]))
        ),
        modifiers=draw(st.one_of(texts, st.lists(st.one_of(texts, st.sampled_from(MODIFIERS)), max_size=5))),
        units=draw(st.one_of(st.integers(-3, 30), st.sampled_from([10**5000, -(10**5000)]))),
        rendering_provider=draw(st.one_of(st.none(), st.just("A"), texts)),
    )


def named(lines):
    return [attrs.evolve(line, id=str(place)) for place, line in enumerate(lines, start=1)]


likely = st.lists(likely_lines(), max_size=6).map(named)
claims = st.lists(st.one_of(likely_lines(), wild_lines()), max_size=6).map(named)
bases = st.sampled_from(Basis)


@pytest.fixture(scope="session")
def catalog(checked):
    return checked.catalog


@given(lines=claims, basis=bases, setting=st.sampled_from(["practitioner", "hospital", "dme"]))
def test_no_claim_makes_a_check_raise(catalog, lines, basis, setting):
    report = check(Claim(lines, setting=setting), catalog, basis=basis, select=OWN)
    assert json.loads(json.dumps(report.to_dict())) == report.to_dict()


@given(lines=claims)
def test_nor_on_days_long_gone(checked, lines):
    assert check(Claim(lines), checked.any_day, select=OWN).lines == len(lines)


@given(lines=st.one_of(likely, claims), data=st.data())
def test_the_order_of_lines_and_modifiers_changes_nothing(catalog, lines, data):
    report = check(Claim(lines), catalog, select=OWN)
    turned = [
        attrs.evolve(line, modifiers=data.draw(st.permutations(line.modifiers)))
        for line in data.draw(st.permutations(lines))
    ]
    assert check(Claim(turned), catalog, select=OWN) == report


def failing(report):
    """The lines that fail; a review asks, and nothing fails by it."""
    wrong = (finding for finding in report.findings if finding.severity is not Severity.REVIEW)
    return {line for finding in wrong for line in finding.lines}


@given(lines=likely, basis=bases)
def test_every_fix_takes_its_finding_away_and_makes_no_other_line_fail(catalog, lines, basis):
    """Lines, not rules: an add-on that hung on a denied line stands alone once that line is dropped.

    One that hung on a line of an unknown clinician was not checked, and may fail then. A line of no units is
    for COD103: to an add-on it is a primary still, to an edit it was never there.
    """
    claim = Claim(lines)
    without_units = {line.id for line in lines if line.units < 1}
    every = ("ADD", "MUE", "PTP")
    report = check(claim, catalog, basis=basis, select=every)
    for finding in report.findings:
        if finding.rule == "ADD301":
            continue
        assert finding.fixes
        assert {fix.line for fix in finding.fixes} <= set(finding.lines)
        for fix in finding.fixes:
            fixed = apply_fix(claim, fix)
            if fix.kind is FixKind.ASK:
                assert fixed == claim
                continue
            if fix.line in without_units:
                continue
            assert fix.kind is not FixKind.ADD_MODIFIER or fix.provided
            after = check(fixed, catalog, basis=basis, select=every)
            left = {(other.rule, other.lines, other.edits) for other in after.findings}
            assert (finding.rule, finding.lines, finding.edits) not in left
            unknown = {line for entry in report.not_checked for line in entry.lines}
            assert failing(after) <= failing(report) | unknown | without_units


@given(lines=likely)
def test_every_entry_has_what_it_needs(catalog, lines):
    report = check(Claim(lines), catalog, select=OWN)
    for finding in report.findings:
        # the edition alone may know that an add-on stands on one without a primary
        assert finding.edits or (finding.rule == "ADD303" and finding.evidence)
        assert finding.denial is not None
        assert finding.outcome is Outcome.FAIL
        assert finding.severity in (Severity.ERROR, Severity.WARNING)
    for finding in report.bypassed:
        assert finding.edits
        assert (finding.denial, finding.fixes, finding.severity) == (None, (), Severity.REVIEW)
    told = [(entry.rule, entry.claim, entry.date_of_service, entry.lines) for entry in report.not_checked]
    assert len(told) == len(set(told))


@given(lines=likely)
def test_a_pair_is_told_once(catalog, lines):
    """By one of the three rules, failed or bypassed, and only where both codes stand together."""
    report = check(Claim(lines), catalog, select="PTP")
    told = [
        (
            edit,
            next(
                line
                for line in lines
                if line.id in finding.lines
                and line.code == edit.column2
                and f"line {line.id} " in f"{finding.message} "
            ),
        )
        for finding in (*report.findings, *report.bypassed)
        for edit in finding.edits
    ]
    assert len(told) == len(set(told))
    expected = set()
    for one, other in permutations(lines, 2):
        same = (one.date_of_service, one.rendering_provider) == (
            other.date_of_service,
            other.rendering_provider,
        )
        given = one.units > 0 and other.units > 0
        if same and given and one.date_of_service != dt.date(2026, 4, 1):
            edit = catalog.tables.ptp(
                one.code, other.code, date_of_service=one.date_of_service, setting="practitioner"
            ).edit
            # several lines of column 1 are one pair with a line of column 2
            if edit is not None and (edit.column1, edit.column2) == (one.code, other.code):
                expected.add((edit, other))
    assert set(told) == expected


@given(lines=likely)
def test_days_over_a_limit_are_those_that_a_plain_sum_finds(catalog, lines):
    report = check(Claim(lines), catalog, select=("MUE802", "MUE803"))
    found = {(finding.date_of_service, finding.lines) for finding in report.findings}
    expected = set()
    for code in {line.code for line in lines}:
        for day in {line.date_of_service for line in lines} - {dt.date(2026, 4, 1)}:
            mue = catalog.tables.mue(code, date_of_service=day, setting="practitioner").mue
            for clinician in ("A", "B", None):
                own = [
                    line
                    for line in lines
                    if (line.code, line.date_of_service, line.rendering_provider) == (code, day, clinician)
                    and line.units > 0
                ]
                if mue is not None and mue.mai in (2, 3) and sum(line.units for line in own) > mue.value:
                    expected.add((day, tuple(line.id for line in own)))
    assert found == expected


@given(
    lines=likely,
    selection=st.lists(
        st.sampled_from([row for row in RULES if row.needs_edits and not row.needs_history]), min_size=1
    ),
)
def test_rules_do_not_know_of_each_other(catalog, lines, selection):
    ids = {row.id for row in selection}
    every = check(Claim(lines), catalog, select="ALL")
    some = check(Claim(lines), catalog, select=ids)
    for part in ("findings", "bypassed", "not_checked"):
        expected = tuple(entry for entry in getattr(every, part) if entry.rule in ids or entry.rule == "ALL")
        assert getattr(some, part) == expected


@given(many=st.lists(likely, max_size=3), data=st.data())
def test_the_order_of_claims_changes_nothing(catalog, many, data):
    given_claims = [Claim(lines, id=f"C{place}", patient="P") for place, lines in enumerate(many)]
    lost = data.draw(st.sets(st.sampled_from(["C0", "C1"]))).intersection(claim.id for claim in given_claims)
    report = check_claims(given_claims, catalog, select=OWN, incomplete=lost)
    turned = data.draw(st.permutations(given_claims))
    assert check_claims(turned, catalog, select=OWN, incomplete=lost) == report


@given(lines=likely)
def test_nothing_that_was_asked_before_changes_an_answer(catalog, lines):
    """Contexts are kept by edition and day; one made anew answers alike, whatever the first one met."""
    report = check(Claim(lines), catalog, select=OWN)
    context_for.cache_clear()
    assert check(Claim(lines), catalog, select=OWN) == report
    assert check(Claim(lines), catalog, select=OWN) == report
