"""The arithmetic alone: its laws, each against a slower way to say the same."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.timerule import arithmetic
from cptkit.timerule.arithmetic import (
    DAY,
    Shares,
    ladder,
    medicare_total,
    midpoint_floor,
    nearest_floors,
    nearest_steps,
    per_code,
    units_by_midpoint,
    units_by_whole,
    units_on,
)

nominal = st.integers(1, 240)
minute = st.integers(0, DAY)
unit = st.integers(1, 60)


def test_a_day_has_1440_minutes():
    assert DAY == 1440


@given(nominal)
def test_midpoint_is_the_first_minute_past_half(minutes):
    floor = midpoint_floor(minutes)
    assert 2 * floor > minutes >= 2 * (floor - 1)


@pytest.mark.parametrize("wrong", [0, -1])
def test_a_nominal_time_has_a_minute(wrong):
    with pytest.raises(ValueError, match=f"at least one minute, not {wrong}"):
        midpoint_floor(wrong)


@given(st.lists(nominal, min_size=1, max_size=6), minute)
def test_steps_name_the_nearest_nominal_times(nominals, minutes):
    reached = [near for first, near in nearest_steps(nominals) if first <= minutes]
    if 2 * minutes <= min(nominals):
        assert not reached
    else:
        least = min(abs(each - minutes) for each in nominals)
        assert reached[-1] == tuple(sorted({each for each in nominals if abs(each - minutes) == least}))


@given(st.lists(nominal, min_size=1, max_size=6))
def test_steps_rise_and_floors_are_those_without_a_tie(nominals):
    steps = nearest_steps(nominals)
    assert all(first < second for (first, _), (second, _) in pairwise(steps))
    assert nearest_floors(nominals) == tuple(first for first, near in steps if len(near) == 1)
    assert len(nearest_floors(nominals)) == len(set(nominals))


def test_nothing_is_near_to_no_time():
    with pytest.raises(ValueError, match="no nominal time"):
        nearest_steps([])


@given(st.integers(1, 2000), st.none() | unit, st.none() | st.integers(1, 5), st.integers(0, DAY))
def test_ladders_rise_by_whole_steps(first, step, most, last):
    rungs = ladder(first, step, last=last, at_most=most)
    assert all(first <= rung <= last for rung in rungs)
    assert all(later - earlier == step for earlier, later in pairwise(rungs))
    assert len(rungs) <= (most if most is not None and step is not None else DAY)
    assert bool(rungs) == (first <= last)


def test_a_ladder_reaches_the_last_minute_of_a_day():
    assert ladder(DAY, None) == ladder(DAY, 15) == (DAY,)
    assert ladder(DAY + 1, None) == ladder(DAY + 1, 15) == ()


@pytest.mark.parametrize("step", [0, -15])
def test_a_step_has_a_minute(step):
    with pytest.raises(ValueError, match=f"a step is at least one minute, not {step}"):
        ladder(8, step)


@given(minute, unit)
def test_units_count_the_rungs_of_their_ladder(minutes, each):
    assert units_by_midpoint(minutes, each) == units_on(ladder(midpoint_floor(each), each), minutes)
    assert units_by_whole(minutes, each) == units_on(ladder(each, each), minutes)
    assert 0 <= units_by_midpoint(minutes, each) - units_by_whole(minutes, each) <= 1


@given(minute, unit)
def test_one_more_minute_never_loses_a_unit(minutes, each):
    assert 0 <= units_by_midpoint(minutes + 1, each) - units_by_midpoint(minutes, each) <= 1


def test_the_published_table_of_15_minute_units():
    firsts = [
        minutes
        for minutes in range(1, 128)
        if units_by_midpoint(minutes, 15) > units_by_midpoint(minutes - 1, 15)
    ]
    assert firsts == [8, 23, 38, 53, 68, 83, 98, 113]


def best_distributions(minutes, each):
    """Every way to give each code its whole units and at most one more that pays the most minutes."""
    owed = units_by_midpoint(sum(minutes), each)
    ways = {}
    for extra in product((0, 1), repeat=len(minutes)):
        units = tuple(some // each + more for some, more in zip(minutes, extra, strict=True))
        if sum(units) == owed:
            ways[units] = sum(some % each for some, more in zip(minutes, extra, strict=True) if more)
    most = max(ways.values())
    return {units for units, paid in ways.items() if paid == most}


@given(st.lists(st.integers(0, 120), max_size=6), st.sampled_from([1, 2, 10, 15, 20, 30]))
def test_medicare_total_gives_the_rest_to_the_largest_remainders(minutes, each):
    found = list(medicare_total(minutes, each).distributions())
    assert len(set(found)) == len(found)
    assert set(found) == best_distributions(minutes, each)


@given(st.lists(st.integers(0, 30), max_size=6), st.sampled_from([10, 15, 20]))
def test_the_total_supports_the_units_and_no_minute_earns_nothing(minutes, each):
    for units in medicare_total(minutes, each).distributions():
        assert sum(units) == units_by_midpoint(sum(minutes), each)
        assert all(some > 0 for some, earned in zip(minutes, units, strict=True) if earned)


@given(
    st.lists(st.integers(0, 60), max_size=5).flatmap(
        lambda some: st.tuples(st.just(some), st.permutations(some))
    )
)
def test_the_order_of_codes_never_changes_what_each_earns(both):
    minutes, turned = both

    def earned(some):
        return {
            tuple(sorted(zip(some, units, strict=True))) for units in medicare_total(some, 15).distributions()
        }

    assert earned(minutes) == earned(turned)


@given(minute, unit)
def test_both_policies_agree_on_a_single_code(minutes, each):
    assert medicare_total((minutes,), each) == per_code((minutes,), each)


@given(st.lists(minute, max_size=6), unit)
def test_per_code_pools_nothing(minutes, each):
    shares = per_code(minutes, each)
    assert list(shares.distributions()) == [tuple(units_by_midpoint(some, each) for some in minutes)]


def test_shares_begin_with_the_first_positions():
    shares = Shares((1, 0, 0), tied=(0, 1, 2), to_share=2)
    assert list(shares.distributions()) == [(2, 1, 0), (2, 0, 1), (1, 1, 1)]
    assert shares.first() == (2, 1, 0)


def test_shares_cannot_owe_more_than_the_tied_can_take():
    with pytest.raises(ValueError, match="3 units cannot go one each to 2 tied codes"):
        Shares((0, 0), tied=(0, 1), to_share=3)


def test_the_public_names_are_sorted():
    assert arithmetic.__all__ == sorted(arithmetic.__all__)
