"""PFS906: 24, 25 and 57 on what is certainly no visit, and modifiers that pair edits need."""

import datetime as dt

import pytest

from cptkit import Basis, Severity, apply_fix, codeset
from cptkit.rules.context import context_for
from cptkit.rules.ptp.places import is_no_visit

DAY = dt.date(2026, 3, 2)
TESTS = ["97110", "97112", "97530", "90834", "71046", "71250", "92004", "92015"]
OTHERS = ["99213", "99417", "G0463", "59400", "27447 global_days=090", "17110 global_days=010"]
OUTSIDE = "80053 status=X pctc=9 mult=9 bilat=9 asst=9 cosurg=9 team=9"
PAIRS = ["97530 97110 1", "97530 97112 0", "71250 71046 1", "80053 71046 1"]


@pytest.fixture(scope="module")
def asked(checker):
    """Fees and pairs of invented numbers for codes whose sections are known."""
    return checker(
        {"pfs 2026q1": [*TESTS, *OTHERS, OUTSIDE], "ptp practitioner 2026q1": PAIRS}, select="PFS906"
    )


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("modifier", ["24", "25", "57"])
@pytest.mark.parametrize(
    ("code", "section"),
    [
        ("97110", "medicine"),
        ("90834", "medicine"),
        ("71046", "radiology"),
        ("92015", "medicine"),
        ("80053", "laboratory"),
        ("59400", "surgery"),
    ],
)
def test_questioned(asked, code, section, modifier, basis):
    report = asked(f"{code}-{modifier}", "27447", basis=basis)
    (finding,) = report.findings
    assert (
        finding.message
        == f"{modifier} is for visits and eye exams, and {code} of the section {section} is neither"
    )
    assert (finding.severity, finding.lines) == (Severity.WARNING, ("1",))
    assert [(fix.kind.value, fix.value) for fix in finding.fixes] == [
        ("ask", None),
        ("remove-modifier", modifier),
    ]
    assert finding.fixes[-1].provided == "nothing else was meant by it"
    assert finding.evidence[1].fact.startswith(f"modifiers/{modifier}@")
    assert finding.edits[0].code == code
    assert finding.denial.check == "modifier-inconsistent"
    assert not report.not_checked


@pytest.mark.parametrize("line", ["99213-25", "92004-25", "G0463-25", "99417-25", "97110-59"])
def test_a_visit_an_eye_exam_and_what_no_section_tells(asked, line):
    assert asked(line).clean


@pytest.mark.parametrize("line", ["99213-24", "92004-24", "92004-57", "G0463-57"])
def test_what_other_days_decide(asked, line):
    report = asked(line)
    assert not report.findings
    assert [entry.lines for entry in report.not_checked] == [("1",)]


def test_what_a_pair_says_of_the_modifier_is_not_said_twice(asked):
    both = ("PFS906", "PTP703")
    assert [entry.rule for entry in asked("97530", "97110-25", select=both).findings] == ["PTP703"]
    assert [entry.rule for entry in asked("97530-25", "97110", select=both).findings] == ["PTP703"]
    assert [entry.rule for entry in asked("97110-25", select=both).findings] == ["PFS906"]
    # of a pair that no modifier parts, PTP703 does not say that 25 stands on no visit
    assert [(entry.rule, entry.lines) for entry in asked("97530", "97112-25", select=both).findings] == [
        ("PTP703", ("1", "2")),
        ("PFS906", ("2",)),
    ]
    # another modifier on the line, another line
    assert [entry.lines for entry in asked("97530", "97110-25", "71046-25").findings] == [("3",)]
    assert [entry.lines for entry in asked("97530", "97110-25-59").findings] == [("2",)]


class TestModifierThatPartsAPair:
    """What is taken away may be what bypasses an edit."""

    def test_said(self, asked):
        report = asked("71250", "71046-79")
        (finding,) = report.findings
        assert finding.fixes[-1].provided == (
            "nothing else was meant by it; it bypasses the pair edit of 71046 beside 71250, which may deny without it"
        )
        claim = asked.claim("71250", "71046-79")
        assert not asked("71250", "71046-79", select=["PTP701"]).findings
        assert apply_fix(claim, finding.fixes[-1]).lines[1].modifiers == ()
        assert len(asked("71250", "71046", select=["PTP701"]).findings) == 1

    def test_each_pair_once(self, asked):
        (finding,) = asked("71250", "71250", "80053", "71046-79").findings
        assert finding.fixes[-1].provided.endswith(
            "of 71046 beside 71250, 71046 beside 80053, which may deny without it"
        )

    @pytest.mark.parametrize(
        "lines", [("71046-79",), ("71250", "71046-59", "90834-79"), ("97530", "97112-79")]
    )
    def test_not_said(self, asked, lines):
        (finding,) = asked(*lines).findings
        assert finding.fixes[-1].provided == "nothing else was meant by it"

    def test_the_others_modifier_is_another(self, asked):
        (finding,) = asked("71250", "71046-59", "71046-79").findings
        assert finding.lines == ("3",)
        assert finding.fixes[-1].provided.count("71046 beside 71250") == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        # a visit 10 days after, with no word of it, and the day before 90 days
        ((("17110", DAY), ("99213", dt.date(2026, 3, 12))), 0),
        ((("99213", DAY), ("27447", dt.date(2026, 3, 3))), 0),
        ((("99213-57", DAY), ("27447", dt.date(2026, 3, 3))), 1),
    ],
)
def test_other_days_of_a_claim_are_not_seen(asked, lines, said):
    """As the page of the rule says under its limits: nothing is found, and nothing confirmed."""
    report = asked(*(asked.line(text, date_of_service=day) for text, day in lines), basis=Basis.MEDICARE)
    assert not report.findings
    assert [entry.reason.endswith("are not looked at here") for entry in report.not_checked] == [True] * said


def test_without_facts_of_the_modifiers_nothing_is_certain(asked):
    context = context_for(codeset("2026.1"), DAY, Basis.MEDICARE, (), asked.catalog.tables)
    records = [context.modifier(code) for code in ("25", "57")]
    assert is_no_visit("97110", records, context)
    assert not is_no_visit("97110", [], context)
    assert not is_no_visit("97110", [*records, context.modifier("59")], context)
