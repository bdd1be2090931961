"""Claims that are judged with what else was billed: lines of one encounter on several claims."""

import copy
import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import (
    Basis,
    Catalog,
    Claim,
    FixKind,
    Line,
    Profile,
    apply_fix,
    check,
    check_claims,
    codeset,
)
from cptkit.history import History, Past
from cptkit.rules import RULES
from cptkit.rules.month import month_of
from cptkit.testing import strategies

DAY = dt.date(2026, 3, 2)
CATALOG = Catalog.from_editions("2026.1")
COMPLETE = dt.date(2020, 1, 1)
OF_HISTORY = {row.id for row in RULES if row.needs_history and not (row.needs_edits or row.payer_facts)}


def line(code, clinician="A", **values):
    return Line(code, **{"date_of_service": DAY, "rendering_provider": clinician, **values})


def claim(name, *lines, patient="P", **values):
    return Claim(lines, id=name, patient=patient, **values)


def told(entries):
    return [(entry.rule, entry.claim, entry.lines) for entry in entries]


SESSION = line("90834", minutes=45)


class TestLinesOfOneEncounterOnSeveralClaims:
    """Clause: an encounter is one patient, clinician and day, whichever claims hold its lines."""

    def test_a_repeated_line_is_told_for_the_claim_that_is_checked(self):
        report = check(claim("C-1", SESSION), CATALOG, history=[claim("C-2", SESSION)])
        assert told(report.findings) == [("DUP601", "C-1", ("1", "C-2/1"))]
        assert (report.lines, report.passed) == (1, 0)

    def test_the_fix_of_another_claim_becomes_a_question(self):
        checked = claim("C-1", SESSION)
        report = check(checked, CATALOG, history=[claim("C-2", SESSION)])
        (fix,) = report.findings[0].fixes
        assert (fix.kind, fix.line, fix.code) == (FixKind.ASK, "1", "90834")
        assert fix.text == "see which is right: line 1 here, or C-2/1, which is not changed from here"
        assert apply_fix(checked, fix) == checked

    def test_own_fixes_stay(self):
        report = check(claim("C-1", SESSION, SESSION), CATALOG, history=[claim("C-2", SESSION)])
        assert told(report.findings) == [("DUP601", "C-1", ("1", "2", "C-2/1"))]
        assert [(fix.kind, fix.line) for fix in report.findings[0].fixes] == [(FixKind.DROP_LINE, "2")]

    def test_what_other_claims_do_among_themselves_is_theirs(self):
        report = check(
            claim("C-1", line("99490", minutes=20)), CATALOG, history=[claim("C-2", SESSION, SESSION)]
        )
        assert told(report.findings) == []

    def test_a_primary_on_another_claim_is_there(self):
        add_on = claim("C-1", line("90833", minutes=20))
        visit = claim("C-2", line("99214", modifiers="25"))
        assert told(check(add_on, CATALOG).findings) == [("ADD301", "C-1", ("1",))]
        assert check(add_on, CATALOG, history=[visit], ignore=["FRQ"]).clean
        assert check_claims([add_on, visit], CATALOG, history=[], ignore=["FRQ"]).clean

    @pytest.mark.parametrize(
        "other",
        [
            claim("C-2", SESSION, patient="Q"),
            claim("C-2", SESSION, patient=""),
            claim("C-2", line("90834", "B", minutes=45)),
            claim("C-2", line("90834", minutes=45, date_of_service=DAY - dt.timedelta(1))),
            claim("C-2", line("90834", minutes=45, date_of_service=DAY + dt.timedelta(1))),
            claim("C-2", SESSION, setting="hospital"),
            claim("C-1", SESSION),
        ],
        ids=["patient", "no patient", "clinician", "day before", "day after", "setting", "the claim itself"],
    )
    def test_no_other_line_is_of_the_encounter(self, other):
        assert check(claim("C-1", SESSION), CATALOG, history=[other]).clean

    @pytest.mark.parametrize(("own", "other"), [("A", None), (None, "A"), (None, None)])
    def test_a_line_that_names_no_clinician_may_hold_the_primary(self, own, other):
        report = check(
            claim("C-1", line("90833", own, minutes=20)),
            CATALOG,
            history=[claim("C-2", line("99214", other))],
            select=["ADD301"],
        )
        assert [entry.lines for entry in report.not_checked] == [("1",)]
        assert "without a clinician" in report.not_checked[0].reason

    def test_a_hospital_is_one_whoever_works_there(self):
        claims = [
            claim("C-1", SESSION, setting="hospital"),
            claim("C-2", line("90834", "B", minutes=45), setting="hospital"),
        ]
        report = check_claims(claims, CATALOG, history=[])
        assert told(report.findings) == [
            ("DUP601", "C-1", ("1", "C-2/1")),
            ("DUP601", "C-2", ("1", "C-1/1")),
        ]

    def test_a_line_may_have_the_name_of_one_of_another_claim(self):
        own = claim("C-1", line("90834", minutes=45, id="C-2/1"), line("90834", minutes=45, id="C-2/1'"))
        (finding,) = check(own, CATALOG, history=[claim("C-2", SESSION)]).findings
        assert finding.lines == ("C-2/1", "C-2/1'", "C-2/1''")

    def test_claims_without_ids_are_told_apart(self):
        (finding,) = check(claim("", SESSION), CATALOG, history=[claim("", SESSION)]).findings
        assert finding.lines == ("1", "another claim/1")


