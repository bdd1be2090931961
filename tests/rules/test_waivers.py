"""Waivers: what they cover, what they leave, and that one which does nothing is told."""

import datetime as dt
import itertools
import json

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cptkit import Catalog, Claim, Line, Outcome, Report, Waiver, check, check_claims
from cptkit.errors import BrokenReport, InvalidWaiver, UnknownRule
from cptkit.rules import WaiverState

DAY, TODAY = dt.date(2026, 3, 2), dt.date(2026, 3, 9)


def line(code="90834", minutes=47, **more):
    return Line(code, minutes=minutes, date_of_service=DAY, **more)


def waiver(rule="TIM401", **more):
    return Waiver(rule, "on paper", **({"expires": None, "claim": "C-1"} | more))


MISSING = Claim([line(minutes=None), line("90837", 50), line("27447", None)], id="C-1")
"""TIM401 on line 1, TIM402 on line 2, COD102 not checked on line 3."""


def found(report):
    return [(finding.rule, *finding.lines) for finding in report.findings]


def waived(report):
    return [(each.finding.rule, *each.finding.lines) for each in report.waived]


def idle(report):
    return [(each.waiver.rule, each.state.value, each.why) for each in report.idle_waivers]


def checked(*waivers, claims=(MISSING,), as_of=TODAY, **options):
    return check_claims(claims, Catalog.bundled(), waivers=waivers, as_of=as_of, **options)


# ---- what is covered --------------------------------------------------------------------------------


def test_a_waived_finding_is_told_apart():
    plain, report = checked(as_of=None), checked(waiver())
    first, *others = found(plain)
    assert (first, waived(plain)) == (("TIM401", "1"), [])
    assert (found(report), waived(report), idle(report)) == (others, [first], [])
    assert ("TIM402", "2") in others
    assert report.waived[0].finding == plain.findings[0]
    assert report.waived[0].waiver == waiver()
    assert (report.waivers_as_of, plain.waivers_as_of) == (TODAY, None)
    assert report.not_checked == plain.not_checked
    assert report.summary()["waived"] == 1
    assert f"{len(others)} findings, 0 bypassed, {len(plain.not_checked)} not checked, 1 waived" in str(
        report
    )
    assert f"waived, on paper: {plain.findings[0]}" in str(report)
    assert "waived" not in str(plain)


def test_a_waiver_is_no_pass():
    claim = Claim([line("90837", 50)], id="C-1")
    report = check(claim, Catalog.bundled(), waivers=[waiver("TIM402")], as_of=TODAY)
    assert (report.findings, report.passed, report.clean, report.outcome) == ((), 0, True, Outcome.BYPASSED)
    assert check(claim, Catalog.bundled()).outcome is Outcome.FAIL


COVERED = {
    "the claim": ({}, True),
    "the rule by its name": ({"rule": "time-missing"}, True),
    "another rule": ({"rule": "TIM402", "lines": "1"}, False),
    "another claim": ({"claim": "C-2"}, False),
    "a claim of another spelling": ({"claim": "c-1"}, False),
    "the line": ({"lines": ["1"]}, True),
    "the line among others": ({"lines": ["1", "7"]}, True),
    "another line": ({"lines": ["2"]}, False),
    "the line of a claim without an id": ({"claim": "", "lines": ["1"]}, False),
    "the code": ({"codes": "90834"}, True),
    "the code as written in small letters": ({"codes": [" 90834 "]}, True),
    "the code on any claim": ({"claim": "", "codes": ["90834", "90837"]}, True),
    "another code": ({"codes": ["90837"]}, False),
    "the line and another code": ({"lines": ["1"], "codes": ["90837"]}, False),
    "the code and another line": ({"lines": ["2"], "codes": ["90834"]}, False),
    "the line and the code": ({"lines": ["1"], "codes": ["90834"]}, True),
}


@pytest.mark.parametrize("name", COVERED)
def test_what_a_waiver_covers(name):
    more, covers = COVERED[name]
    report = checked(waiver(**more))
    assert (waived(report) == [("TIM401", "1")]) is covers
    assert len(report.idle_waivers) is (0 if covers else 1)


