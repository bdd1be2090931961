"""A row that was lost may hold minutes: what is found without it is found with every row that it may have been."""

import datetime as dt
import itertools

import pytest

import cptkit
from cptkit import Basis, Claim, Line, check_claims
from cptkit.rules.tim.wording import LOST

DAY = dt.date(2026, 3, 2)
SERVICES = [
    *((code, None, 1) for code in ("90785", "90834", "90839", "90840", "97110", "99213", "99417", "99490")),
    *(("90834", minutes, 1) for minutes in (20, 45, 80)),
    *(("90837", minutes, 1) for minutes in (20, 110)),
    *(("90833", minutes, 1) for minutes in (10, 30)),
    *(("90839", minutes, 1) for minutes in (20, 60, 80, 110)),
    *(("90840", minutes, units) for minutes, units in ((30, 1), (50, 2))),
    *(("97110", minutes, units) for minutes, units in ((7, 1), (33, 2), (40, 1))),
    *(("97140", minutes, units) for minutes, units in ((7, 1), (8, 1), (23, 3))),
    *(("99213", minutes, 1) for minutes in (10, 25, 45)),
    *(("99215", minutes, 1) for minutes in (45, 60)),
    *(("99417", minutes, 1) for minutes in (5, 30)),
    *(("96130", minutes, 1) for minutes in (20, 100)),
    *(("96131", minutes, 1) for minutes in (60, 10)),
    *(("99490", minutes, 1) for minutes in (10, 20, 60)),
    *(("99439", minutes, 1) for minutes in (20, 5)),
    ("00100", 45, 1),
]


def line(service: tuple[str, int | None, int], name: str) -> Line:
    code, minutes, units = service
    return Line(code, date_of_service=DAY, minutes=minutes, units=units, rendering_provider="1", id=name)


@pytest.mark.parametrize("basis", list(Basis))
def test_what_is_found_without_a_row_is_found_with_it(basis) -> None:
    """Of every two services, one of them lost."""
    catalog = cptkit.Catalog.from_editions("2026.1")
    alone = [Claim([line(each, "1")], id=f"{place}") for place, each in enumerate(SERVICES)]
    lost = check_claims(alone, catalog, basis=basis, select=["TIM"], incomplete=[each.id for each in alone])
    pairs = itertools.product(range(len(SERVICES)), repeat=2)
    whole = [
        Claim([line(SERVICES[one], "1"), line(SERVICES[other], "2")], id=f"{one}/{other}")
        for one, other in pairs
    ]
    found = check_claims(whole, catalog, basis=basis, select=["TIM"])
    told = {(each.claim, each.rule) for each in found.findings if "1" in each.lines}
    wrong = [
        (each.rule, SERVICES[int(each.claim)], SERVICES[other])
        for each in lost.findings
        for other in range(len(SERVICES))
        if (f"{each.claim}/{other}", each.rule) not in told
    ]
    assert wrong == []
    unchecked = {each.rule for each in lost.not_checked if each.reason == LOST}
    assert unchecked == {"TIM401", "TIM402", "TIM403", "TIM406", "TIM409"}
    assert {each.rule for each in lost.findings} >= {"TIM401", "TIM402"}
