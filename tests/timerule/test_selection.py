"""What a selection says: services, neighbours, working, doubts, sources; and what it refuses."""

import datetime as dt
import json
import pickle

import attrs
import pytest

from cptkit.errors import InvalidMinutes, NoTimeRule
from cptkit.sources import Basis, Confidence
from cptkit.timerule import Neighbour, ServiceUnits, select

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)
LONG_AGO = dt.date(2022, 6, 1)


@pytest.fixture
def ask(fake):
    def ask(target, minutes, *, day=DAY, basis=Basis.CPT):
        return select(target, minutes=minutes, date_of_service=day, codeset=fake, basis=basis)

    return ask


def test_a_session_says_what_it_rests_on(ask):
    found = ask("psychotherapy", 47)
    assert found.services == (ServiceUnits("90834"),)
    assert found.alternatives == ()
    assert (found.minutes, found.family, found.edition) == (47, "psychotherapy", "2026.1")
    assert (found.basis, found.answered_by, found.date_of_service) == (Basis.CPT, Basis.CPT, DAY)
    assert found.longer == Neighbour((ServiceUnits("90837"),), 6, is_longer=True)
    assert found.shorter == Neighbour((ServiceUnits("90832"),), 10, is_longer=False)
    assert found.working == (
        "the nearest of the nominal minutes counts: 90832 30, 90834 45, 90837 60; nothing under 16",
        "47 minutes lie in 38 to 52: 90834",
    )
    assert found.reason == ""
    assert [each.fact for each in found.citations] == ["time/psychotherapy@2023-01-01"]
    assert found.confidence is Confidence.VERIFIED
    assert found.notes == ("one unit whatever the length",)
    assert str(found) == "90834"


def test_the_explanation_of_a_session(ask):
    assert ask("90839", 80, basis=Basis.MEDICARE).explain().splitlines() == [
        "crisis, 2026-03-02, medicare: 90839 + 90840",
        "  90839 from 30 minutes; 90840 on top of 90839 from 75, one more for each further 30",
        "  80 minutes lie in 75 to 104: 90839 + 90840",
        "  25 more minutes would make it 90839 + 90840 x 2",
        "  6 fewer minutes would make it 90839",
        "  confidence derived: worked out from a general rule or another basis, not read as such",
        "  note: no medicare row is known for crisis: the cpt row answers",
        "  note: vendors differ",
        "  source: time/crisis@2013-01-01 [SOURCE] verified, checked 2026-11-21",
        "  source: time/crisis@2013-01-01/90840 [SOURCE] verified, checked 2026-11-21",
        "  edition 2026.1",
    ]


def test_a_selection_as_plain_values(ask):
    found = ask("tie", 35)
    plain = found.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain == {
        "services": [{"code": "X0001", "units": 1}],
        "alternatives": [[{"code": "X0002", "units": 1}]],
        "is_settled": True,
        "minutes": 35,
        "days": None,
        "time_units": None,
        "family": "tie",
        "title": "tie",
        "scope": "session",
        "whose_time": "the clinician's",
        "basis": "cpt",
        "answered_by": "cpt",
        "date_of_service": "2026-03-02",
        "edition": "2026.1",
        "working": [
            "the nearest of the nominal minutes counts: X0001 30, X0002 40; nothing under 16",
            "35 minutes lie at 35: X0001",
            "equally right: X0002; the choice is the clinician's",
        ],
        "neighbours": {
            "shorter": {
                "services": [],
                "alternatives": [],
                "minutes_away": 20,
                "text": "with 20 fewer minutes nothing would be reportable",
            },
            "longer": None,
        },
        "reason": "",
        "facts": ["time/tie@2013-01-01"],
        "sources": ["SOURCE"],
        "confidence": "verified",
        "notes": [],
    }
    assert str(found) == "X0001 or X0002"


