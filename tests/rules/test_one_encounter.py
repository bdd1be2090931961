"""Lines of one clinician and day are one encounter, whichever claims hold them: pairs, units, add-ons, repeats."""

import datetime as dt

import attrs
import pytest

from cptkit import Claim, Line, apply_fix
from cptkit.history import History

TABLES = {
    "ptp practitioner 2026q1": (
        "97530 97116 0 2020-01-01..",
        "97530 97112 1 2020-01-01..",
    ),
    "mue practitioner 2026q1": ("96136 1 2", "97110 3 3", "97032 4 1", "90791 0 2"),
    "mue hospital 2026q1": ("96136 1 2",),
    "aoc 2026q1": ("97530 97110 1",),
}
ANOTHER = {
    "patient": {"patient": "Q"},
    "no patient": {"patient": ""},
    "setting": {"setting": "hospital"},
}


@pytest.fixture(scope="module")
def checked(checker):
    return checker(TABLES)


def pair(checked, own, other, **values):
    """Two claims of one patient, whose lines are of one clinician and day unless they say otherwise."""
    return (
        checked.claim(*own, id="a", patient="P", billing_provider="G"),
        checked.claim(*other, **{"id": "b", "patient": "P", "billing_provider": "G", **values}),
    )


def said(report):
    entries = (*report.findings, *report.bypassed)
    found = [f"{entry.claim}: {entry.rule} {' '.join(entry.lines)}" for entry in entries]
    return found + [
        f"{each.claim}: not checked {each.rule} {' '.join(each.lines)}" for each in report.not_checked
    ]


@attrs.frozen
class Shared:
    """Lines of two claims, and what is told of both with a history, without one, and of each alone."""

    rules: str
    own: list[str]
    other: list[str]
    joined: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


def both(rule):
    return (f"a: {rule} 1 b/1", f"b: {rule} 1 a/1")


def neither(rule):
    return (f"a: not checked {rule} 1", f"b: not checked {rule} 1")


CASES = [
    Shared("PTP", ["97530"], ["97116"], both("PTP701"), ("b: not checked PTP701 1",)),
    # bypassed
    Shared("PTP", ["97530"], ["97112-59"], both("PTP701"), ("b: not checked PTP701 1",)),
    Shared("MUE", ["96136"], ["96136"], both("MUE802"), neither("MUE802")),
    Shared("MUE", ["97110 x2"], ["97110 x2"], both("MUE803"), neither("MUE803")),
    Shared("MUE", ["97110 x2"], ["97110"], (), neither("MUE803")),
    Shared(
        "MUE",
        ["97110 x4"],
        ["97110-59"],
        both("MUE803"),
        ("a: MUE803 1", "b: not checked MUE803 1"),
        ("a: MUE803 1",),
    ),
    # each line against the limit, where a modifier says that it is another service
    Shared("MUE", ["97032 x4"], ["97032-59 x4"]),
    Shared("ADD301", ["99214-25"], ["90833"], (), ("b: not checked ADD301 1",), ("b: ADD301 1",)),
    # a primary by the published list alone
    Shared("ADD302", ["97110"], ["97530"], (), ("b: not checked ADD302 1",), ("b: ADD302 1",)),
    Shared("DUP601", ["90834"], ["90834"], both("DUP601"), neither("DUP601")),
    # whether the modifiers are alike is told by the lines, which only a history shows
    Shared("DUP601", ["90834"], ["90834-76"], both("DUP601"), neither("DUP601")),
    Shared("DUP601", ["90834"], ["90834-95"], both("DUP601"), neither("DUP601")),
    Shared("DUP601", ["71046-26"], ["71046-TC"], (), neither("DUP601")),
]