def test_all_lines_of_a_finding_must_be_named():
    """A line billed twice is a finding on both lines."""
    claim = Claim([line("90834", 47), line("90834", 47), line("27447", None)], id="C-1")
    (rule,) = {entry[0] for entry in found(checked(claims=[claim], as_of=None)) if len(entry) > 2}
    whole = [entry for entry in found(checked(claims=[claim], as_of=None)) if entry[0] == rule]
    for lines, codes, covers in [
        (["1"], (), False),
        (["2"], (), False),
        (["1", "2"], (), True),
        (["1", "2", "3"], (), True),
        ((), ["90834"], True),
        ((), ["90837"], False),
    ]:
        report = checked(waiver(rule, lines=lines, codes=codes), claims=[claim])
        assert (waived(report) == whole) is covers


def test_lines_without_a_claim_are_those_of_a_claim_without_an_id():
    claim = attrs.evolve(MISSING, id="")
    report = checked(waiver(claim="", lines=["1"]), claims=[claim])
    assert waived(report) == [("TIM401", "1")]


def test_only_what_failed_is_waived():
    claim = Claim([line("90837", 60, modifiers="59"), line("90847", 50)], id="C-1")
    plain = checked(claims=[claim], as_of=None)
    assert [finding.rule for finding in plain.bypassed] == ["BHX501"]
    report = checked(waiver("BHX501"), claims=[claim])
    assert (report.bypassed, report.waived) == (plain.bypassed, ())
    assert idle(report) == [("BHX501", "unused", "nothing that it covers was found")]


def test_several_waivers_of_a_finding_are_all_used():
    later = waiver(expires=dt.date(2027, 1, 1))
    for waivers in itertools.permutations([waiver(), later, waiver(codes="90834"), waiver()]):
        report = checked(*waivers)
        assert [each.waiver for each in report.waived] == [later]
        assert report.idle_waivers == ()


# ---- waivers that do nothing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "holds"),
    [(TODAY - dt.timedelta(1), False), (TODAY, True), (TODAY + dt.timedelta(1), True), (dt.date.min, False)],
)
def test_a_waiver_holds_up_to_its_last_day(last, holds):
    report = checked(waiver(expires=last))
    assert (waived(report) == [("TIM401", "1")]) is holds
    assert idle(report) == ([] if holds else [("TIM401", "expired", f"its last day was {last}")])
    assert (("TIM401", "1") in found(report)) is not holds


def test_an_unused_waiver_says_why():
    report = checked(
        waiver("COD102"),
        waiver("COD103"),
        waiver("MUE801"),
        waiver(claim="C-7"),
        waiver(claim="", codes="90832"),
    )
    assert {(each.waiver.rule, each.waiver.claim, each.why) for each in report.idle_waivers} == {
        ("COD102", "C-1", "COD102 could not judge it: not checked, which nothing waives"),
        ("COD103", "C-1", "nothing that it covers was found"),
        ("MUE801", "C-1", "MUE801 did not run"),
        ("TIM401", "C-7", "no such claim was checked"),
        ("TIM401", "", "no line has this code"),
    }
    assert {each.state for each in report.idle_waivers} == {WaiverState.UNUSED}
    assert (
        "unused waiver of COD103 on claim C-1, for good: on paper (nothing that it covers was found)"
        in str(report)
    )


NAMELESS = "lines without a claim are of a claim without an id, and no such claim was checked"
NOT_JUDGED = "COD102 could not judge it: not checked, which nothing waives"
IDLE = {
    "a code of no line": ({"claim": "", "codes": "90832"}, "no line has this code"),
    "codes of no line": ({"claim": "", "codes": ["90832", "90846"]}, "no line has one of these codes"),
    "a code of no line of the claim": ({"codes": "90832"}, "none of its lines has this code"),
    "a code of another line": ({"lines": "3", "codes": "90834"}, "none of its lines has this code"),
    "a line that is not there": ({"lines": "99"}, "the claim has no such line"),
    "lines of which one is there": ({"lines": ["2", "99"]}, "nothing that it covers was found"),
    "a line of no claim": ({"claim": "", "lines": "3"}, NAMELESS),
    "a code that was judged": ({"claim": "", "codes": "90834"}, "nothing that it covers was found"),
    "a line that was judged": ({"lines": ["1", "2"]}, "nothing that it covers was found"),
    "a code that was not": ({"claim": "", "codes": ["90834", "27447"]}, NOT_JUDGED),
    "a line that was not": ({"lines": ["1", "3"]}, NOT_JUDGED),
    "a line and code that were not": ({"lines": "3", "codes": "27447"}, NOT_JUDGED),
    "all of the claim": ({}, NOT_JUDGED),
}


