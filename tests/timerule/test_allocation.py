"""What an allocation says: units, ties, ignored codes, the disputed pairs; and what it refuses."""

import json
import pickle
from datetime import date

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.errors import BrokenEdition, InvalidCode, InvalidMinutes, NoTimeRule, UnknownCode
from cptkit.sources import Basis, Confidence
from cptkit.timerule import ServiceUnits, UnitPolicy, allocate

DAY = date(2026, 3, 2)
TOTAL, EACH = UnitPolicy.MEDICARE_TOTAL, UnitPolicy.CPT_PER_CODE
CODES = ["97035", "97110", "97112", "97116", "97140", "97530"]


@pytest.fixture(scope="session")
def ask(fake):
    def ask(minutes, policy=TOTAL, **asked):
        return allocate(minutes, policy=policy, codeset=fake, **{"date_of_service": DAY} | asked)

    return ask


def answers(found):
    return {frozenset(answer) for answer in (found.services, *found.alternatives)}


def test_the_policies_disagree_in_both_directions(ask):
    assert str(ask({"97110": 33, "97140": 7})) == "97110 x 2 + 97140"
    assert str(ask({"97110": 33, "97140": 7}, EACH)) == "97110 x 2"
    assert str(ask({"97112": 24, "97110": 23})) == "97112 x 2 + 97110"
    assert str(ask({"97112": 24, "97110": 23}, EACH)) == "97112 x 2 + 97110 x 2"


def test_an_allocation_says_what_it_rests_on(ask):
    found = ask({"97110": 33, "97140": 7})
    assert found.services == (ServiceUnits("97110", 2), ServiceUnits("97140"))
    assert (found.policy, found.unit_minutes, found.total_minutes) == (TOTAL, 15, 40)
    assert (found.minutes, found.codes) == ((("97110", 33), ("97140", 7)), ("97110", "97140"))
    assert (found.ignored, found.alternatives, found.reason, found.outweighed) == ((), (), "", ())
    assert [each.fact for each in found.citations] == [
        "time/unit-policies/medicare-total",
        "time/therapy-timed@2018-01-01",
    ]
    assert found.confidence is Confidence.VERIFIED
    assert found.notes == ("disputed for pairs such as 24 and 8",)
    assert (found.basis, found.date_of_service, found.edition) == (Basis.MEDICARE, DAY, "2026.1")


def test_the_explanation_of_a_disputed_pair(ask):
    assert ask({"97110": 24, "97140": 8, "97010": 10}).explain().splitlines() == [
        "Medicare total, 2026-03-02: 97110 x 2 + 97010",
        "  minutes: 97110 24, 97140 8; 32 in all earn 2 units of 15 minutes",
        "  97110: 1 whole unit, 9 minutes left",
        "  97140: 0 whole units, 8 minutes left",
        "  1 unit for the most minutes left: 97110",
        "  97010 has no minutes: it is reported once",
        "  confidence disputed: the sources differ",
        "  note: 97010: has no minutes, so it stays outside the count (time/therapy-untimed@2017-01-01, verified)",
        "  note: 97140 would earn a unit alone and gets none here: sources differ on such pairs",
        "  note: disputed for pairs such as 24 and 8",
        "  source: time/unit-policies/medicare-total [SOURCE] verified, checked 2026-11-21",
        "  source: time/therapy-timed@2018-01-01 [SOURCE] verified, checked 2026-11-21",
        "  edition 2026.1",
    ]


def test_an_allocation_as_plain_values(ask):
    plain = ask({"97112": 20, "97110": 20, "97010": 5}).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    once = {"code": "97010", "units": 1}
    assert plain == {
        "policy": "medicare-total",
        "leftover": "largest",
        "services": [{"code": "97112", "units": 2}, {"code": "97110", "units": 1}, once],
        "alternatives": [[{"code": "97112", "units": 1}, {"code": "97110", "units": 2}, once]],
        "minutes": {"97112": 20, "97110": 20},
        "total_minutes": 40,
        "ignored": [
            {
                "code": "97010",
                "why": "has no minutes, so it stays outside the count (time/therapy-untimed@2017-01-01, verified)",
            }
        ],
        "basis": "medicare",
        "date_of_service": "2026-03-02",
        "edition": "2026.1",
        "working": [
            "minutes: 97112 20, 97110 20; 40 in all earn 3 units of 15 minutes",
            "97112: 1 whole unit, 5 minutes left",
            "97110: 1 whole unit, 5 minutes left",
            "1 unit for any of 97112, 97110, which have equal minutes left: the choice is the clinician's",
            "97010 has no minutes: it is reported once",
        ],
        "reason": "",
        "facts": ["time/unit-policies/medicare-total", "time/therapy-timed@2018-01-01"],
        "sources": ["SOURCE"],
        "confidence": "verified",
        "notes": [
            "97010: has no minutes, so it stays outside the count (time/therapy-untimed@2017-01-01, verified)",
            "disputed for pairs such as 24 and 8",
        ],
    }
    assert {type(plain[key]) for key in ("policy", "basis", "confidence")} == {str}


