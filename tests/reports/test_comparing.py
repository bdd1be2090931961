"""Reports beside each other: what is new, what stays, what is fixed, and what nobody can say."""

import datetime as dt
import json

import attrs
import pytest
from hypothesis import given

from cptkit import Basis, Catalog, Claim, History, Line, Report, check, check_claims
from cptkit.codesets import Pin
from cptkit.errors import InvalidReport
from cptkit.reports import compare, comparing
from cptkit.rules import RuleRow, Severity
from cptkit.rules.report import GivenHistory
from cptkit.rules.waivers import Waived, Waiver
from cptkit.testing import strategies

DAY = dt.date(2026, 3, 2)
CATALOG = Catalog.bundled()


def line(code="90837", minutes=50, **fields):
    return Line(code, minutes=minutes, **{"date_of_service": DAY, **fields})


def report_on(*lines, id="C-1", select=("TIM",), **options):  # noqa: A002 - as a claim names it
    return check(Claim(lines, id=id), CATALOG, select=select, **options)


def counted(found):
    parts = (found.new, found.unchanged, found.fixed, found.not_judged, found.waived)
    return tuple(map(len, parts))


BEFORE = report_on(line())


def test_the_same_report_has_nothing_new():
    found = compare(BEFORE, BEFORE)
    assert counted(found) == (0, 1, 0, 0, 0)
    assert found.unchanged == BEFORE.findings
    assert found.differences == ()
    assert found.states(BEFORE.findings) == ("unchanged",)


def test_new_and_fixed():
    found = compare(BEFORE, report_on(line("90834", 30)))
    assert counted(found) == (1, 0, 1, 0, 0)
    assert (found.new[0].codes, found.fixed) == (("90834",), BEFORE.findings)
    assert found.states(found.new) == ("new",)
    assert str(found) == "1 new, 0 unchanged, 1 fixed, 0 not judged again"


def test_a_row_more_shifts_the_lines_and_changes_nothing():
    shifted = report_on(line("90832", 30, id="2"), line(id="3"))
    assert counted(compare(BEFORE, shifted)) == (0, 1, 0, 0, 0)


def test_the_wording_of_a_message_is_no_difference():
    (finding,) = BEFORE.findings
    reworded = attrs.evolve(BEFORE, findings=(attrs.evolve(finding, message="other words", fixes=()),))
    assert counted(compare(BEFORE, reworded)) == (0, 1, 0, 0, 0)


def test_the_order_of_the_lines_is_no_difference():
    one = report_on(line("90837", 60, id="1"), line("90791", 60, id="2"), select=("BHX",))
    other = report_on(line("90837", 60, id="2"), line("90791", 60, id="1"), select=("BHX",))
    assert one.findings
    assert counted(compare(one, other)) == (0, 1, 0, 0, 0)


def test_of_two_that_are_alike_one_more_is_new():
    twice = report_on(line(id="1"), line(id="2"))
    found = compare(BEFORE, twice)
    assert counted(found) == (1, 1, 0, 0, 0)
    assert [finding.lines for finding in found.unchanged] == [("1",)]
    assert [finding.lines for finding in found.new] == [("2",)]
    assert found.states(twice.findings) == ("unchanged", "new")
    assert counted(compare(twice, BEFORE)) == (0, 1, 1, 0, 0)
    assert compare(twice, BEFORE).fixed[0].lines == ("2",)


@pytest.mark.parametrize(
    "other",
    [
        report_on(line(), id="C-2"),
        report_on(line(date_of_service=DAY + dt.timedelta(days=1))),
        report_on(line("90838")),
    ],
    ids=["renamed claim", "another day", "another code"],
)
def test_another_claim_day_or_code_is_another_finding(other):
    assert len(other.findings) == 1
    assert counted(compare(BEFORE, other)) == (1, 0, 1, 0, 0)


def test_a_claim_that_is_not_there_any_more_is_not_fixed_where_the_claims_are_known():
    after = report_on(line("90834", 30), id="C-2")
    assert counted(compare(BEFORE, after)) == (1, 0, 1, 0, 0)
    found = compare(BEFORE, after, claims=["C-2"])
    assert counted(found) == (1, 0, 0, 1, 0)
    assert found.not_judged == BEFORE.findings
    assert counted(compare(BEFORE, after, claims=["C-1", "C-2"])) == (1, 0, 1, 0, 0)
    assert counted(compare(BEFORE, BEFORE, claims=[])) == (0, 1, 0, 0, 0)