def test_plain_values_of_a_borrowed_answer_keep_the_plain_words(ask):
    plain = ask("crisis", 20, basis=Basis.MEDICARE).to_dict()
    assert {type(plain[key]) for key in ("basis", "answered_by", "confidence")} == {str}
    assert (plain["basis"], plain["answered_by"], plain["confidence"]) == ("medicare", "cpt", "derived")
    assert plain["services"] == []
    assert plain["neighbours"]["shorter"] is None
    assert plain["neighbours"]["longer"]["text"] == "10 more minutes would make it 90839"
    assert plain["reason"] == "20 minutes of the 30 that 90839 needs: nothing is reportable"


class TestNothingReportable:
    def test_under_the_minimum(self, ask):
        found = ask("90832", 15)
        assert found.services == found.alternatives == ()
        assert found.reason == "15 minutes of the 16 that 90832 needs: nothing is reportable"
        assert found.working[-1] == found.reason
        assert str(found.longer) == "1 more minute would make it 90832"
        assert found.shorter is None
        assert str(found) == "nothing"

    def test_one_minute_is_no_plural(self, ask):
        assert ask("90832", 1).reason.startswith("1 minute of the 16")
        assert ask("bands", 1).working[-1] == "1 minute lies in 1 to 30: X0012"

    def test_an_open_band_says_where_it_starts(self, ask):
        assert ask("90837", 60).working[-1] == "60 minutes lie at 53 or more: 90837"

    def test_over_the_last_minute(self, ask):
        found = ask("closed", 21)
        assert found.services == ()
        assert found.reason == "21 minutes, over the 20 that closed covers: nothing is reportable"
        assert found.longer is None
        assert found.shorter == Neighbour((ServiceUnits("X0011"),), 1, is_longer=False)

    def test_in_a_gap(self, ask):
        found = ask("gap", 80)
        assert found.reason == "80 minutes, over the 74 that gap covers: nothing is reportable"
        assert str(found.longer) == "9 more minutes would make it X0015 + X0016"
        assert str(found.shorter) == "6 fewer minutes would make it X0015"


class TestNeighbours:
    def test_at_the_edges_of_a_band(self, ask):
        assert (ask("90834", 38).shorter.minutes_away, ask("90834", 38).longer.minutes_away) == (1, 15)
        assert (ask("90834", 52).shorter.minutes_away, ask("90834", 52).longer.minutes_away) == (15, 1)

    def test_below_the_shortest_code_nothing_would_be_reportable(self, ask):
        assert str(ask("90834", 16).shorter) == "with 1 fewer minute nothing would be reportable"
        assert str(ask("90834", 20).shorter) == "with 5 fewer minutes nothing would be reportable"

    def test_above_a_closed_band_nothing_would_be_reportable(self, ask):
        assert str(ask("brief", 14).longer) == "with 2 more minutes nothing would be reportable"

    def test_the_last_band_has_no_longer_one(self, ask):
        assert ask("90837", 1440).longer is None

    def test_a_tie_is_told_from_both_sides(self, ask):
        assert ask("tie", 33).longer == Neighbour((ServiceUnits("X0002"),), 2, is_longer=True)
        assert ask("tie", 38).shorter == Neighbour((ServiceUnits("X0001"),), 3, is_longer=False)

    def test_further_units_of_one_code(self, ask):
        found = ask("97110", 33)
        assert found.services == (ServiceUnits("97110", 2),)
        assert str(found.longer) == "5 more minutes would make it 97110 x 3"
        assert str(found.shorter) == "11 fewer minutes would make it 97110"

    def test_no_neighbours_without_minutes(self, ask):
        found = ask("90791", 50)
        assert (found.shorter, found.longer) == (None, None)
        assert found.working == ("90791 has no minutes: it is reported once",)


