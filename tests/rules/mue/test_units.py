"""What unit limits find: by line or by day, zero, what is not published, and what is not seen."""

import datetime as dt

import pytest

from cptkit import Basis, Catalog, Severity
from cptkit.rules import RULES
from cptkit.rules.table import RuleStatus

ALL_UNCHECKED = ["MUE801", "MUE802", "MUE803"]
STABLE = [row for row in RULES if row.status is RuleStatus.STABLE]
LEFT_OUT = tuple(row.id for row in STABLE if row.needs_edits or row.needs_history or row.payer_facts)


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        # MAI 1: each line alone
        (["97032 x4"], {}),
        (["97032 x5"], {"findings": ["MUE801 1"]}),
        (["97032 x4", "97032-59 x4"], {}),
        (["97032 x4", "97032-76 x4", "97032-LT x4", "97032-XS x4"], {}),
        (["97032 x4", "97032-59 x5"], {"findings": ["MUE801 2"]}),
        (["97032 x5", "97032-59 x5"], {"findings": ["MUE801 1", "MUE801 2"]}),
        (["97033"], {"findings": ["MUE801 1"]}),
        # lines that nothing tells apart are one service
        (["97032 x2", "97032 x2"], {}),
        (["97032 x2", "97032 x3"], {"findings": ["MUE801 1 2"]}),
        (["97032-GP x2", "97032-KX x3", "97032-77 x4"], {"findings": ["MUE801 1 2"]}),
        (["97032 x5", "97032"], {"findings": ["MUE801 1", "MUE801 1 2"]}),
        # MAI 2: the day, whatever the modifiers
        (["97035 x2"], {}),
        (["97035 x3"], {"findings": ["MUE802 1"]}),
        (["97035", "97035-59"], {}),
        (["97035", "97035-59 x2"], {"findings": ["MUE802 1 2"]}),
        (["97035", "97035-59", "97035-76"], {"findings": ["MUE802 1 2 3"]}),
        (["97036"], {"findings": ["MUE802 1"]}),
        # MAI 3: the day
        (["97110 x3"], {}),
        (["97110 x4"], {"findings": ["MUE803 1"]}),
        (["97110 x2", "97110-59"], {}),
        (["97110 x2", "97110-59 x2"], {"findings": ["MUE803 1 2"]}),
        (["97112"], {"findings": ["MUE803 1"]}),
        # no indicator, or one nobody explained: over by every way of counting, or not known
        (["97116 x2"], {}),
        (["97116 x3"], {"findings": ["MUE801 1"]}),
        (["97116 x2", "97116"], {"not_checked": ["MUE801 1 2"]}),
        (["97116 x3", "97116"], {"findings": ["MUE801 1"]}),
        (["97116", "97116"], {}),
        (["97124"], {"findings": ["MUE801 1"]}),
        (["97129 x2", "97129"], {"not_checked": ["MUE801 1 2"]}),
        # what is not published is not said to be anything
        (["97140 x99"], {}),
        (["97140 x99", "97110 x4"], {"findings": ["MUE803 2"]}),
        # units below 1 are another rule's, and count as none
        (["97110 x3", "97110 x0"], {}),
        (["97110 x4", "97110 x-1"], {"findings": ["MUE803 1"]}),
        (["97036 x0"], {}),
        (["97033 x-1", "97033 x0"], {}),
        (["?", "", "97110 x4"], {"findings": ["MUE803 3"]}),
        # several codes
        (["97032 x5", "97035 x3", "97110 x4"], {"findings": ["MUE801 1", "MUE802 2", "MUE803 3"]}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_verdicts(checked, told, services, expected):
    assert told(checked(*services)) == expected


def test_settings_have_their_own_limits(checked, told):
    assert told(checked("97110 x5", setting="hospital")) == {}
    assert told(checked("97110 x6", setting="hospital")) == {"findings": ["MUE803 1"]}
    assert told(checked("97032", "97032-59", setting="hospital")) == {"findings": ["MUE802 1 2"]}
    assert told(checked("97035 x3", setting="hospital")) == {}
    assert told(checked("A4206 x11", setting="dme")) == {"findings": ["MUE803 1"]}
    (finding,) = checked("97110 x6", setting="hospital").findings
    assert "Medicare's hospital limit of 2026q1 is 5 (MAI 3)" in finding.message


@pytest.mark.parametrize("basis", Basis)
def test_the_basis_does_not_matter(checked, told, basis):
    assert told(checked("97035 x3", basis=basis)) == {"findings": ["MUE802 1"]}


def test_other_days_and_clinicians_are_other_encounters(checked, told):
    for other in ({"date_of_service": dt.date(2026, 3, 3)}, {"rendering_provider": "B"}):
        assert told(checked("97035 x2", checked.line("97035 x2", **other))) == {}


@pytest.mark.parametrize(
    ("day", "expected", "rule", "evidence"),
    [
        ("2013-03-30", {"not_checked": ["MUE801 1 2"]}, "MUE801", 0),
        ("2013-03-31", {"not_checked": ["MUE801 1 2"]}, "MUE801", 0),
        ("2013-04-01", {"findings": ["MUE802 1 2"]}, "MUE802", 2),
        ("2013-04-02", {"findings": ["MUE802 1 2"]}, "MUE802", 2),
    ],
)
def test_a_day_is_counted_from_april_2013(checked, told, day, expected, rule, evidence):
    """Before it no record says what the indicator counts: more than the limit on a line is over it anyhow."""
    day = dt.date.fromisoformat(day)
    assert told(checked("97035", "97035 x2", day=day)) == expected
    (finding,) = checked("97035 x3", day=day).findings
    assert (finding.rule, len(finding.evidence)) == (rule, evidence)


class TestWhatIsSaid:
    def test_a_line(self, checked):
        (finding,) = checked("97032 x5").findings
        assert finding.message == (
            "97032 has units 5: Medicare's practitioner limit of 2026q1 is 4 (MAI 1); all of them are denied, not only those beyond it"
        )
        assert (finding.severity, finding.denial.check) == (Severity.ERROR, "mue-line")
        assert checked.fixes(finding) == ["ask 1", "set-units 1 4"]
        assert finding.fixes[1].provided == "no more than 4 in all were done and documented"

    def test_lines_that_nothing_tells_apart(self, checked):
        (finding,) = checked("97032 x2", "97032 x3").findings
        assert "no modifier says why there are several lines" in finding.message
        assert finding.severity is Severity.WARNING
        assert checked.fixes(finding) == ["ask 1", "set-units 2 2", "set-units 1 1"]

    def test_a_day_by_policy(self, checked):
        (finding,) = checked("97035", "97035 x2").findings
        assert (
            "97035 has units 3 on lines 1, 2: Medicare's practitioner limit of 2026q1 is 2 (MAI 2)"
            in finding.message
        )
        assert (finding.severity, finding.denial.check) == (Severity.ERROR, "mue-day-policy")
        assert "no appeal" in finding.fixes[0].text
        assert checked.fixes(finding) == ["ask 1", "set-units 2 1", "drop-line 1"]

    def test_a_day_by_experience(self, checked):
        (finding,) = checked("97110 x9").findings
        assert (finding.severity, finding.denial.check) == (Severity.ERROR, "mue-day-clinical")
        assert "appeal with the record" in finding.fixes[0].text

    def test_zero_is_a_limit(self, checked):
        (finding,) = checked("97112 x2", basis=Basis.MEDICARE).findings
        assert finding.message == (
            "97112 has units 2: Medicare's practitioner limit of 2026q1 is 0 (MAI 3); the code is not paid in this "
            "setting at all"
        )
        assert finding.fixes[0].text == (
            "do not bill 97112 here; if another code stands for what was done, report that"
        )
        assert checked.fixes(finding) == ["ask 1", "drop-line 1"]
        assert finding.fixes[1].provided == ""

    @pytest.mark.parametrize("code", ["97033", "97036", "97112", "97124"])
    def test_of_a_limit_of_zero_nothing_is_advised_but_not_to_bill(self, checked, code):
        (finding,) = checked(code, basis=Basis.MEDICARE).findings
        assert finding.severity is Severity.ERROR
        assert finding.message.endswith("; the code is not paid in this setting at all")
        assert not any(word in fix.text for fix in finding.fixes for word in ("appeal", "modifier", "units"))

    @pytest.mark.parametrize("code", ["97033", "97036", "97112", "97124"])
    def test_a_limit_of_zero_is_not_another_payers(self, checked, code):
        (finding,) = checked(code).findings
        assert finding.severity is Severity.WARNING
        assert finding.message.endswith(
            "; Medicare does not pay the code in this setting at all, and other payers may"
        )
        assert finding.fixes[0].text == f"ask whether the payer takes {code}, as the limit is Medicare's"
        assert checked.fixes(finding) == ["ask 1"]

    def test_one_line_less_may_not_be_enough(self, checked):
        (finding,) = checked("97035 x2", "97035 x2", "97035 x2").findings
        assert checked.fixes(finding) == ["ask 1", "drop-line 3", "drop-line 2", "drop-line 1"]
        (finding,) = checked("97036", "97036", basis=Basis.MEDICARE).findings
        assert checked.fixes(finding) == ["ask 1", "drop-line 2", "drop-line 1"]

    def test_without_an_indicator(self, checked):
        (finding,) = checked("97116 x3").findings
        assert "is 2; all of them are denied" in finding.message
        assert [citation.fact.partition("@")[0] for citation in finding.evidence] == [
            "conventions/mue-all-units-denied"
        ]

    def test_lines_without_a_clinician_are_said_to_be(self, checked):
        (finding,) = checked("97035@ x3").findings
        assert "no clinician is given" in finding.message

    def test_numbers_nobody_can_mean(self, checked):
        (finding,) = checked(checked.line("97035", units=10**5000)).findings
        assert "has units over 1000000000" in finding.message
        assert checked.fixes(finding) == ["ask 1", "set-units 1 2"]

    def test_the_row_is_evidence(self, checked):
        (finding,) = checked("97035 x3").findings
        answer = checked.catalog.tables.mue(
            "97035", date_of_service=finding.date_of_service, setting="practitioner"
        )
        assert finding.edits == (answer.mue,)
        assert [citation.fact.partition("@")[0] for citation in finding.evidence] == [
            "conventions/mue-mai/2",
            "conventions/mue-all-units-denied",
        ]


class TestNotChecked:
    def test_without_a_table_of_the_quarter(self, checked, told):
        report = checked("97110 x4", "?", "97035", day=dt.date(2026, 4, 1))
        assert told(report) == {"not_checked": [f"{rule} 1 3" for rule in ALL_UNCHECKED]}
        assert report.not_checked[0].reason.startswith(
            "no unit limits of practitioner for 2026q2; there are 2013q1"
        )

    def test_the_first_and_last_days_of_tables(self, checked, told):
        unchecked = {"not_checked": [f"{rule} 1" for rule in ALL_UNCHECKED]}
        for day, expected in (
            ("2025-12-30", unchecked),
            ("2025-12-31", unchecked),
            ("2026-01-01", {"findings": ["MUE803 1"]}),
            ("2026-01-02", {"findings": ["MUE803 1"]}),
            ("2026-03-31", {"findings": ["MUE803 1"]}),
            ("2026-04-01", unchecked),
        ):
            assert told(checked("97110 x4", day=dt.date.fromisoformat(day))) == expected

    def test_without_tables(self, checked, told):
        bare = Catalog.from_editions("2026.1")
        report = checked("97110 x4", catalog=bare)
        assert told(report) == {"not_checked": [f"{rule} 1" for rule in ALL_UNCHECKED]}
        assert {entry.reason for entry in report.not_checked} == {"the catalog holds no edit tables"}
        assert checked("97110 x4", catalog=bare, select="ALL").left_out == LEFT_OUT

    @pytest.mark.parametrize(
        ("service", "expected"),
        [
            ("97032 x4", {}),
            ("97035 x2", {"not_checked": ["MUE802 2"]}),
            ("97035 x3", {"findings": ["MUE802 2"]}),
            ("97036 x0", {}),
            ("97110", {"not_checked": ["MUE803 2"]}),
            ("97116 x2", {}),
            ("97140 x9", {}),
        ],
    )
    def test_more_of_the_code_without_a_clinician(self, checked, told, service, expected):
        report = checked(f"{service[:5]}@", service)
        here = {
            part: [entry for entry in entries if entry.endswith(" 2")]
            for part, entries in told(report).items()
        }
        assert {part: entries for part, entries in here.items() if entries} == expected

    def test_more_of_the_code_on_another_claim(self, checked, told):
        one, other = (checked.claim("97110", id=name, patient="P") for name in "ab")
        report = checked.claims(one, other)
        assert [(entry.rule, entry.claim) for entry in report.not_checked] == [
            ("MUE803", "a"),
            ("MUE803", "b"),
        ]
        assert (
            "more of 97110 stands on another claim of the day or without a clinician"
            in report.not_checked[0].reason
        )
        unrelated = checked.claim("97035", id="b", patient="P")
        assert told(checked.claims(one, unrelated)) == {}

    def test_a_row_that_could_not_be_read(self, checked, told):
        claim = checked.claim("97110", "97110", "97035 x2", "97032 x4", "97140", "97036", id="a")
        report = checked.claims(claim, incomplete=["a"])
        assert told(report) == {"findings": ["MUE802 6"], "not_checked": ["MUE803 1 2", "MUE802 3"]}
        assert all("could not be read" in entry.reason for entry in report.not_checked)

    def test_a_way_of_counting_that_the_table_does_not_say(self, checked):
        entries = checked("97129 x2", "97116 x2", "97116", "97129").not_checked
        assert [(entry.lines, entry.reason) for entry in entries] == [
            (
                lines,
                f"the table does not say how the limit of {code} counts: each line is within it, all together are not",
            )
            for lines, code in ((("1", "4"), "97129"), (("2", "3"), "97116"))
        ]


def test_the_rules_say_what_they_need():
    needs = {row.id: row.needs for row in RULES if row.id.startswith("MUE")}
    by_day = ("conventions", "mue")
    by_line = ("conventions", "modifiers", "modifier-sets", "mue")
    assert needs == {"MUE801": by_line, "MUE802": by_day, "MUE803": by_day}
