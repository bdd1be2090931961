"""What pair edits find: the column, the indicator, the day, the setting, and what bypasses them."""

import datetime as dt

import pytest

from cptkit import Basis, Severity
from cptkit.rules import RULES

COLUMN_TWO, EXCLUSIVE, IN_VAIN = ("PTP701", "PTP702", "PTP703")


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        # indicator 1 without a modifier, and 0: column 2 is denied, whatever comes first
        (["97530", "97140"], {"findings": ["PTP701 1 2"]}),
        (["97140", "97530"], {"findings": ["PTP701 1 2"]}),
        (["97530", "97110"], {"findings": ["PTP701 1 2"]}),
        (["90834", "90837"], {"findings": ["PTP702 1 2"]}),
        (["90837", "90853"], {"findings": ["PTP702 1 2"]}),
        (["90839", "90837"], {"findings": ["PTP701 1 2"]}),
        # no edit between them, or one that was never active
        (["97140", "97110"], {}),
        (["97535", "97110"], {}),
        (["97530"], {}),
        (["97530", "97530"], {}),
        (["97530", "9714", "", "97140X"], {}),
        # what bypasses: 59 and its like, 25 on a visit, on the line of either column
        (["97530", "97140-59"], {"bypassed": ["PTP701 1 2"]}),
        (["97530", "97140-XE"], {"bypassed": ["PTP701 1 2"]}),
        (["97530-XU", "97140"], {"bypassed": ["PTP701 1 2"]}),
        (["97530", "99213-25"], {"bypassed": ["PTP701 1 2"]}),
        (["99214-25", "97140"], {"bypassed": ["PTP701 1 2"]}),
        (["90837", "90853-XE"], {"bypassed": ["PTP702 1 2"]}),
        (["97530-GP", "97140-GP-59"], {"bypassed": ["PTP701 1 2"]}),
        # what is on no list of bypass modifiers is as nothing
        (["97530", "97140-76"], {"findings": ["PTP701 1 2"]}),
        (["97530-GP", "97140-GP-51"], {"findings": ["PTP701 1 2"]}),
        (["97530", "97140-5"], {"findings": ["PTP701 1 2"]}),
        # indicator 0: no modifier helps
        (["97530", "97110-59"], {"findings": ["PTP703 1 2"]}),
        (["97530-XE", "97110"], {"findings": ["PTP703 1 2"]}),
        (["90837", "90834-XE"], {"findings": ["PTP703 1 2"]}),
        # a modifier on a line on which it never stands
        (["97530", "97140-25"], {"findings": ["PTP703 1 2"]}),
        (["97530", "99213-59"], {"findings": ["PTP703 1 2"]}),
        (["97530", "99213-RT"], {"findings": ["PTP703 1 2"]}),
        (["97530", "99213-27"], {"findings": ["PTP703 1 2"]}),
        (["97530", "99417-25"], {"findings": ["PTP703 1 2"]}),
        (["97530", "92001-25"], {"findings": ["PTP703 1 2"]}),
        (["97530", "92002-25"], {"bypassed": ["PTP701 1 2"]}),
        (["97530", "92014-25"], {"bypassed": ["PTP701 1 2"]}),
        (["97530", "92015-25"], {"findings": ["PTP703 1 2"]}),
        (["97530", "92014-57"], {"findings": ["PTP703 1 2"]}),
        (["97530", "G0283-25"], {"bypassed": ["PTP701 1 2"]}),
        (["97530", "G0283-59"], {"bypassed": ["PTP701 1 2"]}),
        # sites: two different ones
        (["17110-RT", "11102-LT"], {"bypassed": ["PTP701 1 2"]}),
        (["17110-RT", "11102-RT"], {"findings": ["PTP703 1 2"]}),
        (["17110-RT-LT", "11102-RT"], {"findings": ["PTP703 1 2"]}),
        (["17110-F1", "11102-F2"], {"bypassed": ["PTP701 1 2"]}),
        (["17110", "11102-RT"], {"findings": ["PTP703 1 2"]}),
        (["17110-RT", "11102"], {"findings": ["PTP703 1 2"]}),
        (["17110-RT", "11102-RT-59"], {"bypassed": ["PTP701 1 2"]}),
        (["17110-RT-XS", "11102-RT"], {"bypassed": ["PTP701 1 2"]}),
        # each line of column 2 by its own modifiers, against every line of column 1
        (["97530", "97140-59", "97140"], {"findings": ["PTP701 1 3"], "bypassed": ["PTP701 1 2"]}),
        (["97530-59", "97530", "97140"], {"findings": ["PTP703 1 2 3"]}),
        (["97530-59", "97530-XE", "97140"], {"bypassed": ["PTP701 1 2 3"]}),
        (["97530", "97530", "97140-59"], {"bypassed": ["PTP701 1 2 3"]}),
        (["17110-RT", "17110-LT", "11102-LT"], {"findings": ["PTP703 1 2 3"]}),
        (["17110-RT", "17110-F1", "11102-LT"], {"bypassed": ["PTP701 1 2 3"]}),
        # several pairs of one claim: column 1 of one, column 2 of another
        (["90839", "90837", "90834"], {"findings": ["PTP701 1 2", "PTP702 2 3"]}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_verdicts(checked, told, services, expected):
    assert told(checked(*services)) == expected


@pytest.mark.parametrize(
    ("services", "day", "expected"),
    [
        (["97535", "97140"], "2026-01-31", {}),
        (["97535", "97140"], "2026-02-01", {"findings": ["PTP701 1 2"]}),
        (["97535", "97140"], "2026-02-28", {"findings": ["PTP701 1 2"]}),
        (["97535", "97140"], "2026-03-01", {}),
        (["99452", "99358-59"], "2026-02-13", {"findings": ["PTP703 1 2"]}),
        (["99452", "99358"], "2026-02-14", {"findings": ["PTP701 1 2"]}),
        (["99452", "99358"], "2026-02-15", {"findings": ["PTP701 1 2"]}),
        (["99452", "99358"], "2026-02-16", {"findings": ["PTP701 1 2"]}),
    ],
)
def test_days(checked, told, services, day, expected):
    assert told(checked(*services, day=dt.date.fromisoformat(day))) == expected


def test_the_columns_may_change_places(checked):
    """On 14 February 99358 is denied and a modifier could help; from the 15th on 99452, and none does."""
    before, after = (checked("99452", "99358", day=dt.date(2026, 2, day)).findings[0] for day in (14, 15))
    assert [(edit.column2, edit.indicator) for finding in (before, after) for edit in finding.edits] == [
        ("99358", 1),
        ("99452", 0),
    ]
    assert "99358 is column 2 of 99452 (line 1)" in before.message
    assert "99452 is column 2 of 99358 (line 2)" in after.message
    assert checked.fixes(after) == ["drop-line 1"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2019-06-29", {"findings": ["PTP703 1 2"]}),
        ("2019-06-30", {"findings": ["PTP703 1 2"]}),
        ("2019-07-01", {"bypassed": ["PTP701 1 2"]}),
        ("2019-07-02", {"bypassed": ["PTP701 1 2"]}),
    ],
)
@pytest.mark.parametrize("modifier", ["59", "XE", "XP", "XS", "XU"])
def test_59_on_column_1_counts_from_july_2019(checked, told, day, expected, modifier):
    day = dt.date.fromisoformat(day)
    report = checked(f"97530-{modifier}", "97140", day=day)
    assert told(report) == expected
    # on column 2 it always did, and 25 and sites are not concerned
    assert told(checked("97530", f"97140-{modifier}", day=day)) == {"bypassed": ["PTP701 1 2"]}
    assert told(checked("97530-LT", "97140-RT", day=day)) == {"bypassed": ["PTP701 1 2"]}
    # and it names no site
    assert told(checked(f"97530-{modifier}", "97140-RT", day=day)) == expected
    for finding in report.findings:
        assert finding.severity is Severity.ERROR
        assert (
            f"{modifier} on line 1 does not bypass the edit: on {day} it counts on column 2 alone"
            in finding.message
        )
        assert "add-modifier 2 59" in checked.fixes(finding)
    for finding in report.bypassed:
        assert "conventions/distinct-modifier-on-either-line" in {
            citation.fact.partition("@")[0] for citation in finding.evidence
        }


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2014-12-30", {"findings": ["PTP703 1 2"]}),
        ("2014-12-31", {"findings": ["PTP703 1 2"]}),
        ("2015-01-01", {"bypassed": ["PTP701 1 2"]}),
        ("2015-01-02", {"bypassed": ["PTP701 1 2"]}),
    ],
)
def test_a_modifier_helps_from_its_first_day_on(checked, told, day, expected):
    day = dt.date.fromisoformat(day)
    report = checked("97530", "97140-XE", day=day)
    assert told(report) == expected
    for finding in report.findings:
        assert "it is not in force on 2014-12-3" in finding.message
        # XE stays on the line, and 59 beside it would be a conflict
        assert checked.fixes(finding) == ["ask 2", "drop-line 2"]