class TestWithAndWithout:
    """Clause: a history is said to be there, and changes nothing where it holds nothing."""

    def test_rules_of_a_history_are_left_out_without_one(self):
        report = check(claim("C-1", SESSION), CATALOG)
        assert OF_HISTORY
        assert set(report.left_out) >= OF_HISTORY
        report = check(claim("C-1", SESSION), CATALOG, history=[])
        assert set(report.rules) >= OF_HISTORY
        assert set(report.left_out).isdisjoint(OF_HISTORY)

    def test_named_they_run_and_are_not_checked(self):
        report = check(claim("C-1", line("99203")), CATALOG, select=["FRQ001"])
        assert [entry.reason for entry in report.not_checked] == ["no history of the patient is given"]

    def test_a_claim_that_names_no_patient_has_none(self):
        history = History(
            [claim("C-2", line("99213", date_of_service=DAY - dt.timedelta(9)), patient="")], since=COMPLETE
        )
        report = check(claim("C-1", line("99203"), patient=""), CATALOG, history=history, select=["FRQ001"])
        assert [entry.reason for entry in report.not_checked] == [
            "the claim names no patient, so no history is anybody's"
        ]

    def test_several_days_of_a_claim_are_each_others_history(self):
        days = [line("99490", minutes=20), line("99490", minutes=20, date_of_service=DAY + dt.timedelta(9))]
        report = check(claim("C-1", *days), CATALOG, history=History([], since=COMPLETE), select=["FRQ003"])
        assert told(report.findings) == [("FRQ003", "C-1", ("2",))]

    def test_a_lost_row_is_still_lost(self):
        claims = [claim("C-1", line("90833", minutes=20))]
        report = check_claims(claims, CATALOG, history=[], incomplete={"C-1"}, select=["ADD301"])
        assert [entry.reason for entry in report.not_checked] == [
            "a row that could not be read may be the primary of 90833"
        ]

    def test_the_same_claims_in_any_order(self):
        claims = [claim(f"C-{number}", SESSION, line("90785")) for number in range(4)]
        report = check_claims(claims, CATALOG, history=[])
        assert len(report.findings) == 8
        assert check_claims(claims[::-1], CATALOG, history=[]) == report

    def test_claims_of_the_history_that_are_checked_count_once(self):
        claims = [claim("C-1", SESSION), claim("C-2", SESSION, patient="Q")]
        assert check_claims(claims, CATALOG, history=claims).clean


@given(strategies.claims(), st.booleans())
def test_an_empty_history_adds_but_what_a_history_answers(made, is_complete):
    """Every rule that ran without a history says the same with an empty one."""
    without = check(made, CATALOG)
    history = History([], since=dt.date.min if is_complete else None)
    report = check(made, CATALOG, history=history, ignore=["FRQ"])
    assert (report.findings, report.bypassed, report.not_checked) == (
        without.findings,
        without.bypassed,
        without.not_checked,
    )


@given(strategies.claims(), strategies.claims())
def test_a_history_never_takes_a_line_or_its_claim_away(made, other):
    """Whatever a history holds, each entry is told for the claim, with a line of it, and fixes change its lines."""
    own = Claim(made.lines, id="C-1", patient="P", setting=made.setting)
    past = Claim(other.lines, id="C-2", patient="P", setting=other.setting)
    report = check(own, CATALOG, history=[past])
    lines = {each.id for each in own.lines}
    for entry in (*report.findings, *report.bypassed, *report.not_checked):
        assert entry.claim == "C-1"
        assert not lines.isdisjoint(entry.lines)
    for finding in report.findings:
        assert finding.fixes
        assert {fix.line for fix in finding.fixes} <= lines
    assert 0 <= report.passed <= report.lines == len(own.lines)