def test_the_working_of_each_code_alone(ask):
    found = ask({"97110": 24, "97140": 8, "97112": 1}, EACH)
    assert found.working == (
        "each code alone, one unit from 8 minutes and one more for each further 15",
        "97110: 24 minutes, 2 units",
        "97140: 8 minutes, 1 unit",
        "97112: 1 minute, 0 units",
    )
    assert (found.basis, found.confidence, found.notes) == (Basis.CPT, Confidence.SINGLE_SOURCE, ())
    assert found.to_dict()["confidence"] == "single-source"
    assert "  confidence single-source: one weak or partial source" in found.explain().splitlines()


class TestTies:
    def test_every_distribution_is_given_the_first_codes_first(self, ask):
        found = ask({"97110": 8, "97140": 8, "97035": 8})
        assert found.services == (ServiceUnits("97110"), ServiceUnits("97140"))
        assert found.alternatives == (
            (ServiceUnits("97110"), ServiceUnits("97035")),
            (ServiceUnits("97140"), ServiceUnits("97035")),
        )
        assert str(found) == "97110 + 97140 or 97110 + 97035 or 97140 + 97035"
        assert found.working[-1].startswith("2 units for any of 97110, 97140, 97035, which")

    def test_a_tie_behind_a_certain_unit(self, ask):
        found = ask({"97110": 14, "97112": 5, "97140": 5, "97035": 1})
        assert found.working[-2:] == (
            "1 unit for the most minutes left: 97110",
            "1 unit for any of 97112, 97140, which have equal minutes left: the choice is the clinician's",
        )
        assert [found.most(code) for code in ("97110", "97112", "97140", "97035", "97530")] == [1, 1, 1, 0, 0]

    def test_the_most_units_are_told_without_going_through_the_ties(self, ask):
        found = ask({"97110": 24, "97140": 8, "97010": 5})
        assert [found.most(code) for code in ("97110", "97140", "97010")] == [2, 0, 1]
        found = ask({"97110": 20, "97140": 20})
        assert [found.most(code) for code in ("97110", "97140")] == [2, 2]


class TestDisputedPairs:
    def test_the_rest_of_a_longer_code_beats_a_code_that_would_earn_a_unit(self, ask):
        found = ask({"97110": 24, "97140": 8})
        assert (found.outweighed, found.confidence) == (("97140",), Confidence.DISPUTED)
        assert ask({"97140": 8, "97110": 24}).outweighed == ("97140",)
        assert ask({"97110": 29, "97140": 8, "97035": 9}).outweighed == ("97140",)
        assert ask({"97110": 29, "97140": 9, "97035": 9}).outweighed == ()

    def test_a_published_example_is_not_disputed(self, ask):
        found = ask({"97110": 18, "97140": 13, "97116": 10, "97035": 8})
        assert (found.outweighed, found.confidence) == ((), Confidence.VERIFIED)

    def test_a_tie_is_open_not_disputed(self, ask):
        assert ask({"97110": 23, "97140": 8}).outweighed == ()
        assert ask({"97110": 24, "97140": 8, "97112": 8}).outweighed == ()

    def test_a_code_under_the_midpoint_loses_nothing(self, ask):
        assert ask({"97110": 24, "97140": 7}).outweighed == ()

    def test_a_code_that_earns_a_whole_unit_loses_nothing(self, ask):
        assert ask({"97112": 24, "97110": 23}).outweighed == ()

    def test_alone_no_code_is_outweighed(self, ask):
        assert ask({"97110": 24, "97140": 8}, EACH).outweighed == ()