@pytest.mark.parametrize("name", IDLE)
def test_an_unused_waiver_says_what_is_not_there(name):
    """COD102 judged lines 1 and 2, and not line 3."""
    more, why = IDLE[name]
    assert idle(checked(waiver("COD102", **more))) == [("COD102", "unused", why)]


def test_an_unused_waiver_where_nothing_was_checked():
    assert idle(checked(waiver(claim="", codes="90834"), claims=())) == [
        ("TIM401", "unused", "no claim was checked")
    ]


def test_what_was_not_judged_on_another_claim_is_no_reason():
    """Line 1 of C-2 has the id of a line of C-1, and its code; it is C-2 that could not be judged."""
    other = Claim([line("27447", None), line("90832", 30)], id="C-2")
    both = (Claim([line()], id="C-1"), other)
    for codes, why in (("90834", "nothing that it covers was found"), ("27447", NOT_JUDGED)):
        report = checked(waiver("COD102", claim="", codes=codes), claims=both)
        assert idle(report) == [("COD102", "unused", why)]


def test_a_waiver_of_one_of_two_claims_of_one_id_waives_neither():
    both = (MISSING, MISSING)
    for given_, why in [
        (waiver(), "2 claims have the id C-1"),
        (waiver(lines=["1"]), "2 claims have the id C-1"),
    ]:
        report = checked(given_, claims=both)
        assert (idle(report), report.waived) == ([("TIM401", "ambiguous", why)], ())
    nameless = attrs.evolve(MISSING, id="")
    report = checked(waiver(claim="", lines=["1"]), claims=(nameless, nameless))
    assert idle(report) == [("TIM401", "ambiguous", "2 claims have no id")]
    report = checked(waiver(claim="", codes="90834"), claims=both)
    assert (len(report.waived), idle(report)) == (2, [])


# ---- what a waiver is --------------------------------------------------------------------------------