class TestWhoseClaims:
    """Clause: claims of one id are one claim only where nobody says that they are two."""

    def test_two_claims_of_one_id_that_are_checked_together_are_two(self):
        claims = [claim("C-1", SESSION), claim("C-1", SESSION)]
        report = check_claims(claims, CATALOG, history=[])
        assert told(report.findings) == [("DUP601", "C-1", ("1", "C-1/1"))] * 2

    def test_a_claim_that_two_files_hold_alike_is_one(self):
        earlier = claim("C-1", line("99490", minutes=20, date_of_service=DAY - dt.timedelta(1)))
        again = claim("C-1", line("99490", minutes=20, date_of_service=DAY - dt.timedelta(1)))
        assert len(History([earlier, again]).lines("P")) == 1
        assert len(History([claim("", SESSION), claim("", SESSION)]).lines("P")) == 2

    @pytest.mark.parametrize(
        ("own", "other", "found"),
        [
            ("G", "G", "fail"),
            ("", "", "fail"),
            ("G", "H", "pass"),
            ("G", "", "not_checked"),
            ("", "H", "not_checked"),
        ],
    )
    def test_a_hospital_is_its_billing_provider(self, own, other, found):
        checked = claim("C-1", SESSION, setting="hospital", billing_provider=own)
        past = [claim("C-2", line("90834", "B", minutes=45), setting="hospital", billing_provider=other)]
        assert check(checked, CATALOG, history=past, select=["DUP601"]).outcome == found

    def test_the_name_of_a_line_of_another_claim_is_no_line_of_this_one(self):
        later = line("90791", date_of_service=DAY + dt.timedelta(7), id="C-2/1")
        report = check(
            claim("C-1", SESSION, later), CATALOG, history=[claim("C-2", SESSION)], select=["DUP601"]
        )
        (finding,) = report.findings
        assert finding.lines == ("1", "C-2/1'")
        assert [(fix.kind, fix.line) for fix in finding.fixes] == [(FixKind.ASK, "1")]
        assert report.passed == 1

    def test_claims_without_ids_in_any_order(self):
        day = DAY - dt.timedelta(30)
        past = [claim("", line("99213", date_of_service=day)), claim("", line("99214", date_of_service=day))]
        one, other = (
            check(claim("C-1", line("99203")), CATALOG, history=each, select=["FRQ001"])
            for each in (past, past[::-1])
        )
        assert one == other
        assert one.findings


@pytest.mark.parametrize("rule", ["FRQ001", "FRQ002", "FRQ003", "PFS911"])
def test_a_lost_row_may_be_of_any_day(rule):
    codes = {"FRQ001": "99203", "FRQ002": "90791", "FRQ003": "99490", "PFS911": "99213"}
    history = History([], since=COMPLETE)
    claims = [claim("C-1", line(codes[rule]))]
    assert check_claims(claims, CATALOG, history=history, select=[rule]).clean
    report = check_claims(claims, CATALOG, history=history, select=[rule], incomplete={"C-1"})
    assert [entry.reason for entry in report.not_checked] == [
        "a row that could not be read may be of any day"
    ]


@pytest.mark.parametrize(
    ("rule", "code", "year", "reason"),
    [
        (
            "FRQ001",
            "99203",
            1996,
            "after how many years a patient is new again is not on record for 1996-03-02",
        ),
        ("FRQ002", "90791", 2015, "when an evaluation is repeated is not on record for 2015-03-02"),
        ("PFS911", "99213", 1996, "how many days a global period has is not on record for 1996-03-02"),
    ],
)
def test_a_fact_that_is_not_on_record(rule, code, year, reason):
    """General facts begin with a day; before it nothing is judged. Which codes are of new patients a payer may say."""
    early = copy.copy(codeset("2026.1"))
    early.first_day = dt.date.min
    says = codeset("2026.1").convention("new-patient/99203", date_of_service=DAY)
    payer = Profile(
        "p", "A payer", Basis.CPT, conventions=(attrs.evolve(says, first_day=dt.date(1990, 1, 1)),)
    )
    report = check(
        claim("C-1", line(code, date_of_service=dt.date(year, 3, 2))),
        Catalog((early,)),
        history=History([], since=dt.date.min),
        select=[rule],
        profile=payer,
    )
    assert not report.findings
    assert [entry.reason for entry in report.not_checked] == [reason]


