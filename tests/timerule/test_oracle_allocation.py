"""Units of several 15-minute codes, worked out by trying every distribution, against ``allocate``.

Medicare's total: the published table says how many units the minutes of all codes make together. Each code
has its whole quarter hours; each of the rest goes to one code, those with the most minutes left over
first. Of the distributions that do this, all are right that reach equally many left-over minutes. Each code
alone: the same table on the minutes of that code. Nothing here knows how the package computes.
"""

import datetime as dt
import functools
import itertools

import pytest

import cptkit
from cptkit.timerule import UnitPolicy, allocate

pytestmark = pytest.mark.exhaustive

DAY = dt.date(2025, 6, 16)
MOST = 40
CODES = ("97110", "97112", "97140")
QUARTER = 15

# The published table: minutes from, minutes to, units. Its last rows continue the printed eight.
TABLE = (
    (0, 7, 0),
    (8, 22, 1),
    (23, 37, 2),
    (38, 52, 3),
    (53, 67, 4),
    (68, 82, 5),
    (83, 97, 6),
    (98, 112, 7),
    (113, 127, 8),
    (128, 142, 9),
    (143, 157, 10),
)


def by_table(minutes):
    (units,) = [units for first, last, units in TABLE if first <= minutes <= last]
    return units


def whole_quarters(minutes):
    count = 0
    while minutes >= QUARTER:
        minutes -= QUARTER
        count += 1
    return count


def left_over(minutes):
    return minutes - QUARTER * whole_quarters(minutes)


@functools.cache
def distributions(total, codes):
    """Every way of giving so many units to so many codes."""
    return [each for each in itertools.product(range(total + 1), repeat=codes) if sum(each) == total]


def medicare_total(minutes):
    """Every distribution that is equally right, as tuples of units in the order of the minutes."""
    whole = [whole_quarters(each) for each in minutes]
    rest = [left_over(each) for each in minutes]
    places = range(len(minutes))
    reached = {}
    for units in distributions(by_table(sum(minutes)), len(minutes)):
        further = [units[place] - whole[place] for place in places]
        if all(each in {0, 1} for each in further):
            reached[units] = sum(rest[place] for place in places if further[place])
    most = max(reached.values())
    return {units for units in reached if reached[units] == most}


def cpt_per_code(minutes):
    return {tuple(by_table(each) for each in minutes)}


ORACLES = {UnitPolicy.MEDICARE_TOTAL: medicare_total, UnitPolicy.CPT_PER_CODE: cpt_per_code}


@pytest.fixture(scope="module")
def edition():
    return cptkit.codeset("2025.1")


def expected(policy, minutes):
    codes = tuple(minutes)
    return {
        frozenset((code, units) for code, units in zip(codes, each, strict=True) if units)
        for each in ORACLES[policy](tuple(minutes.values()))
    }


def answered(found):
    answers = [
        frozenset((each.code, each.units) for each in answer)
        for answer in (found.services, *found.alternatives)
    ]
    assert len(set(answers)) == len(answers), "an answer is given twice"
    return set(answers)


def allocated(policy, minutes, codeset):
    return answered(allocate(minutes, policy=policy, date_of_service=DAY, codeset=codeset))


def differing(policy, codes, codeset):
    """The allocations of 0 to 40 minutes each in which package and oracle differ."""
    wrong = []
    for each in itertools.product(range(MOST + 1), repeat=len(codes)):
        minutes = dict(zip(codes, each, strict=True))
        if allocated(policy, minutes, codeset) != expected(policy, minutes):
            wrong.append(minutes)
    return wrong


@pytest.mark.parametrize("policy", ORACLES, ids=str)
@pytest.mark.parametrize("codes", list(itertools.combinations(CODES, 2)), ids="-".join)
def test_every_allocation_of_two_codes(policy, codes, edition):
    assert differing(policy, codes, edition) == []


@pytest.mark.parametrize("policy", ORACLES, ids=str)
def test_every_allocation_of_three_codes(policy, edition):
    assert differing(policy, CODES, edition) == []


@pytest.mark.parametrize("policy", ORACLES, ids=str)
@pytest.mark.parametrize("code", ["97110", "97140", "97530"])
def test_one_code_alone_follows_the_table_under_both(policy, code, edition):
    for minutes in range(158):
        units = by_table(minutes)
        right = {frozenset({(code, units)} if units else ())}
        assert allocated(policy, {code: minutes}, edition) == right, minutes


@pytest.mark.parametrize("code", ["H2015", "H0004", "T1017"])
def test_a_payer_of_whole_units_drops_every_part_of_a_quarter(code, edition):
    policy = UnitPolicy("payer-whole-units")
    for minutes in range(241):
        units = whole_quarters(minutes)
        right = {frozenset({(code, units)} if units else ())}
        assert allocated(policy, {code: minutes}, edition) == right, minutes


# What was published or follows from the published steps: minutes, Medicare's total, each code alone.
WORKED = (
    ("97112=24;97110=23", "97112x2;97110", "97112x2;97110x2"),
    ("97112=20;97110=20", "97112x2;97110 or 97112;97110x2", "97112;97110"),
    ("97110=33;97140=7", "97110x2;97140", "97110x2"),
    ("97110=18;97140=13;97116=10;97035=8", "97110;97140;97116", "97110;97140;97116;97035"),
    ("97112=7;97110=7;97140=7", "97112 or 97110 or 97140", ""),
    ("97110=24;97140=8", "97110x2", "97110x2;97140"),
    ("97110=22;97140=7", "97110;97140 or 97110x2", "97110"),
    ("97110=7;97140=6", "97110", ""),
    ("97110=5;97140=3", "97110", ""),
    ("97110=4;97140=3", "", ""),
    ("97530=38;97112=14", "97530x2;97112", "97530x3;97112"),
    ("97161=30;97110=20", "97161;97110", "97161;97110"),
    ("97163=45;97110=7", "97163", "97163"),
    ("97150=40;97110=7", "97150", "97150"),
    ("97150=40;97110=8", "97150;97110", "97150;97110"),
    ("97010=15;97014=15;97110=15;97140=8", "97010;97014;97110;97140", "97010;97014;97110;97140"),
    ("97161=35;97112=7;97110=7", "97161;97112 or 97161;97110", "97161"),
)


def services(text):
    """``97112x2;97110 or ...`` as sets of (code, units)."""
    return {
        frozenset(
            (code, int(units or 1)) for code, _, units in (one.partition("x") for one in each.split(";"))
        )
        if each
        else frozenset()
        for each in text.split(" or ")
    }


@pytest.mark.parametrize(("given", "total", "alone"), WORKED, ids=[each[0] for each in WORKED])
def test_worked_allocations_with_minutes_that_do_not_count(given, total, alone, edition):
    minutes = {code: int(number) for code, _, number in (pair.partition("=") for pair in given.split(";"))}
    assert allocated(UnitPolicy.MEDICARE_TOTAL, minutes, edition) == services(total)
    assert allocated(UnitPolicy.CPT_PER_CODE, minutes, edition) == services(alone)


@pytest.mark.parametrize(
    "minutes", [(7, 7, 7), (24, 8), (33, 7), (20, 20), (14, 14, 14), (0, 0), (40, 40, 40)]
)
def test_the_oracle_gives_the_units_of_the_table_and_all_whole_quarters(minutes):
    for units in medicare_total(minutes):
        assert sum(units) == by_table(sum(minutes))
        assert all(mine >= whole_quarters(each) for mine, each in zip(units, minutes, strict=True))
