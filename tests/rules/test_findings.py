"""Fixes, as values that are applied to a claim."""

import datetime as dt

import attrs
import pytest

from cptkit import Catalog, Claim, Line, Report, Severity, apply_fix, check
from cptkit.errors import InvalidClaim
from cptkit.rules import Fix, FixKind, NotChecked
from cptkit.rules.emit import SURE
from cptkit.sources import Confidence

DAY = dt.date(2026, 3, 2)
CLAIM = Claim(
    [
        Line("90834", modifiers="95 HO 95", units=2, minutes=45, date_of_service=DAY, id="a"),
        Line("90785", date_of_service=DAY),
    ],
    id="C-1",
    patient="P-1",
    billing_provider="B-1",
)


def fixed(kind, value=None, line="a"):
    return apply_fix(CLAIM, Fix(kind, line, value, "as told"))


@pytest.mark.parametrize(
    ("kind", "value", "field", "after"),
    [
        (FixKind.REPLACE_CODE, "90832", "code", "90832"),
        (FixKind.SET_UNITS, 1, "units", 1),
        (FixKind.SET_UNITS, 0, "units", 0),
        (FixKind.ADD_MODIFIER, "59", "modifiers", ("95", "HO", "95", "59")),
        (FixKind.REMOVE_MODIFIER, "95", "modifiers", ("95", "HO")),
        (FixKind.REMOVE_MODIFIER, "HO", "modifiers", ("95", "95")),
    ],
)
def test_a_fix_changes_one_thing_of_one_line(kind, value, field, after):
    before = CLAIM.lines[0]
    claim = fixed(kind, value)
    assert (claim.id, claim.patient, claim.billing_provider) == ("C-1", "P-1", "B-1")
    changed, kept = claim.lines
    assert changed == attrs.evolve(before, **{field: after})
    assert getattr(changed, field) == after
    assert kept == CLAIM.lines[1]
    assert CLAIM.lines[0] is before


def test_an_ask_changes_nothing():
    assert fixed(FixKind.ASK) == CLAIM


def test_dropping_keeps_the_names_of_the_other_lines():
    assert [line.id for line in fixed(FixKind.DROP_LINE).lines] == ["2"]
    assert apply_fix(fixed(FixKind.DROP_LINE), Fix(FixKind.DROP_LINE, "2", None, "")).lines == ()


@pytest.mark.parametrize("kind", FixKind, ids=str)
def test_a_line_that_is_not_there(kind):
    with pytest.raises(InvalidClaim, match="no such line: '1'; expected one of a, 2"):
        fixed(kind, "59", line="1")


def test_a_modifier_that_is_not_there():
    with pytest.raises(InvalidClaim, match="no such modifier"):
        fixed(FixKind.REMOVE_MODIFIER, "59")
    with pytest.raises(InvalidClaim, match="no such modifier"):
        fixed(FixKind.REMOVE_MODIFIER, "59", line="2")


def test_a_modifier_that_is_there_already_is_not_added_again():
    assert fixed(FixKind.ADD_MODIFIER, "HO") == CLAIM
    once = fixed(FixKind.ADD_MODIFIER, "59")
    assert apply_fix(once, Fix(FixKind.ADD_MODIFIER, "a", "59", "as told")) == once


@pytest.mark.parametrize("wrong", [None, 90832, 0])
def test_a_code_to_put_in_is_text(wrong):
    with pytest.raises(InvalidClaim, match="the fix has no code to put in") as caught:
        fixed(FixKind.REPLACE_CODE, wrong)
    assert caught.value.given == wrong


# ---- stale fixes ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FixKind, ids=str)
def test_a_fix_for_another_code_is_stale(kind):
    """The line was changed since: what was to be done to 90837 is not done to 90834."""
    stale = Fix(kind, "a", "95", "as told", code="90837")
    with pytest.raises(
        InvalidClaim, match="the fix was made for 90837, and line a has another code now"
    ) as caught:
        apply_fix(CLAIM, stale)
    assert caught.value.given == "90834"
    assert "a fix from a report of this claim" in str(caught.value)


def test_a_fix_for_the_code_of_the_line_or_for_none_is_applied():
    for code in ("90834", ""):
        fix = Fix(FixKind.SET_UNITS, "a", 1, "as told", code=code)
        assert apply_fix(CLAIM, fix).lines[0].units == 1


def test_a_fix_of_a_report_is_refused_once_its_line_is_another_service():
    catalog = Catalog.from_editions("2026.1")
    claim = Claim([Line("90837", minutes=50, date_of_service=DAY)])
    (finding,) = check(claim, catalog).findings
    (fix,) = finding.fixes
    assert (fix.code, fix.value) == ("90837", "90834")
    assert fix.to_dict()["code"] == "90837"
    mended = apply_fix(claim, fix)
    assert mended.lines[0].code == "90834"
    with pytest.raises(InvalidClaim, match="made for 90837"):
        apply_fix(mended, fix)


def test_every_fix_of_a_report_names_the_code_of_its_line():
    lines = [
        Line(code, date_of_service=DAY, **values)
        for code, values in [
            ("9083", {"minutes": -1, "units": 0, "modifiers": "9 ZQ HO HN SZ 93"}),
            ("99354", {}),
            ("90833", {"minutes": 10}),
            ("90839", {"minutes": 60, "start": dt.time(10), "stop": dt.time(10, 30)}),
            ("90840", {"units": 3}),
            ("90847", {"minutes": 50}),
            ("90837", {"minutes": 50}),
            ("90837", {"minutes": 50}),
        ]
    ]
    claim = Claim(lines)
    codes = {line.id: line.code for line in claim.lines}
    found = check(claim, Catalog.from_editions("2026.1")).findings
    assert {finding.rule for finding in found} == {
        *("ADD301", "BHX501", "COD101", "COD102", "COD103", "DUP601"),
        *("MOD201", "MOD202", "MOD203", "MOD204", "MOD205", "TIM402", "TIM403", "TIM404", "TIM405"),
    }
    assert [fix for finding in found for fix in finding.fixes if fix.code != codes[fix.line]] == []