def test_what_is_not_checked_on_several_claims_is_told_for_this_one():
    """The clinician is not named on either claim, so nobody knows whether it is one encounter."""
    report = check(
        claim("C-1", line("90837", minutes=60)),
        CATALOG,
        history=[claim("C-2", line("90837", None, minutes=60))],
        select=["DUP601", "BHX501"],
    )
    assert [(entry.rule, entry.lines) for entry in report.not_checked] == [("DUP601", ("1",))]


def test_an_entry_about_lines_of_several_claims_stays_whole(written):
    """What is not checked of a pair names both lines, that of the other claim too."""
    catalog = Catalog.from_editions("2026.1", tables=written({"mue practitioner 2026q1": ["90834 1 2"]}))
    report = check(claim("C-1", SESSION), catalog, history=[claim("C-2", line("90785"))], select=["PTP701"])
    assert [entry.lines for entry in report.not_checked] == [("1", "C-2/1")]
    assert report.not_checked[0].to_dict()["lines"] == ["1", "C-2/1"]


@pytest.mark.parametrize(
    ("own", "other", "is_seen"),
    [("P", "P ", True), (" P", "P", True), ("P", "p", False), (" ", "P", False), (" ", " ", False)],
)
def test_blanks_around_a_patients_id_make_no_other_patient(own, other, is_seen):
    """Case does: ids may differ by it. Of blanks alone there is no patient."""
    history = [claim("C-2", SESSION, patient=other)]
    report = check(claim("C-1", SESSION, patient=own), CATALOG, history=history, select=["DUP601"])
    assert bool(report.findings) is is_seen
    claims = [claim("C-1", SESSION, patient=own), claim("C-2", SESSION, patient=other)]
    assert bool(check_claims(claims, CATALOG, select=["DUP601"]).not_checked) is is_seen
    assert bool(check_claims(claims, CATALOG, history=[], select=["DUP601"]).findings) is is_seen
    # one claim, however its patient is written
    again = check(claim("C-2", SESSION, patient=own), CATALOG, history=history, select=["DUP601"])
    assert again.clean
    assert (
        check_claims(claims, CATALOG, history=history, select=["DUP601"]).findings
        == check_claims(claims, CATALOG, history=[], select=["DUP601"]).findings
    )


def test_a_patient_of_blanks_is_none():
    report = check(
        claim("C-1", line("99203"), patient=" "),
        CATALOG,
        history=History([], since=COMPLETE),
        select=["FRQ001"],
    )
    assert [entry.reason for entry in report.not_checked] == [
        "the claim names no patient, so no history is anybody's"
    ]


def test_a_history_tells_how_far_it_reaches():
    """By its last line, be it another patient's, or by the claim itself; a batch is history too."""
    later = claim("C-2", line("90834", date_of_service=DAY + dt.timedelta(3)), patient="Q")
    history = History([later, claim("C-3", SESSION)])
    past = Past(claim("C-1", SESSION), history)
    assert history.last_day == DAY + dt.timedelta(3)
    assert past.reaches(DAY + dt.timedelta(3))
    assert not past.reaches(DAY + dt.timedelta(4))
    assert Past(later, History([])).reaches(DAY + dt.timedelta(3))
    assert not Past(claim("C-1"), History([])).reaches(dt.date(1, 1, 2))
    assert History([]).joined([later]).last_day == DAY + dt.timedelta(3)


def test_an_encounter_knows_the_lines_of_other_days():
    made = claim("C-1", SESSION, line("90834", "B"), line("90834", date_of_service=DAY + dt.timedelta(3)))
    assert [each.of_claim for each in made.encounters()] == [made.lines] * 3


def test_days_of_a_claim_without_an_id():
    """The primary on another day is of this claim, whatever its setting, and named so where it is unclear."""
    first = line("99490", minutes=20)
    later = line("99439", minutes=20, date_of_service=DAY + dt.timedelta(9))
    assert check(claim("", first, later), CATALOG, select=["ADD301"]).clean
    hospital = claim("", first, attrs.evolve(later, rendering_provider="B"), setting="hospital")
    assert check(hospital, CATALOG, select=["ADD301"]).clean
    unnamed = claim("", first, attrs.evolve(later, rendering_provider=None))
    (entry,) = check(unnamed, CATALOG, select=["ADD301"]).not_checked
    assert entry.reason == (
        "99490 on 2026-03-02 (this claim/1) may be this clinician's: one side names none; "
        "it may be the primary of 99439"
    )


def test_the_last_day_of_each_month():
    lasts = [(month_of(dt.date(2024, month, 15))[1]).day for month in range(1, 13)]
    assert lasts == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert month_of(dt.date(9999, 12, 31)) == (dt.date(9999, 12, 1), dt.date(9999, 12, 31))
