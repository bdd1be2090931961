"""Units of a day in several disciplines, the third policy, the disputed pair, and two policies compared."""

import datetime as dt
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cptkit
from cptkit.errors import InvalidCode, UnknownCode
from cptkit.sources import Confidence
from cptkit.timerule import Leftover, ServiceUnits, UnitPolicy, allocate, compare

DAY = dt.date(2026, 3, 2)
TOTAL = UnitPolicy.MEDICARE_TOTAL


def ask(minutes, policy=TOTAL, **more):
    return allocate(minutes, policy=policy, date_of_service=DAY, codeset=cptkit.codeset("2026.1"), **more)


class TestDisciplines:
    def test_each_discipline_has_its_total(self):
        found = ask({"97530-GP": 10, "97530-GO": 10})
        assert found.services == (ServiceUnits("97530", 1, ("GP",)), ServiceUnits("97530", 1, ("GO",)))
        assert [(pool.discipline, pool.total, pool.owed) for pool in found.pools] == [
            ("GP", 10, 1),
            ("GO", 10, 1),
        ]
        assert found.total_units == 2
        together = ask({"97530": 10, "97110": 10})
        assert together.total_units == 1

    def test_other_modifiers_divide_nothing_and_stay(self):
        found = ask({"97530-59-GP": 33, "97140-GP": 7})
        assert str(found) == "97530-59-GP x 2 + 97140-GP"
        assert found.codes == ("97530-59-GP", "97140-GP")
        assert found.to_dict()["services"][0] == {"code": "97530", "units": 2, "modifiers": ["59", "GP"]}
        assert found.most("97530") == 2

    @pytest.mark.parametrize("spelled", ["97530 GO", "97530:GO", "97530go", "97530-GO"])
    def test_services_are_spelled_as_anywhere(self, spelled):
        assert str(ask({spelled: 20})) == "97530-GO"

    def test_ties_in_two_disciplines_give_every_combination(self):
        found = ask({"97110-GP": 20, "97112-GP": 20, "97530-GO": 10, "97535-GO": 10})
        answers = {tuple(str(each) for each in answer) for answer in (found.services, *found.alternatives)}
        first = [("97110-GP x 2", "97112-GP"), ("97110-GP", "97112-GP x 2")]
        second = [("97530-GO",), ("97535-GO",)]
        assert answers == {one + other for one, other in product(first, second)}
        assert any(step.startswith("GO: minutes: 97530-GO 10, 97535-GO 10") for step in found.working)

    def test_too_little_in_one_discipline_is_told(self):
        found = ask({"97110-GP": 20, "97530-GO": 7})
        assert str(found) == "97110-GP"
        assert "GO: minutes: 97530-GO 7; 7 minutes in all of the 8 that one unit needs" in found.working

    def test_without_pooling_nothing_is_divided(self):
        found = ask({"97530-GP": 10, "97530-GO": 10}, UnitPolicy.CPT_PER_CODE)
        assert str(found) == "97530-GP + 97530-GO"
        assert len(found.pools) == 1

    def test_codes_outside_therapy_count_alone(self):
        found = ask({"97153": 10, "97155": 10})
        assert str(found) == "97153 + 97155"
        assert len(found.pools) == 2

    def test_untimed_services_keep_their_modifiers(self):
        found = ask({"97161-GP": 30, "97110-GP": 20})
        assert str(found) == "97161-GP + 97110-GP"
        assert found.ignored[0][0] == "97161-GP"
        assert found.most("97161") == 1

    def test_a_service_without_a_plan_beside_others_is_told(self):
        found = ask({"97110-GP": 8, "97140": 8})
        assert (str(found), found.confidence) == ("97110-GP + 97140", Confidence.DERIVED)
        told = "97140 names no therapy plan beside services that do, and is counted apart from them"
        assert told in found.notes
        alone = ask({"97110-GP": 8, "97153": 8})
        assert not any("plan" in note for note in alone.notes)

    def test_modifiers_that_are_no_plan_make_no_second_service(self):
        for policy in UnitPolicy:
            with pytest.raises(InvalidCode, match="given twice; add its minutes up first: '97110-59'"):
                ask({"97110": 8, "97110-59": 8}, policy)

    def test_ties_in_several_disciplines_cost_nothing_until_they_are_asked_for(self):
        codes = ["97110", "97112", "97140", "97530", "97035", "97116", "97113", "97124"]
        found = ask({f"{code}-{plan}": 10 for code in codes for plan in ("GP", "GO", "GN")})
        assert found.right_answers == 56**3
        assert len(found.first_answers(3)) == 3
        assert found.first_answers(1) == (found.services,)
        assert str(found).endswith(f" or {56**3 - 6} others")

    def test_very_many_right_answers_are_counted_not_listed(self):
        codes = ["97110", "97112", "97140", "97530", "97035", "97116", "97113", "97124"]
        found = ask(dict.fromkeys(codes, 10))
        assert found.right_answers == 1 + len(found.alternatives) == 56
        assert str(found).endswith(" or 50 others")
        assert str(found).count(" or ") == 6

    def test_wrong_services(self):
        with pytest.raises(TypeError, match="minutes stand by code"):
            ask([("97110", 33)])
        with pytest.raises(InvalidCode, match="given twice; add its minutes up first: '97530-GP-59'"):
            ask({"97530-GP": 10, "97530-GP-59": 10})
        with pytest.raises(InvalidCode, match="two therapy plans") as caught:
            ask({"97530-GP-GO": 10})
        assert caught.value.expected == "one of GN, GO, GP"
        with pytest.raises(UnknownCode):
            ask({"97530-": 10, "x" * 12: 10})


