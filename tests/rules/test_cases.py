"""What each rule finds, against the cases; and whether the fixes it offers cure what it found."""

from collections import Counter

import pytest

from cptkit import Outcome, Severity, apply_fix, check
from cptkit.rules import FixKind

# Cures that make another rule fail, by case and fix: what fails then, and why it must.
FAILS_NEXT = {
    # 90785 hung on the add-on that goes, which never had a visit to hang on itself
    ("add-on-carries-but-hangs-in-the-air", "drop-line 1"): {("ADD301", "2")},
    # the successor is chosen by time, the code before it was not
    ("check-in-deleted", "replace-code 1 98016"): {("TIM401", "1")},
}


def told(entries):
    return [(entry.rule, list(entry.lines)) for entry in entries]


def asked(fix):
    return " ".join(str(part) for part in (fix.kind.value, fix.line, fix.value) if part is not None)


def compare(entries, expected, text):
    assert told(entries) == [(each.rule, each.lines) for each in expected], [text(entry) for entry in entries]
    for entry, each in zip(entries, expected, strict=True):
        missing = [words for words in each.says if words not in text(entry)]
        assert not missing, text(entry)


def test_case(case):
    report = case.check(select=[case.rule])
    compare(report.findings, case.findings, lambda entry: entry.message)
    compare(report.bypassed, case.bypassed, lambda entry: entry.message)
    compare(report.not_checked, case.not_checked, lambda entry: entry.reason)
    for entry, each in zip(
        (*report.findings, *report.bypassed), (*case.findings, *case.bypassed), strict=True
    ):
        assert entry.severity is Severity(each.severity), entry.message
        assert each.fixes is None or [asked(fix) for fix in entry.fixes] == each.fixes
    assert report.clean == (not case.findings and not case.not_checked)


def test_a_finding_says_what_it_rests_on(case):
    """Every failed finding names rule, claim, day, edition, likely denial; every fix a line of its own."""
    report = case.check(select=[case.rule])
    for finding in report.findings:
        assert (finding.rule, finding.claim) == (case.rule, case.id)
        assert finding.outcome is Outcome.FAIL
        assert finding.edition in {pin.name for pin in report.pins}
        # nobody denies a review: it asks whether more was done
        assert (finding.denial is None) == (finding.severity is Severity.REVIEW)
        assert finding.fixes, "no way out is shown"
        assert {fix.line for fix in finding.fixes} <= set(finding.lines)
        assert all(fix.text for fix in finding.fixes)
    for finding in report.bypassed:
        assert finding.outcome is Outcome.BYPASSED
        assert (finding.denial, finding.fixes) == (None, ())


def failing(report):
    """What failed, line by line; a review asks, and nothing fails by it."""
    wrong = (finding for finding in report.findings if finding.severity is not Severity.REVIEW)
    return {(finding.rule, line) for finding in wrong for line in finding.lines}


def test_fixes_cure(case):
    """A fix takes its finding away, and no rule fails on a line on which it did not fail before."""
    before = case.check()
    for finding in before.findings:
        for fix in finding.fixes:
            fixed = apply_fix(case.claim, fix)
            if fix.kind is FixKind.ASK:
                assert fixed == case.claim
                continue
            after = check(fixed, case.catalog, basis=case.basis)
            assert told(after.findings).count((finding.rule, list(finding.lines))) < told(
                before.findings
            ).count((finding.rule, list(finding.lines))), f"{asked(fix)} leaves: {finding.message}"
            new = failing(after) - failing(before)
            assert new == FAILS_NEXT.get((case.id, asked(fix)), set()), (
                f"{asked(fix)} for {finding.rule} makes fail: {new}"
            )


def test_cases_are_of_use(cases):
    """Ids are told once a file and day, reasons are given, and each rule has both sides of its edges."""
    named = Counter((case.rule, case.id, case.day) for case in cases)
    assert [key for key, times in named.items() if times > 1] == []
    assert [case.id for case in cases if not case.why.endswith(".")] == []


@pytest.mark.parametrize("years", [(year, year + 1) for year in range(2020, 2027)], ids=str)
def test_cases_stand_on_both_sides_of_each_new_year(cases, years):
    """Each rule has a flagged case on the first and last days of the editions, and none beyond them."""
    rules = {case.rule for case in cases}
    last, first = years
    for rule in rules:
        days = {case.day for case in cases if case.rule == rule and case.edition is None}
        assert {day for day in days if (day.month, day.day) == (12, 31) and day.year == last}, rule
        assert {day for day in days if (day.month, day.day) == (1, 1) and day.year == first}, rule
