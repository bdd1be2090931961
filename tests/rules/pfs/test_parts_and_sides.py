"""PFS901 and PFS902: parts of a service, and services on both sides."""

import pytest

from cptkit import Basis, Severity
from cptkit.sources import Confidence


def fixes(finding):
    return [(fix.kind.value, fix.line, fix.value) for fix in finding.fixes]


class TestParts:
    """PFS901: 26 and TC stand where the indicator has such a part, and nowhere else."""

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("W9901-26", "PC/TC indicator 0, a practitioner's service"),
            ("W9901-TC", "PC/TC indicator 0"),
            ("W9903-26", "PC/TC indicator 2, the professional part alone"),
            ("W9903-TC", "PC/TC indicator 2"),
            ("W9904-26", "PC/TC indicator 3"),
            ("W9904-TC", "PC/TC indicator 3, the technical part alone"),
            ("W9905-26", "PC/TC indicator 4, the whole test"),
            ("W9906-TC", "PC/TC indicator 5, incident to"),
            ("W9908-26", "PC/TC indicator 7, therapy"),
        ],
    )
    def test_flagged(self, judged, line, says):
        report = judged("PFS901", line)
        (finding,) = report.findings
        code, modifier = line.split("-")
        assert finding.message.startswith(
            f"{code} does not take {modifier}: Medicare's fee schedule (24C) has "
        )
        assert says in finding.message
        assert (finding.severity, finding.denial.check) == (Severity.ERROR, "modifier-inconsistent")
        assert [row.code for row in finding.edits] == [code]
        assert finding.evidence[0].fact == f"conventions/pfs-pctc/{finding.edits[0].pctc}@2014-01-01"
        assert finding.confidence is Confidence.VERIFIED
        assert not report.not_checked
        (other,) = judged("PFS901", line, basis=Basis.CPT).findings
        assert (other.severity, other.message) == (Severity.WARNING, finding.message)

    @pytest.mark.parametrize(
        "line",
        ["W9901", "W9902-26", "W9902-TC", "W9902-26-TC", "W9934-26", "W9934-TC", "W9907-26", "W9932-26"],
    )
    def test_clean(self, judged, line):
        assert judged("PFS901", line, "W9909-26", "W9901-25").clean

    def test_a_part_that_one_reading_excludes(self, judged):
        """What rests on one reading is no error."""
        (finding,) = judged("PFS901", "W9909-TC").findings
        assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.SINGLE_SOURCE)

    def test_where_parts_do_not_arise(self, judged):
        for line in ("W9910-26", "W9911-26", "W9911-TC"):
            (finding,) = judged("PFS901", line).findings
            assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.VERIFIED)
        assert judged("PFS901", "W9935-26").clean, "its status is not on record"

    @pytest.mark.parametrize(
        ("line", "last", "provided"),
        [
            ("W9903-26", ("remove-modifier", "1", "26"), ""),
            ("W9904-TC", ("remove-modifier", "1", "TC"), ""),
            ("W9903-TC", ("remove-modifier", "1", "TC"), "all that W9903 stands for was done"),
            ("W9905-26", ("remove-modifier", "1", "26"), "all that W9905 stands for was done"),
        ],
    )
    def test_fixes(self, judged, line, last, provided):
        (finding,) = judged("PFS901", line).findings
        assert fixes(finding) == ([last] if not provided else [("ask", "1", None), last])
        assert finding.fixes[-1].provided == provided

    def test_the_row_of_the_reading_tells_of_the_other_part(self, judged):
        (finding,) = judged("PFS901", "W9907-26-TC").findings
        assert finding.message.startswith("W9907 does not take TC: ")
        assert "PC/TC indicator 6, a laboratory test" in finding.message

    @pytest.mark.parametrize("code", ["W9907", "W9932"])
    @pytest.mark.parametrize("basis", Basis)
    def test_a_laboratory_test_whose_reading_alone_is_priced(self, judged, code, basis):
        """The whole is outside the schedule, or not listed: the row of 26 says that there is no TC."""
        report = judged("PFS901", f"{code}-TC", f"{code}-26", basis=basis)
        (finding,) = report.findings
        assert finding.message.startswith(f"{code} does not take TC: ")
        assert "PC/TC indicator 6, a laboratory test" in finding.message
        assert (finding.edits[0].modifier, finding.lines) == ("26", ("1",))
        assert finding.severity is (Severity.ERROR if basis is Basis.MEDICARE else Severity.WARNING)
        assert fixes(finding) == [("ask", "1", None), ("remove-modifier", "1", "TC")]
        assert not report.not_checked

    def test_a_code_that_is_not_listed(self, judged):
        (entry,) = judged("PFS901", "W9999-26").not_checked
        assert entry.reason == "Medicare's fee schedule (24C) does not list W9999"

    def test_both_parts_on_a_line_are_two_findings(self, judged):
        report = judged("PFS901", "W9901-26-TC-26")
        assert [finding.message[:21] for finding in report.findings] == [
            "W9901 does not take 2",
            "W9901 does not take T",
        ]