WRONG = {
    "a blank reason": (lambda: Waiver("TIM401", " ", expires=None, claim="C-1"), "a waiver gives its reason"),
    "a reason that is no text": (
        lambda: Waiver("TIM401", None, expires=None, claim="C-1"),
        "gives its reason: None|gives its reason",
    ),
    "a day that is a text": (
        lambda: waiver(expires="2026-03-02"),
        "expires is not a date: '2026-03-02'; expected a datetime.date, the last",
    ),
    "a day with a time": (lambda: waiver(expires=dt.datetime(2026, 3, 2, 8)), "expires is not a date"),  # noqa: DTZ001 - is refused
    "no place": (lambda: waiver(claim=""), "a waiver names a claim, lines or codes"),
    "a claim that is no text": (lambda: waiver(claim=7), "claim is not text: 7; expected a str"),
    "a rule that is no text": (lambda: waiver(401), "rule is not text: 401"),
    "a line that is no text": (lambda: waiver(lines=[1]), "lines and codes are texts: 1"),
    "a code of four": (
        lambda: waiver(codes=["9083"]),
        "^this is no code: '9083'; expected codes alone, five characters each$",
    ),
    "a code with its modifier": (
        lambda: waiver(codes=["90834", "90837-95"]),
        "this is no code: '90837-95'; expected codes alone, .*; did you mean 90837",
    ),
    "a letter for a digit": (lambda: waiver(codes="9o837"), "no code: '9o837'.*; did you mean 90837"),
    "a claim with a blank": (
        lambda: waiver(claim="C-1 "),
        "claim has blanks around it: 'C-1 '; expected the id as reports name it; did you mean C-1",
    ),
    "a blank claim": (lambda: waiver(claim=" "), "claim has blanks around it: ' '; .* name it$"),
    "a line with a blank": (
        lambda: waiver(lines=["2", " 1"]),
        "a line has blanks around it: ' 1'; expected the id .*; did you mean 1",
    ),
    "a blank code": (lambda: waiver(codes=[" "]), "lines and codes are texts: ' '"),
    "no waiver": (lambda: checked("TIM401"), "this is no waiver: 'TIM401'; expected a cptkit.Waiver"),
    "no day": (lambda: checked(waiver(), as_of=None), "waivers are judged by a day; expected as_of"),
    "a text for the day": (
        lambda: checked(waiver(), as_of="2026-03-09"),
        "as_of is not a date: '2026-03-09'",
    ),
    "a time for the day": (lambda: checked(as_of=dt.datetime(2026, 3, 9)), "as_of is not a date"),  # noqa: DTZ001 - is refused
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_waiver_is_refused(name):
    made, words = WRONG[name]
    with pytest.raises(InvalidWaiver, match=words):
        made()


def test_a_waiver_of_an_unknown_rule():
    with pytest.raises(UnknownRule, match="no such rule: 'TIM4O1'"):
        checked(waiver("TIM4O1"))


def test_expiry_must_be_said():
    with pytest.raises(TypeError, match="expires"):
        Waiver("TIM401", "on paper", claim="C-1")


def test_a_report_with_waivers_survives_json():
    report = checked(waiver(lines=["1"], codes=["90834"]), waiver("COD103", expires=DAY))
    assert report.waived
    assert report.idle_waivers
    told = json.loads(json.dumps(report.to_dict()))
    assert Report.from_dict(told) == report
    assert told["waived"][0] == report.waived[0].to_dict()
    assert told["idle_waivers"][0] == report.idle_waivers[0].to_dict()
    assert told["waived"][0]["waiver"] == report.waived[0].waiver.to_dict()
    assert told["waivers_as_of"] == "2026-03-09"
    told["waived"][0]["waiver"]["reason"] = " "
    with pytest.raises(BrokenReport, match="waiver"):
        Report.from_dict(told)


places = st.tuples(
    st.sampled_from(["", "C-1", "C-2"]),
    st.sets(st.sampled_from("123")),
    st.sets(st.sampled_from(["90834", "90837"])),
)
waivers = st.lists(
    st.tuples(
        st.sampled_from(["TIM401", "TIM402", "DUP601", "COD101", "MUE801"]),
        places,
        st.dates(DAY, TODAY + dt.timedelta(9)),
    )
    .filter(lambda parts: any(parts[1]))
    .map(
        lambda parts: Waiver(
            parts[0],
            "r",
            expires=parts[2],
            claim=parts[1][0],
            lines=tuple(parts[1][1]),
            codes=tuple(parts[1][2]),
        )
    ),
    max_size=4,
)
lines = st.lists(
    st.builds(
        line, st.sampled_from(["90834", "90837", "9083", "27447"]), st.sampled_from([None, 47, 50, 60])
    ),
    min_size=1,
    max_size=3,
)


@given(st.lists(lines, min_size=1, max_size=2), waivers)
@settings(max_examples=150, deadline=None)
def test_waivers_only_move_findings(given_lines, given_waivers):
    """Nothing else of a report changes, nothing is lost, and every waiver either waived or is told."""
    claims = [Claim(each, id=f"C-{place + 1}") for place, each in enumerate(given_lines)]
    plain = checked(claims=claims, as_of=None)
    report = checked(*given_waivers, claims=claims)
    moved = [each.finding for each in report.waived]
    order = {id(finding): place for place, finding in enumerate(plain.findings)}
    assert len(order) == len(report.findings) + len(moved)
    assert sorted(map(str, [*report.findings, *moved])) == sorted(map(str, plain.findings))
    rest = attrs.evolve(report, findings=plain.findings, waived=(), idle_waivers=(), waivers_as_of=None)
    assert rest == plain
    assert all(each.waiver.rule == each.finding.rule for each in report.waived)
    assert all(each.waiver.expires >= TODAY for each in report.waived)
    still = {each.waiver for each in report.idle_waivers}
    for each in set(given_waivers):
        assert (each in still) is not any(each.covers(finding) and each.expires >= TODAY for finding in moved)
    assert checked(*reversed(given_waivers), claims=claims) == report
