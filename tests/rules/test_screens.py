"""What is not asked has nothing to say: rules are left aside by what they look at, read and are concerned by."""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import Basis, Catalog, Claim, Line, check
from cptkit.history import History, Past
from cptkit.rules import RULES, rule
from cptkit.rules.choosing import chosen
from cptkit.rules.context import context_for
from cptkit.rules.registry import Rule
from cptkit.rules.rows import LOOKS, READS, RuleRow
from cptkit.rules.running import Run
from cptkit.setting import Setting
from cptkit.testing import strategies

EVERY = ("ALL", "PREVIEW", *(row.id for row in RULES))
TABLES = {
    "ptp practitioner 2026q1": ["99213 96127 0", "90834 90785 1"],
    "mue practitioner 2026q1": ["90834 1 3", "96127 2 2", "97110 4 1"],
    "aoc 2026q1": ["90785 90834 1", "90836 99214 1"],
    "pfs 2026q1": ["90834", "99213 asst=1", "96127 status=T"],
}


@pytest.fixture(scope="module")
def catalog(edit_tables):
    return Catalog.bundled(tables=edit_tables(TABLES))


def everything(catalog, by, history=None):
    return chosen(EVERY, (), catalog, history, by)


def context_of(catalog, encounter, basis=Basis.CPT):
    edition = catalog.edition_for(encounter.date_of_service)
    return context_for(edition, encounter.date_of_service, basis, catalog.after(edition), catalog.tables)


def unasked(run, encounter, context):
    asked = run.of(encounter, context)
    return [each for each in run.rules if each.check not in asked]


def test_what_is_not_asked_says_nothing_of_any_case(cases):
    left_aside = set()
    for case in cases:
        catalog = case.catalog
        for basis in Basis:
            run = everything(catalog, basis)
            for encounter in case.claim.encounters():
                if catalog.edition_for(encounter.date_of_service) is None:
                    continue
                context = context_of(catalog, encounter, basis)
                for each in unasked(run, encounter, context):
                    left_aside.add(each.row.id)
                    assert not list(each.check(encounter, context)), (case.id, each.row.id)
    always = {"COD103", "FRQ004", "FRQ005", "PAY101", "PAY102", "PAY103", "TIM404", "TIM405"}
    of_profiles = {"BHX502", "DOC001"}
    assert left_aside == {row.id for row in RULES} - always - of_profiles


@given(claim=strategies.claims(), basis=st.sampled_from(Basis), data=st.data())
def test_what_is_not_asked_says_nothing(catalog, claim, basis, data):
    elsewhere = data.draw(st.sampled_from([frozenset(), frozenset({"99213", "90834"})]))
    incomplete = data.draw(st.booleans())
    run = everything(catalog, basis)
    for encounter in claim.encounters():
        whole = attrs.evolve(encounter, elsewhere=elsewhere, incomplete=incomplete)
        context = context_of(catalog, whole, basis)
        for each in unasked(run, whole, context):
            assert not list(each.check(whole, context)), each.row.id


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
    for id_ in report.rules:
        told = []
        for encounter in Claim(lines).encounters():
            told += rule(id_).check(encounter, context_of(catalog, encounter))
        assert sorted(map(str, told)) == sorted(str(entry) for entry in found if entry.rule == id_)


def test_there_are_rules_of_each_kind():
    assert {row.looks_at for row in RULES} == set(LOOKS)
    assert frozenset[str]().union(*(row.reads for row in RULES)) == READS
    assert any(rule(row.id).concerns for row in RULES)


def test_a_rule_that_says_which_lines_concern_it_looks_at_none_besides():
    """It is asked where any line concerns it, be the modifier it looks at on another."""
    both = {row.id for row in RULES if row.looks_at in {"modifiers", "places"} and rule(row.id).concerns}
    assert not both


DAY = dt.date(2026, 3, 2)
VISIT = Line("99213", date_of_service=DAY)


def asked(catalog, *lines, setting=Setting.PRACTITIONER, **more):
    """The rules that are asked of lines of one day."""
    (encounter,) = Claim(lines, setting=setting).encounters()
    whole = attrs.evolve(encounter, **more)
    run = everything(catalog, Basis.CPT)
    checks = run.of(whole, context_of(catalog, whole))
    return {each.row.id for each in run.rules if each.check in checks}


@pytest.mark.parametrize(
    ("change", "gains"),
    [
        ({"modifiers": ("59",)}, {"MOD207", "PTP703"}),
        ({"place_of_service": "77"}, {"POS001"}),
        ({"code": "x"}, {"COD101"}),
        ({"code": "96127"}, {"MUE802", "PFS909"}),
        ({"code": "90834"}, {"MUE803"}),
    ],
)
def test_a_line_brings_the_rules_that_it_concerns(catalog, change, gains):
    plain = asked(catalog, VISIT, VISIT)
    more = asked(catalog, VISIT, attrs.evolve(VISIT, **change))
    assert gains <= more - plain
    assert plain <= more


def test_rules_of_other_lines_are_asked_where_one_stands_or_may_stand(catalog):
    of_others = {row.id for row in RULES if row.looks_at == "others"} - {
        "ADD303",
        "PTP703",
    }  # 99213 is no add-on, and has no modifier
    bare = asked(catalog, VISIT)
    assert bare.isdisjoint(of_others)
    for more in ({"elsewhere": frozenset({"99214"})}, {"incomplete": True}, {"beside": (VISIT,)}):
        assert asked(catalog, VISIT, **more) - bare == of_others
    past = Past(Claim([VISIT]), History([]))
    assert asked(catalog, VISIT, past=past) - bare == of_others


def test_what_one_setting_asks_another_may_not(catalog):
    context_before = asked(catalog, attrs.evolve(VISIT, code="96127"))
    there = asked(catalog, attrs.evolve(VISIT, code="96127"), setting=Setting.HOSPITAL)
    assert "PFS909" in context_before - there


def test_a_rule_that_says_nothing_of_the_service_is_not_asked_again(catalog):
    """Of each service once: the second encounter of the day is answered from what is remembered."""
    seen = []

    def judge(encounter, _context):
        seen.append([line.id for line in encounter.lines])
        return iter(())

    row = RuleRow("acme:ABC101", "any-name", "x.y", reads="code modifiers")
    run = Run((Rule(row, "", judge),), ())
    for ids in ("ab", "cd"):
        lines = [attrs.evolve(VISIT, id=each, units=place) for place, each in enumerate(ids, 1)]
        (encounter,) = Claim(lines).encounters()
        assert run.of(encounter, context_of(catalog, encounter)) == ()
    assert seen == [["a"]]


@pytest.mark.parametrize("given", [{"looks_at": "minutes"}, {"reads": "minutes"}, {"reads": "code minutes"}])
def test_a_row_looks_at_and_reads_what_there_is(given):
    with pytest.raises(ValueError, match="minutes"):
        RuleRow("ABC101", "any-name", "abc.abc101", **given)


def test_memory_is_bounded(catalog, monkeypatch):
    """What is not remembered is asked again, and answers the same."""
    usual = asked(catalog, VISIT, VISIT)
    monkeypatch.setattr("cptkit.rules.running._MOST", 0)
    run = Run(everything(catalog, Basis.CPT).rules, ())
    (encounter,) = Claim([attrs.evolve(VISIT, date_of_service=dt.date(2026, 8, 2))]).encounters()
    context = context_of(catalog, encounter)
    first = run.of(encounter, context)
    assert run.of(encounter, context) == first
    assert context.services(run, encounter.setting) == {}
    assert asked(catalog, VISIT, VISIT) == usual
