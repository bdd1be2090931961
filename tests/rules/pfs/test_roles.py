"""PFS903, PFS904 and PFS905: assistants, two surgeons, teams."""

import datetime as dt

import pytest

from cptkit import Basis, Severity

ROLES = [
    ("PFS903", "80", "asst", "assistant-not-allowed"),
    ("PFS903", "81", "asst", "assistant-not-allowed"),
    ("PFS903", "82", "asst", "assistant-not-allowed"),
    ("PFS903", "AS", "asst", "assistant-not-allowed"),
    ("PFS904", "62", "cosurg", "modifier-inconsistent"),
    ("PFS905", "66", "team", "modifier-inconsistent"),
]
NEVER = {"PFS903": "W9912", "PFS904": "W9901", "PFS905": "W9901"}
DOCUMENTED = {"PFS903": "W9901", "PFS904": "W9914", "PFS905": "W9914"}

each_role = pytest.mark.parametrize(("rule", "modifier"), [role[:2] for role in ROLES])


@pytest.mark.parametrize(("rule", "modifier", "column", "denial"), ROLES)
def test_flagged(judged, rule, modifier, column, denial):
    line = f"{NEVER[rule]}-{modifier}"
    report = judged(rule, line)
    (finding,) = report.findings
    assert (finding.severity, finding.denial.check) == (Severity.ERROR, denial)
    indicator = getattr(finding.edits[0], column)
    assert finding.message.startswith(f"{line}: ")
    assert finding.message.endswith(f"(Medicare's fee schedule (24C), indicator {indicator})")
    assert finding.evidence[0].fact == f"conventions/pfs-{column}/{indicator}@2014-01-01"
    assert not report.not_checked
    (other,) = judged(rule, line, basis=Basis.CPT).findings
    assert (other.severity, other.message) == (Severity.WARNING, finding.message)


@each_role
def test_clean(judged, rule, modifier):
    assert judged(rule, f"W9913-{modifier}", NEVER[rule], f"W9911-{modifier}", f"W9913-{modifier}-59").clean


@each_role
def test_where_the_need_must_be_documented(judged, rule, modifier):
    report = judged(
        rule, f"{DOCUMENTED[rule]}-{modifier}", f"W9913-{modifier}", f"{DOCUMENTED[rule]}-{modifier}"
    )
    (entry,) = report.not_checked
    assert (entry.rule, entry.lines) == (rule, ("1", "3"))
    assert entry.reason.startswith("Medicare's fee schedule (24C): ")
    assert entry.reason.endswith("where the need is documented, which a claim does not show")
    assert not report.findings


@each_role
def test_where_the_role_does_not_arise(judged, rule, modifier):
    for basis in Basis:
        (finding,) = judged(rule, f"W9910-{modifier}", basis=basis).findings
        assert finding.severity is Severity.WARNING


def test_an_assistants_line_is_never_made_a_surgeons(judged):
    (finding,) = judged("PFS903", "W9912-80").findings
    assert [fix.kind.value for fix in finding.fixes] == ["drop-line"]
    for rule, line in (("PFS904", "W9901-62"), ("PFS905", "W9901-66")):
        (finding,) = judged(rule, line).findings
        assert [fix.kind.value for fix in finding.fixes] == ["ask"]


def test_two_modifiers_of_one_role_are_one_finding(judged):
    (finding,) = judged("PFS903", "W9912-AS-80").findings
    assert finding.message.startswith("W9912-AS-80: ")


@pytest.mark.parametrize(
    ("day", "release", "flagged"),
    [
        (dt.date(2024, 6, 30), None, False),
        (dt.date(2024, 7, 1), "24C", True),
        (dt.date(2024, 8, 8), "24C", True),
        (dt.date(2024, 8, 9), "24CR", False),
        (dt.date(2024, 9, 30), "24CR", False),
        (dt.date(2024, 10, 1), None, False),
        (dt.date(2025, 12, 31), None, False),
        (dt.date(2026, 1, 1), "26A", True),
        (dt.date(2026, 3, 31), "26A", True),
        (dt.date(2026, 4, 1), None, False),
    ],
)
def test_the_release_of_the_day_judges(judged, day, release, flagged):
    """A revision within a quarter pays the assistant; a quarter without a release is not checked."""
    report = judged("PFS903", "W9912-80", "W9913-80", day=day)
    assert [finding.edits[0].release for finding in report.findings] == ([release] if flagged else [])
    quarter = f"{day.year}q{(day.month + 2) // 3}"
    reasons = [] if release else [f"no release of the fee schedule for {quarter}"]
    assert [entry.reason for entry in report.not_checked] == reasons
    assert all(entry.lines == ("1", "2") for entry in report.not_checked)