@pytest.mark.parametrize("shared", CASES, ids=lambda each: f"{each.rules} {each.own} {each.other}")
class TestOverTwoClaims:
    def test_with_a_history_they_are_judged_together(self, checked, shared):
        claims = pair(checked, shared.own, shared.other)
        for history in ([], History([], since=dt.date(2020, 1, 1)), claims):
            report = checked.claims(*claims, select=[shared.rules], history=history)
            assert said(report) == list(shared.joined)
        # and one of them, with the other as its history
        for claim, past in (claims, claims[::-1]):
            report = checked.claims(claim, select=[shared.rules], history=[past])
            assert said(report) == [each for each in shared.joined if each.startswith(claim.id)]

    def test_without_one_what_the_other_may_change_is_not_checked(self, checked, shared):
        report = checked.claims(*pair(checked, shared.own, shared.other), select=[shared.rules])
        assert said(report) == list(shared.apart)

    def test_a_claim_alone_is_judged_alone(self, checked, shared):
        reports = [
            checked.claims(claim, select=[shared.rules]) for claim in pair(checked, shared.own, shared.other)
        ]
        assert [each for report in reports for each in said(report)] == list(shared.alone)

    @pytest.mark.parametrize("values", ANOTHER.values(), ids=ANOTHER)
    def test_another_encounter_says_nothing_of_this_one(self, checked, shared, values):
        claim, past = pair(checked, shared.own, shared.other, **values)
        report = checked.claims(claim, select=[shared.rules], history=[past])
        assert said(report) == [each for each in shared.alone if each.startswith("a: ")]

    @pytest.mark.parametrize(
        "change", [{"rendering_provider": "B"}, {"date_of_service": dt.date(2026, 3, 3)}], ids=str
    )
    def test_nor_do_another_clinician_and_day(self, checked, shared, change):
        claim, past = pair(checked, shared.own, [checked.line(each, **change) for each in shared.other])
        report = checked.claims(claim, select=[shared.rules], history=[past])
        assert said(report) == [each for each in shared.alone if each.startswith("a: ")]


class TestUnitsOfADayOnOtherClaims:
    """Clause: all units of the day are denied, and only lines of the claim that is checked are changed."""

    def test_are_named_by_their_claims(self, checked):
        claim, past = pair(checked, ["97110 x2"], ["97110 x2"])
        (finding,) = checked.claims(claim, select="MUE", history=[past]).findings
        assert "97110 has units 4 on lines 1, b/1: Medicare's practitioner limit" in finding.message
        assert "all of them are denied" in finding.message

    @pytest.mark.parametrize(
        ("own", "other", "fixes"),
        [
            # one unit less here is enough
            (["97110 x2"], ["97110 x2"], ["ask 1", "set-units 1 1"]),
            # none is left of a line
            (["97110"], ["97110 x3"], ["ask 1", "drop-line 1"]),
            # nothing here would be enough: the other claim has to change
            (["97110"], ["97110 x4"], ["ask 1"]),
            # a limit of zero is Medicare's own: by the code set's basis only a question
            (["90791"], ["90791"], ["ask 1"]),
            (["97110", "97110"], ["97110 x2"], ["ask 1", "drop-line 2", "drop-line 1"]),
        ],
    )
    def test_are_not_changed(self, checked, own, other, fixes):
        claim, past = pair(checked, own, other)
        report = checked.claims(claim, select="MUE", history=[past])
        (finding,) = report.findings
        assert checked.fixes(finding) == fixes
        assert report.lines == len(own)
        assert report.passed == 0
        for fix in finding.fixes:
            after = checked.claims(apply_fix(claim, fix), select="MUE", history=[past])
            assert bool(after.findings) is (fix.kind == "ask")

    def test_without_units_here_nothing_is_told(self, checked):
        claim, past = pair(checked, ["97110 x0"], ["97110 x9"])
        assert said(checked.claims(claim, select="MUE", history=[past])) == []

    def test_one_side_names_no_clinician(self, checked):
        """Whose units they are is not known: within the limit here it is not checked, over it it is told."""
        claim, past = pair(checked, ["97110"], ["97110@ x3"])
        assert said(checked.claims(claim, select="MUE", history=[past])) == ["a: not checked MUE803 1"]
        claim, past = pair(checked, ["97110 x4"], ["97110@"])
        assert said(checked.claims(claim, select="MUE", history=[past])) == ["a: MUE803 1"]

    def test_a_hospital_is_one_whoever_works_there(self, checked):
        claims = [
            Claim([line], id=name, patient="P", billing_provider="G", setting="hospital")
            for name, line in (("a", checked.line("96136")), ("b", checked.line("96136@B")))
        ]
        report = checked.claims(*claims, select="MUE", history=[])
        assert said(report) == ["a: MUE802 1 b/1", "b: MUE802 1 a/1"]


class TestFixesOfAPair:
    def test_change_the_line_of_this_claim_alone(self, checked):
        """Column 2 stands here: it can go. Column 1 stands here: what the other claim bills is asked."""
        claim, past = pair(checked, ["97116"], ["97530"])
        for here, there, fixes in ((claim, past, ["drop-line 1"]), (past, claim, ["ask 1"])):
            (finding,) = checked.claims(here, select="PTP", history=[there]).findings
            assert checked.fixes(finding) == fixes


def test_a_line_may_have_the_name_of_a_line_of_another_claim(checked):
    own = [Line("96136", date_of_service=checked.day, rendering_provider="A", id="b/1")]
    claim, past = pair(checked, own, ["96136"])
    (finding,) = checked.claims(claim, select="MUE", history=[past]).findings
    assert finding.lines == ("b/1", "b/1'")
