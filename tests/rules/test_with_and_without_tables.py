"""What edit tables change of a report, what an unrelated line does, and that a check changes nothing it is given."""

import datetime as dt
import json

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cptkit import Basis, Catalog, Claim, Finding, History, Line, check, check_claims
from cptkit.rules import RULES, rule

DAY = dt.date(2026, 3, 2)
BARE = Catalog.bundled()
FEES = ("99213", "90785", "97110", "90837")
TABLES = {
    "ptp practitioner 2026q1": (
        "99214 99213 1",
        "99215 99214 0",
        "90837 90834 0",
        "90837 99214 1",
        "97140 97110 1",
    ),
    "mue practitioner 2026q1": ("90837 1 3", "97110 4 3", "90785 1 2"),
    "aoc 2026q1": ("90785 90791,90834,90837 1", "90833 99213 1", "99417 99215 1"),
    "pfs 2026q1": tuple(f"{code} bilat={place % 4}" for place, code in enumerate(FEES)),
}
STAND_ASIDE = {"MOD207": ("PFS", "PTP703"), "ADD304": ("PFS902",), "DUP602": ("PTP",)}
"""Rules of the edition that are silent where a table judges by its own row, and which rules judge then."""

TABLE_RULES = {row.id for row in RULES if row.needs_edits}
CODES = ["99213", "99214", "99215", "90834", "90837", "90785", "90833", "97110", "97140", "99417", "80053"]
MODIFIERS = ["24", "25", "26", "50", "51", "59", "62", "76", "91", "95", "HO"]
bases = st.sampled_from(Basis)


@pytest.fixture(scope="module")
def full(edit_tables):
    return Catalog.bundled(tables=edit_tables(TABLES))


@st.composite
def lines(draw):
    return Line(
        draw(st.sampled_from(CODES)),
        date_of_service=draw(st.sampled_from([DAY, DAY, DAY, dt.date(2026, 3, 3)])),
        modifiers=draw(st.lists(st.sampled_from(MODIFIERS), max_size=2, unique=True)),
        units=draw(st.sampled_from([1, 1, 1, 2, 5, 0])),
        minutes=draw(st.one_of(st.none(), st.integers(0, 90))),
        rendering_provider=draw(st.sampled_from(["A", "A", "A", "B", None])),
    )


claims = st.builds(Claim, st.lists(lines(), max_size=5), id=st.just("C"))


def entries(report):
    return {*report.findings, *report.bypassed, *report.not_checked}


def line_of(code, *modifiers):
    return Line(code, modifiers=modifiers, date_of_service=DAY, rendering_provider="A")


@given(claim=claims, basis=bases)
@example(claim=Claim([line_of("99213"), line_of("99214", "91")], id="C"), basis=Basis.CPT)
def test_tables_take_no_finding_away_but_where_their_own_rule_judges(full, claim, basis):
    """What the edition's rules say is said with tables too, word for word; three of them stand aside.

    What is gone is one of theirs, on a line whose code the fee schedule lists or that a pair edit names; what
    is new is of a rule of tables. A cure that would cost the bypass of a pair edit says so.
    """
    without, with_ = (entries(check(claim, catalog, basis=basis)) for catalog in (BARE, full))
    assert {entry.rule for entry in without} & TABLE_RULES == set()
    assert {entry.rule for entry in with_ - without} <= TABLE_RULES | set(STAND_ASIDE)
    codes = {line.id: line.code for line in claim.lines}
    still = {(each.rule, each.lines, each.message) for each in with_ if isinstance(each, Finding)}
    of_pairs = {line for each in with_ if each.rule.startswith("PTP") for line in each.lines}
    for entry in without - with_:
        if isinstance(entry, Finding) and (entry.rule, entry.lines, entry.message) in still:
            assert of_pairs.intersection(entry.lines), entry
            continue
        judging = STAND_ASIDE[entry.rule]
        judged = {line for each in with_ if each.rule.startswith(judging) for line in each.lines}
        listed = {line for line in entry.lines if codes[line] in FEES and "PFS" in judging[0]}
        assert judged.union(listed).intersection(entry.lines), entry


@pytest.mark.parametrize("name", STAND_ASIDE)
def test_the_page_of_a_rule_that_stands_aside_names_who_judges(name):
    page = rule(name).doc
    assert "silent" in page or "nothing here" in page
    for judging in STAND_ASIDE[name]:
        assert judging in page


STANDING_ASIDE = {
    "MOD207": ("99213-26",),
    "ADD304": ("90785-50", "90837"),
    "DUP602": ("99213", "99214"),
}


@pytest.mark.parametrize("name", STANDING_ASIDE)
def test_a_rule_that_stands_aside_speaks_without_tables(full, name):
    """So that the law above is not one about nothing."""
    given_lines = [line_of(*service.split("-")) for service in STANDING_ASIDE[name]]
    assert name in {entry.rule for entry in entries(check(Claim(given_lines), BARE))}
    assert name not in {entry.rule for entry in entries(check(Claim(given_lines), full))}


@given(
    claim=claims,
    basis=bases,
    clinician=st.sampled_from(["A", "B", "C", None]),
    modifiers=st.sampled_from(["", "95", "59"]),
)
def test_a_line_that_nothing_relates_to_removes_no_finding(full, claim, basis, clinician, modifiers):
    """A code that stands in no table: a line of it on the day takes no finding from the others, in no catalog."""
    named = all(line.rendering_provider for line in claim.lines)
    line = Line(
        "W9999",
        date_of_service=DAY,
        modifiers=modifiers,
        rendering_provider=clinician if named else None,
        id="x",
    )
    for catalog in (BARE, full):
        report = check(claim, catalog, basis=basis)
        more = check(attrs.evolve(claim, lines=(*claim.lines, line)), catalog, basis=basis)
        assert set(report.findings) <= set(more.findings)
        assert set(report.bypassed) <= set(more.bypassed)


def told_of(catalog):
    """All that a catalog says of itself, and of each edition its codes, modifiers and time rules."""
    return json.dumps(
        [
            str(catalog.pins),
            [[sorted(each), list(each.modifiers), each.timerules] for each in catalog.editions],
        ],
        default=str,
    )


@given(claim=claims, past=claims, basis=bases)
def test_a_check_changes_nothing_that_it_is_given(full, claim, past, basis):
    """Neither claim nor history nor catalog; and the same again is the same."""
    claim = attrs.evolve(claim, patient="P")
    history = History([attrs.evolve(past, id="H", patient="P")], since=dt.date(2020, 1, 1))
    before = [attrs.asdict(claim), [attrs.asdict(each) for each in history.claims]]
    reports = [check_claims([claim], full, basis=basis, history=history) for _ in range(2)]
    assert [attrs.asdict(claim), [attrs.asdict(each) for each in history.claims]] == before
    assert reports[0] == reports[1]


def test_nor_a_catalog(full):
    before = told_of(full)
    for code in CODES:
        for basis in Basis:
            check(
                Claim([Line(code, modifiers=MODIFIERS, minutes=30, date_of_service=DAY)]), full, basis=basis
            )
    assert told_of(full) == before