def test_a_rule_that_was_not_run_fixes_nothing():
    found = compare(BEFORE, report_on(line("90834", 45), select=("MOD",)))
    assert counted(found) == (0, 0, 0, 1, 0)
    only_now, only_before = found.differences
    assert only_now.startswith("rules that only this check ran: MOD201")
    assert "TIM402" in only_before


def test_what_could_not_be_judged_again_is_not_fixed():
    without_minutes = report_on(line(minutes=None), select=("TIM402",))
    assert "TIM402" in {entry.rule for entry in without_minutes.not_checked}
    assert counted(compare(BEFORE, without_minutes)) == (0, 0, 0, 1, 0)
    no_edition = check(Claim([line()], id="C-1"), Catalog.from_editions("2025.1"), select=["TIM"])
    assert no_edition.not_checked[0].rule == "ALL"
    found = compare(BEFORE, no_edition)
    assert counted(found) == (0, 0, 0, 1, 0)
    assert "the earlier check was made with 2026.1, this one without it" in found.differences
    next_day = line(minutes=None, date_of_service=DAY + dt.timedelta(days=1))
    other_day = report_on(line("90834", 45), next_day, select=("TIM402",))
    assert counted(compare(BEFORE, other_day)) == (0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("was", "now", "is_new"),
    [
        (Severity.WARNING, Severity.ERROR, True),
        (Severity.REVIEW, Severity.WARNING, True),
        (Severity.ERROR, Severity.ERROR, False),
        (Severity.ERROR, Severity.REVIEW, False),
    ],
)
def test_what_became_graver_is_new(was, now, is_new):
    old, new = (
        attrs.evolve(BEFORE, findings=(attrs.evolve(BEFORE.findings[0], severity=severity),))
        for severity in (was, now)
    )
    assert counted(compare(old, new)) == ((1, 0, 0, 0, 0) if is_new else (0, 1, 0, 0, 0))


def test_what_is_waived_now_is_neither_fixed_nor_there():
    waiver = Waiver("TIM402", "own words", claim="C-1", expires=None)
    covered = attrs.evolve(BEFORE, findings=(), waived=(Waived(BEFORE.findings[0], waiver),))
    found = compare(BEFORE, covered)
    assert counted(found) == (0, 0, 0, 0, 1)
    assert str(found) == "0 new, 0 unchanged, 0 fixed, 0 not judged again, 1 waived since"
    assert counted(compare(covered, BEFORE)) == (1, 0, 0, 0, 0)
    assert counted(compare(covered, covered)) == (0, 0, 0, 0, 0)


def test_in_what_the_checks_differ_is_said():
    pins = {pin.name: pin for pin in BEFORE.pins}
    changed = attrs.evolve(
        BEFORE,
        pins=(
            *(pin for name, pin in pins.items() if name not in {"2021.1", "2026.1"}),
            Pin("2026.1", "x"),
            Pin("tables", "y"),
        ),
        basis=Basis.MEDICARE,
        settings=(),
        profile=Pin("plan", "z"),
    )
    assert compare(BEFORE, changed).differences == (
        "the earlier check was made with 2021.1, this one without it",
        f"2026.1 is another one now: x, before {pins['2026.1'].digest}",
        "this check was made with tables, the earlier one without it",
        "the basis is medicare now, before cpt",
        "the profile is plan (z) now, before none",
        "the claims are of the setting none now, before practitioner",
    )
    assert counted(compare(BEFORE, changed)) == (0, 1, 0, 0, 0)


@pytest.mark.parametrize("given", ["old.json", None, BEFORE.to_dict()])
def test_only_reports_are_compared(given):
    for pair in ((given, BEFORE), (BEFORE, given)):
        with pytest.raises(InvalidReport, match=r"^reports are compared") as caught:
            compare(*pair)
        assert isinstance(caught.value, TypeError)
        assert caught.value.given is given
        assert len(str(caught.value)) < 140  # and not the whole report


def test_findings_that_are_alike_to_the_letter():
    same = check_claims([Claim([line()], id="C-1")] * 3, CATALOG, select=["TIM"])
    assert len(set(same.findings)) == 1
    found = compare(BEFORE, same)
    assert counted(found) == (2, 1, 0, 0, 0)
    assert sorted(found.states(same.findings)) == ["new", "new", "unchanged"]