# ---- fixes of another claim -----------------------------------------------------------------


def test_a_fix_is_for_the_claim_it_was_found_on():
    catalog = Catalog.from_editions("2026.1")
    one, other = (Claim([Line("90837", minutes=50, date_of_service=DAY)], id=name) for name in ("A", "B"))
    (finding,) = check(one, catalog).findings
    (fix,) = finding.fixes
    assert fix.claim == "A"
    assert apply_fix(one, fix).lines[0].code == "90834"
    for wrong, given in ((other, "B"), (attrs.evolve(other, id=""), None)):
        with pytest.raises(
            InvalidClaim, match=r"^the fix was made for claim A, and this is another one"
        ) as caught:
            apply_fix(wrong, fix)
        assert caught.value.given == given
        assert caught.value.expected == "the claim that its finding names"


def test_where_the_claim_has_no_id_nothing_tells():
    nameless = Claim([Line("90837", minutes=50, date_of_service=DAY)])
    (fix,) = check(nameless, Catalog.from_editions("2026.1")).findings[0].fixes
    assert fix.claim == ""
    assert apply_fix(attrs.evolve(nameless, id="B"), fix).lines[0].code == "90834"


def test_the_fixes_of_a_finding_are_for_its_claim_also_out_of_json():
    claim = Claim([Line("90837", minutes=50, date_of_service=DAY)], id="A")
    report = check(claim, Catalog.from_editions("2026.1"))
    assert "claim" not in report.findings[0].fixes[0].to_dict()
    (finding,) = Report.from_dict(report.to_dict()).findings
    assert (finding, finding.fixes[0].claim) == (report.findings[0], "A")
    moved = attrs.evolve(finding, claim="B")
    assert [fix.claim for fix in moved.fixes] == ["B"]
    # of a claim without an id nothing is filled in
    assert [fix.claim for fix in attrs.evolve(moved, claim="").fixes] == ["B"]


# ---- findings and what was not checked -----------------------------------------------------


def test_the_confidence_of_a_finding_is_the_weakest_of_its_evidence():
    catalog = Catalog.from_editions("2026.1")
    (finding,) = check(Claim([Line("90837", minutes=50, date_of_service=DAY)]), catalog).findings
    (cited,) = finding.evidence
    assert finding.confidence is cited.confidence is Confidence.VERIFIED
    assert finding.to_dict()["confidence"] == "verified"
    for confidence in Confidence:
        doubtful = attrs.evolve(cited, confidence=confidence)
        for evidence in ((doubtful,), (cited, doubtful), (doubtful, cited)):
            assert attrs.evolve(finding, evidence=evidence).confidence is confidence


def test_a_finding_of_arithmetic_alone_has_no_confidence():
    line = Line("27447", minutes=2000, date_of_service=DAY)
    (finding,) = check(Claim([line]), Catalog.from_editions("2026.1"), select="TIM404").findings
    assert finding.severity is Severity.WARNING
    assert finding.evidence == ()
    assert finding.confidence is None
    assert finding.to_dict()["confidence"] is None


def test_a_finding_under_medicares_total_is_as_sure_as_its_answer():
    """Sources differ on 24 and 8 minutes: the finding does not call itself verified."""
    lines = [
        Line("97110", modifiers="GP", minutes=24, date_of_service=DAY),
        Line("97140", modifiers="GP", minutes=8, date_of_service=DAY),
    ]
    report = check(Claim(lines), Catalog.from_editions("2026.1"), basis="medicare")
    (finding,) = report.findings
    assert finding.message.endswith("[this answer is disputed]")
    assert finding.confidence is Confidence.DISPUTED


def test_findings_and_entries_as_text():
    (finding,) = check(Claim([Line("90837", minutes=50, date_of_service=DAY)]), Catalog.bundled()).findings
    assert str(finding) == (
        "error on line 1: 50 minutes are 90834, not 90837 (90837 takes 53 or more) "
        "[TIM402 code-not-supported-by-time]"
    )
    assert str(attrs.evolve(finding, lines=("2", "10"))).startswith("error on line 2, 10: ")
    entry = NotChecked("TIM402", "code-not-supported-by-time", "C", ("3", "4"), DAY, "no minutes are given")
    assert str(entry) == "not checked on line 3, 4: no minutes are given [TIM402]"


def test_the_fixes_of_every_finding_stand_by_how_little_they_change(cases):
    """The least change first, whatever order a rule names them in."""
    rank = {kind: place for place, kind in enumerate(FixKind)}
    mixed = set()
    for case in cases:
        report = case.check(select=[case.rule])
        for finding in report.findings:
            kinds = [fix.kind for fix in finding.fixes]
            assert kinds == sorted(kinds, key=rank.__getitem__), case
            if len(set(kinds)) > 1:
                mixed.add(case.rule)
    assert len(mixed) > 10


def test_an_error_rests_on_a_fact_or_a_published_row(case):
    """Clause: severity ``error`` needs a fact or an edit row in force on the date."""
    report = case.check(select=[case.rule])
    errors = [each for each in (*report.findings, *report.bypassed) if each.severity is Severity.ERROR]
    assert [each.message for each in errors if not each.evidence and not each.edits] == []
    for each in errors:
        assert all(citation.confidence in SURE for citation in each.evidence) or each.edits, each.message