class TestSources:
    def test_a_chain_is_cited_when_it_is_part_of_the_answer(self, ask):
        found = ask("90837", 140, day=LONG_AGO)
        assert [each.fact for each in found.citations] == [
            "time/psychotherapy@2016-01-01/cpt",
            "time/psychotherapy@2016-01-01/cpt/99354",
            "time/psychotherapy@2016-01-01/cpt/99355",
        ]

    def test_a_chain_is_cited_when_a_neighbour_has_it(self, ask):
        assert len(ask("90837", 89, day=LONG_AGO).citations) == 2
        assert len(ask("90837", 52, day=LONG_AGO).citations) == 1

    def test_a_weaker_chain_weakens_only_the_answers_that_show_it(self, ask):
        asked = {"day": LONG_AGO, "basis": Basis.MEDICARE}
        assert ask("90837", 45, **asked).confidence is Confidence.VERIFIED
        assert ask("90837", 60, **asked).confidence is Confidence.VERIFIED
        assert ask("90837", 60, **asked).notes == ("borrowed minutes",)
        assert ask("90837", 95, **asked).confidence is Confidence.DERIVED

    def test_a_borrowed_basis_never_strengthens_a_weaker_row(self, ask):
        for basis in Basis:
            assert ask("90846", 50, basis=basis).confidence is Confidence.DISPUTED

    def test_a_dispute_is_said(self, ask):
        assert "  confidence disputed: the sources differ" in ask("90846", 50).explain().splitlines()
        assert "  confidence verified" in ask("90834", 50).explain().splitlines()

    def test_medicare_answers_for_itself_where_it_has_a_row(self, ask):
        found = ask("99205", 89, basis=Basis.MEDICARE)
        assert found.services == (ServiceUnits("99205"), ServiceUnits("G2212"))
        assert found.answered_by is Basis.MEDICARE
        assert found.confidence is Confidence.VERIFIED

    def test_notes_on_time_that_is_optional(self, ask, edition_of, fake):
        assert ask("99205", 60).notes == ("Or by medical decisions.",)
        visit = next(each for each in fake.timerules["families"] if each["id"] == "office-new")
        bare = edition_of({key: value for key, value in visit.items() if key != "scope_note"})
        found = select("99205", minutes=60, date_of_service=DAY, codeset=bare)
        assert found.notes == ("by time alone: the level may rest on something other than time",)

    def test_an_announced_row_says_so(self, ask):
        found = ask("promised", 10, day=dt.date(2026, 7, 1))
        assert found.notes == ("announced, not yet in force when last checked",)


class TestEqualAnswers:
    def test_codes_with_the_same_nominal_time(self, ask):
        found = ask("twins", 30)
        assert found.services == (ServiceUnits("X0003"),)
        assert found.alternatives == ((ServiceUnits("X0004"),),)

    def test_codes_with_the_same_first_minute(self, ask):
        found = ask("over", 15, day=dt.date(2019, 12, 31))
        assert (found.services, found.alternatives) == ((ServiceUnits("X0029"),), ((ServiceUnits("X0030"),),))

    def test_beside_the_tie_there_is_none(self, ask):
        assert (ask("tie", 34).services, ask("tie", 34).alternatives) == ((ServiceUnits("X0001"),), ())
        assert (ask("tie", 36).services, ask("tie", 36).alternatives) == ((ServiceUnits("X0002"),), ())