def test_settings_have_their_own_tables(checked, told):
    assert told(checked("97530", "97140-59", setting="hospital")) == {"findings": ["PTP703 1 2"]}
    assert told(checked("97140", "97110", setting="hospital")) == {"findings": ["PTP701 1 2"]}
    assert told(checked("97530", "97110", setting="hospital")) == {}
    assert told(checked("97140", "97110-27", setting="hospital")) == {"findings": ["PTP703 1 2"]}
    (finding,) = checked("97140", "97110", setting="hospital").findings
    assert "in Medicare's hospital pair edits of 2026q1" in finding.message


@pytest.mark.parametrize("basis", Basis)
def test_the_basis_does_not_matter(checked, told, basis):
    assert told(checked("97530", "97140", basis=basis)) == {"findings": ["PTP701 1 2"]}


def test_other_days_and_clinicians_are_other_encounters(checked, told):
    for other in ({"date_of_service": dt.date(2026, 3, 3)}, {"rendering_provider": "B"}):
        assert told(checked("97530", checked.line("97140", **other))) == {}


class TestWhatIsSaid:
    def test_denied_with_a_modifier_possible(self, checked):
        (finding,) = checked("97140", "97530", "97530").findings
        assert finding.message == (
            "97140 is column 2 of 97530 (lines 2, 3) in Medicare's practitioner pair edits of 2026q1: 97530 is paid and "
            "97140 on line 1 denied; no modifier says that they were apart"
        )
        assert finding.severity is Severity.ERROR
        assert [citation.fact.partition("@")[0] for citation in finding.evidence] == [
            "conventions/ptp-indicator/1"
        ]
        assert finding.denial.check == "ptp-bundled"
        assert (
            checked.fixes(finding)
            == [
                "ask 1",
                "add-modifier 1 XE",
                "add-modifier 1 XS",
                "add-modifier 1 XU",
                "add-modifier 1 59",
                "drop-line 1",
            ][1:]
        )
        assert finding.fixes[-1].provided == "97140 was part of 97530"

    def test_no_modifier_is_possible(self, checked):
        (finding,) = checked("97530", "97110").findings
        assert finding.message.endswith("denied; no modifier bypasses this edit")
        assert checked.fixes(finding) == ["drop-line 2"]
        assert finding.fixes[0].provided == ""

    def test_exclusive_codes_leave_the_choice_to_the_record(self, checked):
        (finding,) = checked("90837", "90834").findings
        assert finding.denial.check == "ptp-mutually-exclusive"
        assert [(fix.line, fix.provided) for fix in finding.fixes] == [
            ("2", "90837 is what was done"),
            ("1", "90834 is what was done"),
        ]
        (finding,) = checked("90837", "90834-59").findings
        assert (finding.rule, finding.denial.check) == (IN_VAIN, "ptp-mutually-exclusive")

    def test_of_several_lines_of_column_1_none_is_the_one_to_drop(self, checked):
        (finding,) = checked("90837", "90837", "90834").findings
        assert checked.fixes(finding) == ["drop-line 3"]

    def test_lines_without_a_clinician_are_said_to_be(self, checked):
        (finding,) = checked("97530@", "97140@").findings
        assert "no clinician is given" in finding.message

    def test_bypassed(self, checked):
        (finding,) = checked("97530", "97140-XS-59").bypassed
        assert "bypassed for line 2 by 59 (" in finding.message
        assert "XS (distinct because of a separate" in finding.message
        assert "the record must show two separate services" in finding.message
        assert (finding.severity, finding.fixes, finding.denial) == (Severity.REVIEW, (), None)
        facts = [citation.fact.partition("@")[0] for citation in finding.evidence]
        assert facts == ["conventions/ptp-indicator/1", "modifiers/59", "modifiers/XS"]

    def test_bypassed_on_both_lines(self, checked):
        (finding,) = checked("97530-59", "97140-XE").bypassed
        facts = [citation.fact.partition("@")[0] for citation in finding.evidence]
        assert facts[-1] == "conventions/distinct-modifier-on-either-line"
        (finding,) = checked("97530-25", "97140-XE").bypassed
        facts = [citation.fact.partition("@")[0] for citation in finding.evidence]
        assert facts == ["conventions/ptp-indicator/1", "modifiers/XE"]

    def test_what_a_site_does_is_a_reading(self, checked):
        (finding,) = checked("17110-RT", "11102-RT").findings
        assert finding.severity is Severity.WARNING
        assert "RT on line 2, RT on line 1 do not bypass the edit: both lines name RT" in finding.message
        (finding,) = checked("17110", "11102-RT").findings
        assert "only one of the lines names a site" in finding.message
        facts = [citation.fact.partition("@")[0] for citation in finding.evidence]
        assert facts == ["conventions/ptp-indicator/1", "modifiers/RT"]

    @pytest.mark.parametrize(
        ("services", "says"),
        [
            (
                ["97530", "97140-25"],
                "25 on line 2 does not bypass the edit: it belongs on a visit, which 97140 is not",
            ),
            (["97530", "99213-59"], "it never stands on a visit, which 99213 is"),
            (["97530", "99417-25"], "it never stands on an add-on, which 99417 is"),
            (["97530", "99213-27"], "it is not for professional claims"),
            (["97530-25", "97530", "97140"], "25 on line 1 does not bypass the edit: it belongs on a visit"),
            (
                ["97530-59", "97530", "97140"],
                "59 on line 1 does not bypass the edit: it does not stand on line 2 of 97530 too",
            ),
        ],
    )
    def test_what_stands_where_it_never_stands(self, checked, services, says):
        (finding,) = checked(*services).findings
        assert says in finding.message

    def test_a_modifier_that_some_payers_let_pass_is_a_warning(self, checked):
        severities = {
            services: checked(*services).findings[0].severity.value
            for services in (("97530", "97140-25"), ("97530-59", "97530", "97140"), ("97530", "97110-25"))
        }
        assert list(severities.values()) == ["warning", "error", "error"]

    def test_the_row_is_evidence(self, checked):
        for report in (checked("97530", "97140"), checked("97530", "97140-25"), checked("90837", "90834")):
            (finding,) = report.findings
            (edit,) = finding.edits
            assert (
                checked.catalog.tables.ptp(
                    edit.column1, edit.column2, date_of_service=checked.day, setting="practitioner"
                ).edit
                == edit
            )
        told = finding.to_dict()["edits"][0]
        assert (told["table"], told["column1"]) == ("ptp", "90837")
        assert told["file"] == "ptp-practitioner-2026q1.txt"