class TestNothingReportable:
    def test_under_the_minimum_of_the_total(self, ask):
        found = ask({"97110": 4, "97140": 3})
        assert found.services == found.alternatives == ()
        assert found.reason == "7 minutes in all of the 8 that one unit needs: nothing is reportable"
        assert found.working == ("minutes: 97110 4, 97140 3; 7 minutes in all of the 8 that one unit needs",)

    def test_no_code_reaches_the_minimum_alone(self, ask):
        found = ask({"97110": 7, "97140": 7}, EACH)
        assert found.reason == "no code has the 8 minutes that one unit needs: nothing is reportable"
        assert found.working[-1] == "97140: 7 minutes, 0 units"

    @pytest.mark.parametrize("policy", UnitPolicy)
    def test_nothing_given_is_nothing_reportable(self, ask, policy):
        found = ask({}, policy)
        assert (found.services, found.total_minutes) == ((), 0)
        assert found.reason == "no timed code was given: nothing is reportable"
        assert found.working == ("no timed code was given",)
        assert [each.fact for each in found.citations] == [f"time/unit-policies/{policy}"]

    def test_no_minutes_earn_nothing(self, ask):
        assert ask({"97110": 33, "97140": 0}).services == (ServiceUnits("97110", 2),)
        assert ask({"97140": 0, "97110": 15}).alternatives == ()


class TestUntimedCodes:
    @pytest.mark.parametrize("policy", UnitPolicy)
    def test_their_minutes_never_enter_and_they_are_reported_once(self, ask, policy):
        found = ask({"97010": 40, "97110": 7, "90853": 60}, policy)
        assert found.services == (ServiceUnits("97010"), ServiceUnits("90853"))
        assert (found.total_minutes, found.minutes) == (7, (("97110", 7),))
        assert [code for code, _ in found.ignored] == ["97010", "90853"]
        assert found.reason == ""

    def test_their_doubt_is_told_beside_them(self, edition_of, fake):
        families = [dict(each) for each in fake.timerules["families"] if each["id"].startswith("therapy")]
        for each in families:
            if each["id"] == "therapy-untimed":
                each["rules"] = [each["rules"][0] | {"confidence": "disputed"}]
        found = allocate(
            {"97110": 15, "97010": 5}, policy=TOTAL, date_of_service=DAY, codeset=edition_of(*families)
        )
        assert found.ignored == (
            (
                "97010",
                "has no minutes, so it stays outside the count (time/therapy-untimed@2017-01-01, disputed)",
            ),
        )
        assert found.confidence is Confidence.VERIFIED


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("code", "family"),
        [
            ("90834", "psychotherapy"),
            ("96105", "hours"),
            ("99360", "standby"),
            ("T1017", "whole-quarters"),
            ("X0025", "limited"),
            ("psychotherapy", "psychotherapy"),
        ],
    )
    def test_a_code_that_is_timed_in_another_way(self, ask, code, family):
        with pytest.raises(NoTimeRule) as caught:
            ask({"97110": 15, code: 30})
        assert str(caught.value) == (
            f"{code.upper()} is not counted in units of 15 minutes, so select it alone: {code!r}; "
            f"expected codes whose every 15 minutes are a unit; select {family} by its own rule"
        )

    def test_a_family_in_place_of_a_code(self, ask):
        with pytest.raises(
            NoTimeRule, match="each code of 'therapy-timed' counts alone, so name one of 97035"
        ):
            ask({"therapy-timed": 30})

    def test_a_code_without_a_time_rule(self, ask):
        with pytest.raises(NoTimeRule, match="no time rule for the code: '97999'"):
            ask({"97999": 30})
        with pytest.raises(UnknownCode, match="'ultrasound'"):
            ask({"ultrasound": 30})

    @pytest.mark.parametrize("wrong", [-1, 1441, 15.0, "15", None, True])
    def test_minutes_that_are_none(self, ask, wrong):
        with pytest.raises(
            InvalidMinutes, match="minutes of 97140 are not whole minutes of one day"
        ) as caught:
            ask({"97110": 15, "97140": wrong})
        assert caught.value.given is wrong

    def test_more_minutes_than_a_day(self, ask):
        assert ask({"97110": 1000, "97140": 440, "97010": 1440}).total_minutes == 1440
        with pytest.raises(InvalidMinutes) as caught:
            ask({"97110": 1000, "97140": 441})
        assert (
            str(caught.value)
            == "the codes together have more minutes than a day: 1441; expected at most 1440"
        )

    @pytest.mark.parametrize("both", [("97110", " 97110"), ("g0283", "G0283")])
    def test_one_code_in_two_spellings(self, ask, both):
        with pytest.raises(InvalidCode, match=f"given twice; add its minutes up first: '{both[1].strip()}'"):
            ask(dict.fromkeys(both, 10))

    def test_an_unknown_policy(self, ask):
        with pytest.raises(ValueError, match="'rule-of-eights' is not a valid UnitPolicy"):
            ask({"97110": 15}, "rule-of-eights")

    def test_an_edition_without_the_policy(self, edition_of, fake):
        bare = edition_of(*fake.timerules["families"], policies=[])
        with pytest.raises(BrokenEdition, match=r"edition test\.1 holds no unit policy: 'medicare-total'"):
            allocate({"97110": 15}, policy=TOTAL, date_of_service=DAY, codeset=bare)


