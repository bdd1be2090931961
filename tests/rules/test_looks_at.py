"""Rules that look at modifiers or places alone: they say nothing of lines that have none, and are not run on these."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import Basis, Catalog, Claim, check
from cptkit.rules import RULES, rule
from cptkit.rules.context import context_for
from cptkit.rules.rows import RuleRow
from cptkit.testing import strategies

LACKING = {"modifiers": {"modifiers": ()}, "places": {"place_of_service": None}}
LOOKING = [row for row in RULES if row.looks_at]


@pytest.fixture(scope="module")
def catalog(edit_tables):
    pairs = {
        "ptp practitioner 2026q1": ["99213 96127 0", "90834 90785 1"],
        "pfs 2026q1": ["90834", "99213 asst=1"],
    }
    return Catalog.bundled(tables=edit_tables(pairs))


def test_there_are_such_rules_of_both_kinds():
    assert {row.looks_at for row in LOOKING} == set(LACKING)


@given(claim=strategies.claims(), basis=st.sampled_from(Basis))
def test_they_say_nothing_of_lines_that_have_none(catalog, claim, basis):
    for row in LOOKING:
        bare = attrs.evolve(
            claim, lines=[attrs.evolve(line, **LACKING[row.looks_at]) for line in claim.lines]
        )
        for encounter in bare.encounters():
            for whole in (
                encounter,
                attrs.evolve(encounter, elsewhere=frozenset({"99213"}), incomplete=True),
            ):
                edition = catalog.edition_for(encounter.date_of_service)
                context = context_for(edition, encounter.date_of_service, basis, (), catalog.tables)
                assert not list(rule(row.id).check(whole, context)), row.id


@given(claim=strategies.claims(), data=st.data())
def test_what_is_left_aside_changes_no_report(catalog, claim, data):
    """Each rule by itself says what it says among the others, whatever lines of the claim hold."""
    lines = [
        attrs.evolve(
            line,
            modifiers=data.draw(st.sampled_from([(), ("95",), ("59", "25")])),
            place_of_service=data.draw(st.sampled_from([None, "11", "99", "2"])),
        )
        for line in claim.lines
    ]
    report = check(Claim(lines), catalog)
    found = [*report.findings, *report.bypassed, *report.not_checked]
    for row in LOOKING:
        told = []
        for encounter in Claim(lines).encounters():
            edition = catalog.edition_for(encounter.date_of_service)
            later = catalog.after(edition)
            context = context_for(edition, encounter.date_of_service, Basis.CPT, later, catalog.tables)
            told += rule(row.id).check(encounter, context)
        assert sorted(map(str, told)) == sorted(str(entry) for entry in found if entry.rule == row.id)


def test_a_row_looks_at_what_there_is():
    with pytest.raises(ValueError, match="looks_at"):
        RuleRow("ABC101", "any-name", "abc.abc101", looks_at="minutes")