class TestModifiersThatAreOffered:
    def test_25_on_a_visit_in_column_2(self, checked):
        (finding,) = checked("97530", "99213").findings
        assert checked.fixes(finding) == ["add-modifier 2 25", "drop-line 2"]

    def test_a_visit_in_column_1_is_asked_about(self, checked):
        (finding,) = checked("99214", "97140").findings
        assert checked.fixes(finding) == ["ask 2", "drop-line 2"]
        (finding,) = checked("99214", "99213").findings
        assert checked.fixes(finding) == ["add-modifier 2 25", "drop-line 2"]

    def test_what_no_section_tells_is_asked(self, checked):
        (finding,) = checked("97530", "G0283").findings
        assert checked.fixes(finding) == ["ask 2", "drop-line 2"]

    def test_25_never_stands_on_an_add_on(self, checked):
        (finding,) = checked("97530", "99417").findings
        assert checked.fixes(finding) == ["ask 2", "drop-line 2"]

    def test_a_line_holds_four(self, checked):
        (three,) = checked("97530", "97140-GP-KX-CQ").findings
        (four,) = checked("97530", "97140-GP-KX-CQ-GA").findings
        assert "add-modifier 2 XE" in checked.fixes(three)
        assert checked.fixes(four) == ["ask 2", "drop-line 2"]

    def test_25_is_not_added_twice(self, checked):
        (finding,) = checked("97530", "97530-59", "99213-59").findings
        assert checked.fixes(finding) == ["add-modifier 3 25", "drop-line 3"]
        (finding,) = checked("97530", "99417-25").findings
        assert checked.fixes(finding) == ["ask 2", "drop-line 2"]

    def test_each_says_what_must_be_true(self, checked):
        for services in (["97530", "97140"], ["97530", "99213"], ["90837", "90853"]):
            (finding,) = checked(*services).findings
            adding = [fix for fix in finding.fixes if fix.kind.value == "add-modifier"]
            assert adding
            assert all(fix.provided for fix in adding)


def test_the_rules_say_what_they_need():
    needs = {row.id: row.needs for row in RULES if row.id.startswith("PTP")}
    assert set(needs) == {COLUMN_TWO, EXCLUSIVE, IN_VAIN}
    assert set(needs.values()) == {("conventions", "modifiers", "modifier-sets", "ptp")}


def test_a_full_memory_changes_no_answer(checked, told, monkeypatch):
    monkeypatch.setattr("cptkit.rules.ptp.places._MOST", 0)
    day = dt.date(2026, 3, 30)
    for _ in range(2):
        assert told(checked("97530", "97140-25", day=day)) == {"findings": ["PTP703 1 2"]}


def test_text_that_is_no_code_hides_no_pair(checked, told):
    assert told(checked("97530", "97140", "\0", "9714O")) == {"findings": ["PTP701 1 2"]}
    assert told(checked("97530", "97140-59", "?-25", "-24", "9714O-LT")) == {"bypassed": ["PTP701 1 2"]}
    odd = checked.line("97140", modifiers=["", " ", "XE "])
    assert told(checked("97530", odd)) == {"bypassed": ["PTP701 1 2"]}
