"""A history: whose lines it holds, in which order, and from which day on nothing is missing."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit import Claim, Line
from cptkit.dated import months_before
from cptkit.errors import InvalidClaim
from cptkit.history import History, Past
from cptkit.interop import ClaimFile

DAY = dt.date(2026, 3, 2)


def claim(name, *days, patient="P", code="99213"):
    return Claim(
        [Line(code, date_of_service=DAY - dt.timedelta(day)) for day in days], id=name, patient=patient
    )


def names(lines):
    return [each.name for each in lines]


class TestHistory:
    def test_lines_of_a_patient_come_by_day_claim_and_line(self):
        history = History([claim("C-10", 5, 9), claim("C-2", 5, 9), claim("C-3", 7, patient="Q")])
        assert names(history.lines("P")) == ["C-2/2", "C-10/2", "C-2/1", "C-10/1"]
        assert names(history.lines("Q")) == ["C-3/1"]

    def test_a_claim_without_a_patient_is_nobodys(self):
        assert History([claim("C-1", 1, patient="")]).lines("") == ()

    def test_a_claim_without_an_id_is_called_another(self):
        assert names(History([claim("", 1)]).lines("P")) == ["another claim/1"]

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ([1], "a history is made of claims: 1"),
            (claim("C-1", 1), "a history holds several claims: 'C-1'"),
            ("week.csv", "a history holds several claims: 'week.csv'; expected a list of claims"),
            (3, "a history holds several claims: 3; expected a list of claims"),
            (Path("week.csv"), "a history holds several claims: "),
            (
                ClaimFile((), 0, (), {}, ()),
                "a history holds several claims: a ClaimFile; expected a list of claims",
            ),
        ],
    )
    def test_anything_but_claims_is_refused(self, given, says):
        with pytest.raises(InvalidClaim, match=says):
            History(given)

    @pytest.mark.parametrize("given", ["2026-03-02", dt.datetime(2026, 3, 2, tzinfo=dt.UTC), 20260302])
    def test_a_first_day_is_a_date(self, given):
        with pytest.raises(InvalidClaim, match="the first day of a history is not a date"):
            History([], since=given)

    def test_joined_claims_take_the_place_of_those_of_their_id(self):
        old, other, nameless = claim("C-1", 1), claim("C-2", 2), claim("", 3)
        new = claim("C-1", 4)
        history = History([old, other, nameless], since=DAY).joined([new, nameless])
        assert names(history.lines("P")) == ["C-1/1", "another claim/1", "C-2/1"]
        assert history.since == DAY
        assert history.lines("P")[0].claim is new

    def test_an_id_of_another_patient_is_another_claim(self):
        history = History([claim("C-1", 1, patient="Q")]).joined([claim("C-1", 2)])
        assert (len(history.lines("P")), len(history.lines("Q"))) == (1, 1)

    def test_equal_histories(self):
        assert History([claim("C-1", 1)], since=DAY) == History([claim("C-1", 1)], since=DAY)
        assert History([claim("C-1", 1)]) != History([claim("C-1", 1)], since=DAY)


class TestPast:
    def test_the_claim_itself_stands_in_it_once_and_as_it_is(self):
        own = claim("C-1", 0, 3)
        for history in (History([]), History([own]), History([claim("C-1", 5)])):
            assert names(Past(own, history).lines) == ["C-1/2", "C-1/1"]

    def test_claims_without_an_id_are_told_apart(self):
        own, other = claim("", 0), claim("", 1)
        past = Past(own, History([own, other]))
        assert [each.claim is own for each in past.lines] == [False, True]

    def test_between_holds_both_ends(self):
        past = Past(claim("C-1", 0), History([claim("C-2", 1, 2, 3, 4)]))
        found = past.between(DAY - dt.timedelta(3), DAY - dt.timedelta(2))
        assert names(found) == ["C-2/3", "C-2/2"]

    @pytest.mark.parametrize(("since", "covers"), [(-1, True), (0, True), (1, False)])
    def test_covers(self, since, covers):
        past = Past(claim("C-1", 0), History([], since=DAY + dt.timedelta(since)))
        assert past.covers(DAY) is covers

    def test_without_a_patient_or_a_first_day_nothing_is_covered(self):
        assert Past(claim("C-1", 0), History([])).covers(dt.date.max) is False
        nobody = Past(claim("C-1", 0, patient=""), History([claim("C-2", 1, patient="")], since=dt.date.min))
        assert (nobody.since, nobody.covers(DAY), names(nobody.lines)) == (None, False, ["C-1/1"])


@given(st.dates(), st.integers(0, 400))
def test_months_before_keeps_the_day_or_the_last_of_the_month(day, months):
    found = months_before(day, months)
    if found == dt.date.min:
        assert day.year * 12 + day.month - 1 - months <= 12
        return
    assert (day.year - found.year) * 12 + day.month - found.month == months
    after = found + dt.timedelta(1) if found != dt.date.max else None
    assert found.day == day.day or (found.day < day.day and after is not None and after.day == 1)