class TestBasis:
    def test_each_policy_asks_its_owner_unless_told(self, ask):
        owners = [Basis.MEDICARE, Basis.CPT, Basis.CPT]
        assert [ask({"97110": 15}, policy).basis for policy in UnitPolicy] == owners
        assert ask({"97110": 15}, TOTAL, basis=Basis.CPT).basis is Basis.CPT
        assert ask({"97110": 15}, "cpt-per-code", basis="medicare").basis is Basis.MEDICARE

    def test_a_borrowed_row_is_at_best_derived(self, edition_of, fake):
        timed = next(each for each in fake.timerules["families"] if each["id"] == "therapy-timed")
        own = timed | {"rules": [timed["rules"][0] | {"basis": ["cpt"]}]}
        found = allocate({"97110": 15}, policy=TOTAL, date_of_service=DAY, codeset=edition_of(own))
        assert found.confidence is Confidence.DERIVED
        assert found.notes[0] == "no medicare row is known for therapy-timed: the cpt row answers"

    def test_two_rows_are_both_cited_and_one_row_once(self, edition_of, fake):
        timed = next(each for each in fake.timerules["families"] if each["id"] == "therapy-timed")
        other = timed | {
            "id": "other",
            "codes": ["97763"],
            "rules": [timed["rules"][0] | {"confidence": "derived"}],
        }
        found = allocate(
            {"97110": 8, "97763": 8, "97140": 8},
            policy=TOTAL,
            date_of_service=DAY,
            codeset=edition_of(timed, other),
        )
        assert [each.fact for each in found.citations] == [
            "time/unit-policies/medicare-total",
            "time/therapy-timed@2018-01-01",
            "time/other@2018-01-01",
        ]
        assert found.confidence is Confidence.DERIVED


@given(minutes=st.dictionaries(st.sampled_from(CODES), st.integers(0, 100), max_size=6))
def test_no_answer_has_more_units_than_the_total_supports(minutes, ask):
    found = ask(minutes)
    for answer in (found.services, *found.alternatives):
        assert sum(each.units for each in answer) == (sum(minutes.values()) + 7) // 15
        assert all(each.units <= found.most(each.code) for each in answer)
    for code in minutes:
        counted = [
            each.units
            for answer in (found.services, *found.alternatives)
            for each in answer
            if each.code == code
        ]
        assert found.most(code) == max(counted, default=0)


@given(
    minutes=st.dictionaries(st.sampled_from([*CODES, "97010"]), st.integers(0, 60), max_size=6),
    policy=st.sampled_from(UnitPolicy),
    data=st.data(),
)
def test_the_order_of_the_codes_never_changes_the_answers(minutes, policy, data, ask):
    turned = dict(data.draw(st.permutations(list(minutes.items()))))
    first, second = ask(minutes, policy), ask(turned, policy)
    assert answers(first) == answers(second)
    assert (first.confidence, set(first.outweighed)) == (second.confidence, set(second.outweighed))


@given(code=st.sampled_from(CODES), minutes=st.integers(0, 1440))
def test_the_policies_agree_on_a_single_code(code, minutes, ask):
    assert ask({code: minutes}, TOTAL).services == ask({code: minutes}, EACH).services


def test_allocations_are_equal_hashable_frozen_and_travel(ask):
    given_minutes = {"97110": 20, "97140": 20, "97010": 5}
    found = ask(given_minutes)
    assert given_minutes == {"97110": 20, "97140": 20, "97010": 5}
    assert found == ask(dict(given_minutes)) == pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes
    assert len({found, ask(given_minutes)}) == 1
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        found.services = ()
    assert not hasattr(found, "__dict__")
