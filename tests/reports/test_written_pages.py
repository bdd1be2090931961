"""Numbers that people wrote into the documentation are what the code computes."""

import datetime as dt
import re
from pathlib import Path

import pytest

import cptkit
from cptkit import UnitPolicy, timerule

ROOT = Path(__file__).parents[2]
DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def policies_page():
    return (ROOT / "docs" / "explanation" / "units-policies.md").read_text(encoding="utf-8").splitlines()


def allocated(minutes, policy):
    return timerule.allocate(minutes, policy=policy, date_of_service=DAY, codeset=cptkit.codeset("2026.1"))


def test_the_worked_pairs(policies_page, cells):
    rows = cells(policies_page, "| minutes | Medicare total | CPT per code | whole units |")
    assert len(rows) > 10
    for asked, *answers in rows:
        minutes = {code: int(number) for code, number in re.findall(r"(\w{5}) = (\d+)", asked)}
        for policy, told in zip(UnitPolicy, answers, strict=True):
            found = allocated(minutes, policy)
            right = [{each.code: each.units for each in one} for one in (found.services, *found.alternatives)]
            assert right == read(told.replace(" (published)", ""), list(minutes)), (asked, policy)


def read(told, codes):
    words = {
        "none": [{}],
        "one of each": [dict.fromkeys(codes, 1)],
        "one unit of either": [{code: 1} for code in codes],
        "one unit of any of the three": [{code: 1} for code in codes],
    }
    if told in words:
        return words[told]
    return [
        {code: int(units) for code, units in re.findall(r"(\w{5}) x (\d+)", each)}
        for each in told.split(" *or* ")
    ]


def test_the_table_of_total_minutes(policies_page, cells):
    rows = cells(policies_page, "| units | total minutes |")
    assert len(rows) == 9
    for units, minutes in rows:
        first, last = map(int, minutes.split(" to "))
        for total in (first, last):
            assert allocated({"97110": total}, UnitPolicy.MEDICARE_TOTAL).total_units == int(units)


def test_the_readme_counts_the_families():
    families = timerule.families(cptkit.codeset("2026.1"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{len(families)} families in the edition of 2026" in readme


def test_the_picture_in_the_documentation_is_the_one_that_is_drawn():
    """Drawn with `cptkit time psychotherapy 47 --on 2026-03-02 --svg docs/pictures/session.svg`."""
    found = timerule.select(
        "psychotherapy", minutes=47, date_of_service=DAY, codeset=cptkit.codeset("2026.1")
    )
    drawn = (ROOT / "docs" / "pictures" / "session.svg").read_text(encoding="utf-8")
    assert drawn.strip() == found.to_svg().strip()
