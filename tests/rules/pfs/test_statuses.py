"""PFS907 to PFS910: what the status of a code says of a line."""

import pytest

from cptkit import Basis, Outcome, Severity

STATUS_RULES = ("PFS907", "PFS908", "PFS909", "PFS910")
PASSING = ["W9901", "W9911", "W9927", "W9928", "W9929", "W9930", "W9999", "9083", ""]


@pytest.mark.parametrize("rule", STATUS_RULES)
@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("line", PASSING)
def test_clean(judged, rule, basis, line):
    assert judged(rule, line, "W9901-25", basis=basis).clean


@pytest.mark.parametrize("rule", STATUS_RULES)
def test_a_status_that_no_fact_explains(judged, rule):
    report = judged(rule, "W9935", "W9901", "W9931")
    (entry,) = report.not_checked
    assert (entry.rule, entry.lines) == (rule, ("1", "3"))
    assert (
        entry.reason
        == "what Q means in the column status of the fee schedule is not on record for 2024-07-01"
    )


class TestNeverPaidSeparately:
    """PFS907."""

    @pytest.mark.parametrize(("code", "status"), [("W9921", "B"), ("W9922", "P")])
    def test_flagged(self, judged, code, status):
        report = judged("PFS907", code, "W9901")
        (finding,) = report.findings
        assert finding.message.startswith(f"{code} has status {status} in Medicare's fee schedule (24C): ")
        assert (finding.lines, finding.severity) == (("1",), Severity.ERROR)
        assert finding.denial.check == "separate-payment-never"
        assert [(fix.kind.value, fix.line) for fix in finding.fixes] == [("drop-line", "1")]
        assert finding.evidence[0].fact == f"conventions/pfs-status/{status}@2014-01-01"
        (other,) = judged("PFS907", code, basis=Basis.CPT).findings
        assert (other.severity, other.message) == (Severity.WARNING, finding.message)

    @pytest.mark.parametrize("code", ["W9923", "W9924", "W9925", "W9926"])
    def test_other_statuses(self, judged, code):
        assert judged("PFS907", code).clean


class TestNotPayableByMedicare:
    """PFS908."""

    @pytest.mark.parametrize(
        ("code", "status", "kinds"), [("W9923", "I", ["ask", "drop-line"]), ("W9924", "N", ["drop-line"])]
    )
    def test_flagged(self, judged, code, status, kinds):
        report = judged("PFS908", code)
        (finding,) = report.findings
        assert finding.message.startswith(f"{code} has status {status} in Medicare's fee schedule (24C): ")
        assert (finding.severity, finding.denial.check) == (Severity.ERROR, "code-payer-not-accepted")
        assert [fix.kind.value for fix in finding.fixes] == kinds
        drop = finding.fixes[-1]
        assert (drop.value, drop.text, drop.provided) == (
            None,
            f"drop {code}",
            "nothing of it is billed to Medicare",
        )
        assert judged("PFS908", code, basis=Basis.CPT).clean

    @pytest.mark.parametrize("code", ["W9923", "W9924"])
    @pytest.mark.parametrize("modifier", ["GA", "GX", "GY", "GZ"])
    def test_bypassed(self, judged, code, modifier):
        report = judged("PFS908", f"{code}-59-{modifier}")
        assert not report.findings
        (entry,) = report.bypassed
        assert (entry.outcome, entry.severity) == (Outcome.BYPASSED, Severity.REVIEW)
        assert entry.message.endswith(f"; with {modifier} the line expects that")
        assert (entry.denial, entry.fixes) == (None, ())
        assert [cited.fact.partition("/")[0] for cited in entry.evidence] == ["conventions", "modifiers"]

    @pytest.mark.parametrize("modifiers", ["59", "ZQ", "9"])
    def test_other_modifiers_bypass_nothing(self, judged, modifiers):
        assert len(judged("PFS908", f"W9924-{modifiers}").findings) == 1

    @pytest.mark.parametrize("code", ["W9921", "W9922", "W9925", "W9926"])
    def test_other_statuses(self, judged, code):
        assert judged("PFS908", code).clean


class TestPaidOnlyAlone:
    """PFS909."""

    def test_flagged(self, judged):
        report = judged("PFS909", "W9901", "W9926", "W9912", "W9999")
        (finding,) = report.findings
        assert finding.message.startswith(
            "W9926 beside W9901, W9912: paid only where nothing else of the day is"
        )
        assert (finding.lines, finding.severity) == (("2", "1", "3"), Severity.ERROR)
        assert finding.denial.check == "separate-payment-never"
        assert [(fix.kind.value, fix.line) for fix in finding.fixes] == [("drop-line", "2")]
        (other,) = judged("PFS909", "W9926", "W9901", basis=Basis.CPT).findings
        assert other.severity is Severity.WARNING

    @pytest.mark.parametrize(
        "lines", [["W9926"], ["W9926", "W9926"], ["W9926", "W9921", "W9923", "W9924", "W9930"]]
    )
    def test_clean(self, judged, lines):
        assert judged("PFS909", *lines).clean

    @pytest.mark.parametrize("beside", ["W9925", "W9927", "W9928", "W9929", "W9911", "W9999", "9083"])
    def test_not_checked(self, judged, beside):
        report = judged("PFS909", "W9926", beside, beside, "W9921")
        assert not report.findings
        (entry,) = report.not_checked
        assert entry.lines == ("1",)
        assert entry.reason.endswith(f", and whether {beside} is paid is not known")


class TestRestrictedCoverage:
    """PFS910."""

    def test_a_review(self, judged):
        report = judged("PFS910", "W9901", "W9925")
        (finding,) = report.findings
        assert finding.message.startswith("W9925 has status R in Medicare's fee schedule (24C): ")
        assert (finding.lines, finding.severity) == (("2",), Severity.REVIEW)
        assert (finding.denial.check, finding.denial.likely) == ("coverage-policy", True)
        assert [fix.kind.value for fix in finding.fixes] == ["ask"]
        assert judged("PFS910", "W9925", basis=Basis.CPT).clean

    @pytest.mark.parametrize("code", ["W9921", "W9923", "W9924", "W9926"])
    def test_other_statuses(self, judged, code):
        assert judged("PFS910", code).clean