class TestSides:
    """PFS902: 50, or LT and RT, stand where the code is paid by sides."""

    @pytest.mark.parametrize(("code", "indicator"), [("W9901", "0"), ("W9902", "2"), ("W9933", "2")])
    def test_fifty_is_flagged(self, judged, code, indicator):
        report = judged("PFS902", f"{code}-50")
        (finding,) = report.findings
        assert finding.message.startswith(
            f"{code} does not take 50: Medicare's fee schedule (24C) has bilateral "
        )
        assert f"indicator {indicator}, " in finding.message
        assert (finding.severity, finding.denial.check) == (Severity.ERROR, "modifier-inconsistent")
        assert fixes(finding) == [("remove-modifier", "1", "50")]
        assert finding.evidence[0].fact == f"conventions/pfs-bilat/{indicator}@2014-01-01"
        assert finding.edits[0].bilat == indicator
        (other,) = judged("PFS902", f"{code}-50", basis=Basis.CPT).findings
        assert (other.severity, other.message) == (Severity.WARNING, finding.message)

    @pytest.mark.parametrize(
        "lines",
        [
            ["W9913-50"],
            ["W9903-50"],
            ["W9933-50-26"],  # the row of the reading is paid by sides
            ["W9913-LT", "W9913-RT"],
            ["W9903-LT-RT"],
            ["W9901-LT"],
            ["W9901-LT", "W9901-LT"],
            ["W9901-LT", "W9912-RT"],
            ["W9901-59"],
            ["W9911-50"],
            ["W9911-LT", "W9911-RT"],
        ],
    )
    def test_clean(self, judged, lines):
        assert judged("PFS902", *lines).clean

    def test_fifty_where_sides_do_not_arise(self, judged):
        (finding,) = judged("PFS902", "W9910-50").findings
        assert finding.severity is Severity.WARNING

    def test_left_and_right_of_a_code_for_both_sides(self, judged):
        report = judged("PFS902", "W9902-LT", "W9901", "W9902-RT")
        (finding,) = report.findings
        assert finding.message.startswith("W9902 with LT and RT bills two sides: ")
        assert (finding.lines, finding.severity) == (("1", "3"), Severity.ERROR)
        assert finding.denial.check == "bilateral-rule"
        assert fixes(finding) == [("drop-line", "3", None)]
        assert (
            judged("PFS902", "W9902-LT", "W9902-RT", basis=Basis.CPT).findings[0].severity is Severity.WARNING
        )

    def test_left_and_right_where_the_indicator_speaks_of_fifty(self, judged):
        (finding,) = judged("PFS902", "W9901-LT", "W9901-RT").findings
        assert finding.severity is Severity.WARNING

    def test_left_and_right_on_one_line(self, judged):
        (finding,) = judged("PFS902", "W9902-RT-LT").findings
        assert fixes(finding) == [("remove-modifier", "1", "RT")]

    @pytest.mark.parametrize("lines", [["W9902-LT", "W9902-RT", "W9902-LT"], ["W9902-LT-RT", "W9902-LT"]])
    def test_more_lines_than_one_fix_can_mend(self, judged, lines):
        (finding,) = judged("PFS902", *lines).findings
        assert fixes(finding) == [("ask", "1", None)]

    def test_sides_of_which_one_is_paid_apart(self, judged):
        """The reading of one side, by the row of 26, beside the whole of the other."""
        assert judged("PFS902", "W9933-LT-26", "W9933-RT").clean

    def test_fifty_beside_a_side_is_another_rules_finding(self, judged):
        (finding,) = judged("PFS902", "W9902-50-LT", "W9902-RT").findings
        assert finding.lines == ("1",)

    def test_not_listed(self, judged):
        report = judged("PFS902", "W9999-50", "W9999-LT", "W9999-RT")
        (entry,) = report.not_checked
        assert (entry.lines, entry.reason) == (("1",), "Medicare's fee schedule (24C) does not list W9999")
