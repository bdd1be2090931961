"""What holds for every rule of the fee schedule, on any claim."""

import datetime as dt
import json

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cptkit import Basis, Catalog, Claim, Line, apply_fix, check, codeset
from cptkit.rules import RULES, FixKind
from cptkit.rules.context import Context
from cptkit.rules.pfs.seen import CLEAR, seen

PFS = tuple(row.id for row in RULES if row.id.startswith("PFS") and not row.needs_history)
CODES = [f"W99{number:02}" for number in range(1, 36)]
MODIFIERS = [
    "26",
    "TC",
    "50",
    "LT",
    "RT",
    "80",
    "81",
    "82",
    "AS",
    "62",
    "66",
    "24",
    "25",
    "57",
    "58",
    "78",
    "79",
    "53",
    "59",
    "GY",
    "GZ",
    "XE",
]
MARKS = {
    "PFS901": "W9903-26",
    "PFS902": "W9902-50",
    "PFS903": "W9912-80",
    "PFS904": "W9901-62",
    "PFS905": "W9901-66",
    "PFS906": "W9912-25",
    "PFS907": "W9921",
    "PFS908": "W9923",
    "PFS909": "W9926",
    "PFS910": "W9925",
}

UNDER_MEDICARE = {rule: ["error"] for rule in PFS} | {"PFS910": ["review"]}
UNDER_CPT = {rule: ["warning"] for rule in PFS} | {"PFS908": [], "PFS910": []}

each_rule = pytest.mark.parametrize("rule", PFS)
on_tables = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_every_rule_is_tried():
    assert tuple(MARKS) == PFS


@each_rule
def test_the_row_and_its_meaning_are_the_evidence(judged, rule):
    report = judged(rule, MARKS[rule], "W9901")
    (finding,) = report.findings
    assert finding.rule == rule
    assert finding.edition == "2024.1"
    assert [row.release for row in finding.edits] == ["24C"]
    assert finding.evidence[0].fact.startswith("conventions/pfs-")
    assert json.loads(json.dumps(report.to_dict()))["findings"][0]["edits"][0]["table"] == "pfs"


@each_rule
@pytest.mark.parametrize("setting", ["hospital", "dme"])
def test_other_settings_are_not_judged(judged, rule, setting):
    assert judged(rule, MARKS[rule], "W9901", setting=setting).clean
    assert judged(rule, MARKS[rule], "W9901", setting=setting, day=dt.date(2024, 6, 30)).clean


@each_rule
def test_a_day_without_a_release(judged, rule):
    """The day before the first release, and the day after the last: one entry with the lines it is about."""
    for day, quarter in [(dt.date(2024, 6, 30), "2024q2"), (dt.date(2024, 10, 1), "2024q4")]:
        report = judged(rule, MARKS[rule], "9083", day=day)
        assert not report.findings
        (entry,) = report.not_checked
        assert (entry.lines, entry.reason) == (("1",), f"no release of the fee schedule for {quarter}")
    # the row of PFS903 is another one from 9 August on
    for day, found in ((dt.date(2024, 7, 1), [rule]), (dt.date(2024, 9, 30), [rule] * (rule != "PFS903"))):
        report = judged(rule, MARKS[rule], "W9901", day=day)
        assert [finding.rule for finding in report.findings] == found


@each_rule
def test_without_tables(judged, checked, rule):
    """A rule that is named says that nothing was checked; with ALL it is left out, and the report says so."""
    bundled = Catalog.bundled()
    report = judged(rule, MARKS[rule], catalog=bundled)
    assert [entry.reason for entry in report.not_checked] == ["the catalog holds no edit tables"]
    report = checked(MARKS[rule], catalog=bundled, select="ALL", basis=Basis.MEDICARE)
    assert rule in report.left_out
    assert not [entry for entry in report.not_checked if entry.rule == rule]


@each_rule
@pytest.mark.parametrize(("basis", "severities"), [(Basis.CPT, UNDER_CPT), (Basis.MEDICARE, UNDER_MEDICARE)])
def test_medicares_word_is_an_error_for_medicare_only(judged, rule, basis, severities):
    found = judged(rule, MARKS[rule], "W9901", basis=basis).findings
    assert [finding.severity.value for finding in found] == severities[rule]


