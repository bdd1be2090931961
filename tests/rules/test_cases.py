"""What each rule finds, against its cases; and whether the fixes it offers cure what it found."""

import pytest

from cptkit.testing.rule_cases import problems


def test_case(case):
    """The report says what the case says; each finding says what it rests on; each fix cures."""
    assert problems(case) == ()


@pytest.mark.parametrize("years", [(year, year + 1) for year in range(2020, 2027)], ids=str)
def test_cases_stand_on_both_sides_of_each_new_year(cases, years):
    """Each rule has a flagged case on the first and last days of the editions, and none beyond them."""
    rules = {case.rule for case in cases}
    last, first = years
    for rule in rules:
        days = {case.day for case in cases if case.rule == rule and case.edition is None}
        assert {day for day in days if (day.month, day.day) == (12, 31) and day.year == last}, rule
        assert {day for day in days if (day.month, day.day) == (1, 1) and day.year == first}, rule