class TestWholeUnits:
    @pytest.mark.parametrize(
        ("minutes", "units"), [(0, 0), (14, 0), (15, 1), (29, 1), (30, 2), (119, 7), (120, 8)]
    )
    def test_only_whole_quarters_count(self, minutes, units):
        found = ask({"H2015": minutes}, UnitPolicy.PAYER_WHOLE_UNITS)
        assert found.total_units == units
        assert found.services == ((ServiceUnits("H2015", units),) if units else ())

    def test_the_words(self):
        found = ask({"H2015": 14, "T1017": 10}, UnitPolicy.PAYER_WHOLE_UNITS)
        assert found.reason == "no code has the 15 minutes that one unit needs: nothing is reportable"
        assert found.working[0] == "each code alone, one unit for each whole 15 minutes"
        assert ask({}, UnitPolicy.PAYER_WHOLE_UNITS).working == ("no timed code was given",)
        assert ask({}).working == ("no timed code was given",)


class TestLeftover:
    """Sources differ on who gets the last unit of 24 and 8 minutes; a profile decides."""

    def test_the_switch_decides_the_pair(self):
        assert str(ask({"97110": 24, "97140": 8})) == "97110 x 2"
        found = ask({"97110": 24, "97140": 8}, leftover=Leftover.UNPAID_FIRST)
        assert str(found) == "97110 + 97140"
        assert (found.confidence, found.outweighed) == (Confidence.DISPUTED, ("97140",))
        told = "97140 would earn a unit alone and gets one here by the choice unpaid-first: "
        assert any(note.startswith(told) for note in found.notes)
        assert (
            "1 unit for codes without one before others, then the most minutes left: 97140" in found.working
        )
        assert found.to_dict()["leftover"] == "unpaid-first"
        assert str(ask({"97110": 24, "97140": 8}, leftover="unpaid-first")) == "97110 + 97140"

    @pytest.mark.parametrize(
        "minutes",
        [
            {"97110": 33, "97140": 7},
            {"97110": 18, "97140": 13, "97116": 10, "97035": 8},
            {"97112": 20, "97110": 20},
            {"97110": 12, "97140": 9},
            {"97110": 7, "97140": 7, "97112": 7},
        ],
    )
    def test_the_published_examples_are_the_same_either_way(self, minutes):
        assert str(ask(minutes)) == str(ask(minutes, leftover=Leftover.UNPAID_FIRST))

    def test_the_order_among_the_unpaid_is_that_of_their_minutes(self):
        found = ask({"97110": 29, "97140": 8, "97035": 9}, leftover=Leftover.UNPAID_FIRST)
        assert str(found) == "97110 + 97140 + 97035"
        tied = ask({"97110": 59, "97140": 8, "97035": 8}, leftover=Leftover.UNPAID_FIRST)
        assert str(tied) == "97110 x 3 + 97140 + 97035"


class TestComparison:
    def both(self, minutes, **more):
        return compare(minutes, date_of_service=DAY, codeset=cptkit.codeset("2026.1"), **more)

    @pytest.mark.parametrize(
        ("minutes", "differ", "more"),
        [
            ({"97110": 33, "97140": 7}, True, TOTAL),
            ({"97112": 24, "97110": 23}, True, UnitPolicy.CPT_PER_CODE),
            ({"97110": 30, "97140": 30}, False, None),
            ({"97110": 22, "97140": 7}, True, TOTAL),
            ({"97110": 24, "97140": 8}, True, UnitPolicy.CPT_PER_CODE),
        ],
    )
    def test_which_policy_gives_more(self, minutes, differ, more):
        found = self.both(minutes)
        assert (found.differ, found.more_units) == (differ, more)

    def test_neither_order_nor_ties_make_a_difference(self):
        assert not self.both({"97110": 15, "97140": 15}).differ
        assert self.both({"97110": 8, "97140": 8}).differ

    def test_words_and_values(self):
        found = self.both({"97110": 33, "97140": 7})
        assert str(found) == "Medicare total: 97110 x 2 + 97140; CPT per code: 97110 x 2"
        lines = found.explain().splitlines()
        assert lines[0].startswith("Medicare: units by the total of the day, 2026-03-02: 97110 x 2 + 97140")
        assert lines[-1] == "the two policies differ"
        assert self.both({"97110": 30}).explain().endswith("the two policies agree")
        plain = found.to_dict()
        assert (plain["differ"], plain["more_units"]) == (True, "medicare-total")
        assert plain["medicare_total"] == found.medicare_total.to_dict()
        assert self.both({"97110": 30}).to_dict()["more_units"] is None

    def test_the_switch_reaches_the_comparison(self):
        assert (
            str(self.both({"97110": 24, "97140": 8}, leftover="unpaid-first").medicare_total)
            == "97110 + 97140"
        )


@given(
    minutes=st.dictionaries(
        st.sampled_from(["97110", "97112", "97140", "97035"]), st.integers(0, 80), max_size=4
    )
)
def test_with_either_leftover_the_total_is_the_same(minutes):
    largest, unpaid = (ask(minutes, leftover=each) for each in Leftover)
    assert largest.total_units == unpaid.total_units
    for found in (largest, unpaid):
        for answer in (found.services, *found.alternatives):
            assert sum(each.units for each in answer) == found.total_units
            for each in answer:
                assert each.units * 15 <= minutes[each.code] + 14


@given(minutes=st.integers(0, 1440))
def test_the_policies_agree_on_a_single_code(minutes):
    assert not compare({"97110": minutes}, date_of_service=DAY, codeset=cptkit.codeset("2026.1")).differ