class TestWhatCanBeNamed:
    @pytest.mark.parametrize(
        "text", ["90834", " 90834\t", "psychotherapy", "Psychotherapy ", "PSYCHOTHERAPY"]
    )
    def test_case_and_blanks_are_forgiven(self, ask, text):
        assert ask(text, 45).services == (ServiceUnits("90834"),)

    def test_lower_case_codes(self, ask):
        assert ask("g0283", 0).services == (ServiceUnits("G0283"),)
        assert ask("x0001", 30).services == (ServiceUnits("X0001"),)

    @pytest.mark.parametrize(("code", "base"), [("90840", "90839"), ("96159", "96158"), ("96121", "96116")])
    def test_a_topping_code_asks_for_its_family(self, ask, code, base):
        assert ask(code, 60) == ask(base, 60)

    def test_prolonged_time_asks_for_its_family_while_it_is_in_force(self, ask):
        assert ask("99354", 90, day=LONG_AGO) == ask("90837", 90, day=LONG_AGO)

    def test_a_code_without_minutes_within_a_timed_family(self, ask):
        found = ask("99211", 45)
        assert found.services == (ServiceUnits("99211"),)
        assert not found.rule.is_timed
        assert ask("office-established", 5).services == ()

    def test_the_only_code_of_a_family_need_not_be_named(self, ask):
        assert ask("health-behaviour-assessment", 30).services == (ServiceUnits("96156"),)
        assert ask("standby", 60).services == (ServiceUnits("99360", 2),)
        assert ask("sole", 16).services == (ServiceUnits("X0023"),)

    def test_codes_of_one_threshold_row_that_count_alone(self, ask):
        assert ask("X0021", 20).services == (ServiceUnits("X0021"),)
        assert ask("X0022", 39).services == ()

    @pytest.mark.parametrize(
        ("name", "codes"),
        [
            ("psychiatric-untimed", "90791, 90792, 90853"),
            ("therapy-untimed", "97010, G0283"),
            ("each-alone", "X0021, X0022"),
            ("therapy-timed", "97035, 97110, 97112, 97116, 97140, 97530"),
        ],
    )
    def test_a_family_whose_codes_count_alone_wants_one_named(self, ask, name, codes):
        with pytest.raises(NoTimeRule) as caught:
            ask(name, 30)
        assert str(caught.value) == (
            f"each code of {name!r} counts alone, so name one of {codes}: {name!r}; expected a code of the family"
        )


class TestMinutes:
    @pytest.mark.parametrize("wrong", [-1, 1441, 47.0, 47.5, "47", None, True, False])
    def test_only_whole_minutes_of_one_day(self, ask, wrong):
        with pytest.raises(InvalidMinutes) as caught:
            ask("90834", wrong)
        assert caught.value.given is wrong
        assert str(caught.value) == (
            f"not whole minutes of one day: {wrong!r}; expected a whole number from 0 to 1440; round started minutes down"
            if wrong is not None
            else "psychotherapy counts minutes; expected minutes=... and nothing else"
        )

    def test_the_first_and_last_minute_of_a_day(self, ask):
        assert ask("90834", 0).services == ()
        assert ask("90834", 1440).services == (ServiceUnits("90837"),)
        assert ask("97110", 1440).services == (ServiceUnits("97110", 96),)


class TestValues:
    def test_selections_are_equal_hashable_frozen_and_travel(self, ask):
        found = ask("90837", 140, day=LONG_AGO)
        assert found == ask("90832", 140, day=LONG_AGO) == pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes
        assert len({found, ask("90832", 140, day=LONG_AGO)}) == 1
        assert found != ask("90837", 141, day=LONG_AGO)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            found.minutes = 1
        assert not hasattr(found, "__dict__")

    def test_errors_travel(self, ask):
        with pytest.raises(NoTimeRule) as caught:
            ask("therapy-timed", 30)
        copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
        assert (str(copy), copy.given) == (str(caught.value), "therapy-timed")

    def test_a_service_has_a_unit(self):
        with pytest.raises(ValueError, match="at least one unit: '97110' with 0"):
            ServiceUnits("97110", 0)
        assert [str(ServiceUnits("97110")), str(ServiceUnits("97110", 2))] == ["97110", "97110 x 2"]

    def test_a_neighbour_is_somewhere_else(self):
        with pytest.raises(ValueError, match="a neighbour is at least one minute away"):
            Neighbour((), 0, is_longer=True)

    def test_a_basis_may_be_spelled(self, ask):
        found = ask("90834", 45, basis="medicare")
        assert found.basis is Basis.MEDICARE
        with pytest.raises(ValueError, match="no such basis: 'aetna'"):
            ask("90834", 45, basis="aetna")