@given(old=strategies.claims(malformed=True), new=strategies.claims(malformed=True))
def test_every_finding_is_told_once(old, new):
    before, after = (check(claim, CATALOG) for claim in (old, new))
    found = compare(before, after)
    assert sorted((*found.new, *found.unchanged), key=repr) == sorted(after.findings, key=repr)
    assert len(found.fixed) + len(found.not_judged) + len(found.unchanged) <= len(before.findings)
    assert found.states(after.findings).count("new") == len(found.new)
    assert counted(compare(after, after)) == (0, len(after.findings), 0, 0, 0)
    # what a report says does not depend on whether it was kept in a file in between
    kept = Report.from_dict(json.loads(json.dumps(before.to_dict())))
    assert compare(kept, after) == found
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()


# ---- histories -------------------------------------------------------------------------------------

OTHER = Claim([Line("99213", date_of_service=DAY, rendering_provider="A")], id="C-0", patient="P")
LONG_AGO = History([OTHER], since=dt.date(2020, 1, 1))


def visit(code, day=DAY, *, history=LONG_AGO, select=("FRQ001", "DUP")):
    seen = Claim([Line(code, date_of_service=day, rendering_provider="A")], id="C-1", patient="P")
    return check(seen, CATALOG, select=select, history=history)


@pytest.mark.parametrize(
    ("code", "day", "rule"),
    [("99203", DAY + dt.timedelta(days=30), "FRQ001"), ("99213", DAY, "DUP601")],
    ids=["its rule needs a history", "its lines name another claim"],
)
def test_what_rested_on_a_history_is_not_fixed_without_one(code, day, rule):
    before = visit(code, day)
    assert [finding.rule for finding in before.findings] == [rule]
    # the claim is there, and nothing is left that a rule could have stumbled over
    after = report_on(Line("99212", date_of_service=day), select=("FRQ001", "DUP"))
    found = compare(before, after)
    assert counted(found) == (0, 0, 0, 1, 0)
    assert found.differences == (
        "the history is none now, before 1 claim with 1 line, complete from 2020-01-01 on",
    )
    with_one = attrs.evolve(after, history=before.history)
    assert counted(compare(before, with_one)) == (0, 0, 1, 0, 0)
    assert compare(before, with_one).differences == ()


def test_a_rule_of_a_package_may_need_a_history_too(monkeypatch):
    (finding,) = BEFORE.findings
    own = attrs.evolve(BEFORE, findings=(attrs.evolve(finding, rule="acme:ABC101"),), rules=("acme:ABC101",))
    before, after = attrs.evolve(own, history=GivenHistory(1, 1)), attrs.evolve(own, findings=())
    rows = [RuleRow("acme:ABC101", "any-line", "acme_rules.any_line", needs) for needs in ((), ("history",))]
    found = []
    for row in rows:
        monkeypatch.setattr(comparing, "listed", lambda row=row: ((row,), ()))
        found.append(counted(compare(before, after)))
        assert counted(compare(before, attrs.evolve(after, history=before.history))) == (0, 0, 1, 0, 0)
    assert found == [(0, 0, 1, 0, 0), (0, 0, 0, 1, 0)]


def test_what_rested_on_no_history_is_fixed_without_one():
    before = report_on(line(), history=History([OTHER]))
    found = compare(before, report_on(line("90834", 45)))
    assert counted(found) == (0, 0, 1, 0, 0)
    assert found.differences == (
        "the history is none now, before 1 claim with 1 line, complete from no day on",
    )


def test_a_history_is_told_as_it_was_given():
    given = Claim([line(), line("90834", 45, id="2")], id="C-1", patient="P")
    alone, empty = (check_claims([given], CATALOG, history=history) for history in (None, []))
    assert alone.history is None
    # the claims that are checked are each other's history too, and were not given as one
    assert (empty.history.claims, empty.history.lines, empty.history.since) == (0, 0, None)
    one = check(OTHER, CATALOG, history=History([given], since=DAY))
    assert (one.history.claims, one.history.lines, one.history.since) == (1, 2, DAY)
    assert Report.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    assert one.to_dict()["history"] == {"claims": 1, "lines": 2, "since": "2026-03-02"}
