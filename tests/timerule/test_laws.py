"""Laws that hold for every family of every edition, whatever its numbers."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cptkit
from cptkit import timerule
from cptkit.codesets import bundled_editions
from cptkit.errors import NoTimeRule
from cptkit.sources import Basis
from cptkit.timerule import Kind, UnitPolicy, allocate, select

pytestmark = pytest.mark.exhaustive

THERAPY = ["97110", "97112", "97140", "97530", "97035"]
DAY = dt.date(2026, 3, 2)


def rules_of(edition):
    """Every rule of an edition on its last day, by family and by code, under both bases."""
    codeset = cptkit.codeset(edition)
    for raw in codeset.timerules["families"]:
        for name in (raw["id"], *raw["codes"]):
            for basis in Basis:
                try:
                    rule = timerule.family(
                        name, date_of_service=codeset.last_day, codeset=codeset, basis=basis
                    )
                except NoTimeRule:
                    continue
                if rule.floors:
                    yield rule


@pytest.fixture(scope="module", params=bundled_editions())
def rules(request):
    return list(rules_of(request.param))


def test_bands_hold_each_minute_once(rules):
    for rule in rules:
        bands = rule.bands()
        assert bands[0][0] == 0, rule
        assert bands[-1][1] is None, rule
        for (_, last, answers), (first, _, later) in pairwise(bands):
            assert first == last + 1, rule
            assert answers != later, rule
        assert bands[-1][0] <= rule.most, rule


def test_more_minutes_never_earn_less(rules):
    """A code that has begun keeps its units or passes to a longer one; it returns never, and ends for good."""
    for rule in rules:
        for reading in (0, -1):
            past, before = set(), {}
            for _, _, answers in rule.bands():
                now = {service.code: service.units for service in answers[reading]}
                head = next(iter(now), None)
                assert head not in past, rule
                old = next(iter(before), None)
                if old is not None and head != old:
                    past.add(old)
                elif old is not None:
                    assert all(now.get(code, 0) >= units for code, units in before.items()), rule
                before = now


def test_no_minute_is_counted_twice(rules):
    """Units of a code: all but the last stand on whole minutes of their own."""
    for rule in rules:
        if rule.kind is Kind.PER_UNIT and rule.is_settled:
            for first, _, answers in rule.bands()[:50]:
                units = sum(service.units for service in answers[0])
                # the last unit is earned by a part, every other one is whole
                assert (units - 1) * rule.unit_minutes < first or units == 0, rule


def test_several_answers_stand_only_for_ties_and_open_numbers(rules):
    for rule in rules:
        for _, _, answers in rule.bands():
            assert len(set(answers)) == len(answers)
            if len(answers) > 1 and rule.is_settled:
                assert rule.kind in {Kind.PICK_BY_BAND, Kind.PICK_BY_THRESHOLD}, rule


@given(minutes=st.dictionaries(st.sampled_from(THERAPY), st.integers(0, 200), min_size=1))
def test_an_allocation_never_exceeds_the_total(minutes):
    found = allocate(
        minutes,
        policy=UnitPolicy.MEDICARE_TOTAL,
        date_of_service=DAY,
        codeset=cptkit.codeset("2026.1"),
    )
    supported = (sum(minutes.values()) + 7) // 15
    for answer in (found.services, *found.alternatives):
        assert sum(service.units for service in answer) == supported
        assert all((service.units - 1) * 15 < minutes[service.code] for service in answer)


@given(
    minutes=st.dictionaries(st.sampled_from(THERAPY), st.integers(0, 200), min_size=1),
    code=st.sampled_from(THERAPY),
    more=st.integers(1, 60),
)
def test_more_minutes_never_take_a_unit_from_the_day(minutes, code, more):
    asked = {"date_of_service": DAY, "codeset": cptkit.codeset("2026.1")}
    grown = minutes | {code: minutes.get(code, 0) + more}
    for policy in UnitPolicy:
        before = allocate(minutes, policy=policy, **asked)
        after = allocate(grown, policy=policy, **asked)
        assert after.total_units >= before.total_units


@given(minutes=st.integers(0, 1440), code=st.sampled_from(THERAPY))
def test_one_code_has_the_same_units_by_either_policy_and_alone(minutes, code):
    asked = {"date_of_service": DAY, "codeset": cptkit.codeset("2026.1")}
    alone = select(code, minutes=minutes, **asked).services
    for policy in (UnitPolicy.MEDICARE_TOTAL, UnitPolicy.CPT_PER_CODE):
        assert allocate({code: minutes}, policy=policy, **asked).services == alone
