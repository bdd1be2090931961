"""The two tables of cases, against the small edition and against the bundled ones."""

import csv
import datetime as dt
from pathlib import Path

import pytest

from cptkit.sources import Basis
from cptkit.timerule import UnitPolicy, allocate, select

HERE = Path(__file__).parent
DAY = dt.date(2025, 3, 10)


def rows(name):
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read(text):
    """``90839;90840x2 or ...`` as sets of (code, units)."""
    return {
        frozenset(
            (code, int(units or 1)) for code, _, units in (each.partition("x") for each in answer.split(";"))
        )
        if answer
        else frozenset()
        for answer in text.split(" or ")
    }


def answered(found):
    answers = [
        frozenset((each.code, each.units) for each in answer)
        for answer in (found.services, *found.alternatives)
    ]
    assert len(set(answers)) == len(answers), "an answer is given twice"
    return set(answers)


@pytest.mark.parametrize("case", rows("cases.csv"), ids=lambda case: "-".join(list(case.values())[:4]))
def test_selection(case, edition_for):
    day = dt.date.fromisoformat(case["date_of_service"])
    found = select(
        case["target"],
        minutes=int(case["minutes"]),
        date_of_service=day,
        codeset=edition_for(day),
        basis=Basis(case["basis"]),
    )
    assert answered(found) == read(case["expected"]), case["about"]
    assert bool(found.reason) == (not case["expected"])


@pytest.mark.parametrize("policy", UnitPolicy, ids=str)
@pytest.mark.parametrize("case", rows("allocations.csv"), ids=lambda case: case["minutes"])
def test_allocation(case, policy, edition_for):
    minutes = {
        code: int(each) for code, _, each in (pair.partition("=") for pair in case["minutes"].split(";"))
    }
    found = allocate(minutes, policy=policy, date_of_service=DAY, codeset=edition_for(DAY))
    assert answered(found) == read(case[policy.value.replace("-", "_")])
    assert found.total_minutes == sum(minutes.values())
    turned = dict(reversed(minutes.items()))
    assert answered(
        allocate(turned, policy=policy, date_of_service=DAY, codeset=edition_for(DAY))
    ) == answered(found)


def test_the_cases_reach_every_group():
    about = {case["about"] for case in rows("cases.csv")}
    for word in (
        "psychotherapy",
        "crisis",
        "family",
        "prolonged",
        "no minutes",
        "health behaviour",
        "tests",
        "therapy",
    ):
        assert any(word in each for each in about), word