# ---- any claim -----------------------------------------------------------------------------------

anything = st.text(st.characters(), max_size=6)
lines = st.builds(
    Line,
    st.one_of(st.sampled_from(CODES), st.sampled_from(["W9999", "9083", "", "90834"]), anything),
    modifiers=st.lists(st.one_of(st.sampled_from(MODIFIERS), anything), max_size=4),
    units=st.integers(-1, 3),
    date_of_service=st.sampled_from(
        [dt.date(2024, 7, 1), dt.date(2024, 8, 9), dt.date(2024, 6, 30), dt.date(2026, 1, 1), dt.date.max]
    ),
    rendering_provider=st.sampled_from(["A", "A", "B", None]),
)


def numbered(given_lines):
    return [attrs.evolve(line, id=str(place)) for place, line in enumerate(given_lines, start=1)]


claims = st.builds(
    lambda given_lines, setting: Claim(numbered(given_lines), id="C", setting=setting),
    st.lists(lines, max_size=6),
    st.sampled_from(["practitioner", "practitioner", "practitioner", "hospital"]),
)


@on_tables
@given(claim=claims, basis=st.sampled_from(Basis))
def test_no_claim_makes_a_rule_raise(checked, claim, basis):
    report = check(claim, checked.catalog, basis=basis, select=["PFS"])
    ids = {line.id for line in claim.lines}
    for entry in (*report.findings, *report.bypassed, *report.not_checked):
        assert entry.lines
        assert set(entry.lines) <= ids
        assert len(set(entry.lines)) == len(entry.lines)
    for finding in report.findings:
        assert finding.edits
        assert finding.fixes
    assert json.dumps(report.to_dict())


@on_tables
@given(claim=claims, basis=st.sampled_from(Basis), random=st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing(checked, claim, basis, random):
    mixed = list(claim.lines)
    random.shuffle(mixed)
    other = attrs.evolve(claim, lines=mixed)
    reports = [check(each, checked.catalog, basis=basis, select=["PFS"]).to_dict() for each in (claim, other)]
    assert reports[0] == reports[1]


@on_tables
@given(claim=claims)
def test_a_fix_takes_its_finding_away(checked, claim):
    """Where no modifier stands twice on a line: of those a fix takes one, and MOD204 finds the rest."""
    once = [attrs.evolve(line, modifiers=tuple(dict.fromkeys(line.modifiers))) for line in claim.lines]
    claim = attrs.evolve(claim, lines=once)
    before = check(claim, checked.catalog, basis=Basis.MEDICARE, select=["PFS"])
    for finding in before.findings:
        for fix in finding.fixes:
            fixed = apply_fix(claim, fix)
            if fix.kind is FixKind.ASK:
                assert fixed == claim
                continue
            after = check(fixed, checked.catalog, basis=Basis.MEDICARE, select=["PFS"])
            assert (finding.rule, finding.lines, finding.message) not in {
                (each.rule, each.lines, each.message) for each in after.findings
            }


def test_an_encounter_is_looked_up_once(checked):
    """For all rules of the family; another encounter, or the same in another setting, is another one."""
    context = Context(codeset("2024.1"), checked.day, Basis.MEDICARE, (), checked.catalog.tables)
    (encounter,) = checked.claim("W9921-26").encounters()
    found = seen(encounter, context)
    assert seen(encounter, context) is found
    assert [mark for _, mark in found.marks] == ["26"]
    assert seen(attrs.evolve(encounter, setting="hospital"), context) is CLEAR
    (plain,) = checked.claim("W9901").encounters()
    assert seen(plain, context) is CLEAR


def test_names_of_conventions_are_remembered_and_free_text_is_not():
    context = Context(codeset("2026.1"), dt.date(2026, 3, 2), Basis.CPT)
    found = context.convention("pfs-bilat/2")
    assert context.convention("pfs-bilat/2") is found
    assert context.convention("pfs-bilat/\t") is None
    assert context._conventions == {"pfs-bilat/2": found}
