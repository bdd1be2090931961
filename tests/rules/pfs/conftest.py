"""A small fee schedule of invented codes. Each stands for one thing that the indicators can say."""

import datetime as dt
from collections.abc import Callable

import pytest

from cptkit import Basis, Report

NINES = "pctc=9 mult=9 bilat=9 asst=9 cosurg=9 team=9"
FEES = (
    "W9901",  # a visit
    "W9902 pctc=1 bilat=2",  # a test of two parts, both sides in it
    "W9902-26 pctc=1 bilat=2",
    "W9902-TC pctc=1 bilat=2",
    "W9903 pctc=2 bilat=3",  # the reading alone
    "W9904 pctc=3",  # the technical part alone
    "W9905 pctc=4",  # the whole test
    "W9906 pctc=5",  # incident to
    f"W9907 status=X {NINES}",  # a laboratory test; its reading is paid
    "W9907-26 pctc=6",
    "W9908 pctc=7",  # therapy
    "W9909 pctc=8",  # a smear
    f"W9910 {NINES}",  # paid, and nothing of the kind arises
    f"W9911 status=X {NINES}",  # outside the schedule
    "W9912 global_days=010 asst=1",
    "W9913 global_days=090 bilat=1 asst=2 cosurg=2 team=2",
    "W9914 global_days=000 bilat=1 cosurg=1 team=1",
    "W9915 global_days=MMM",
    "W9916 global_days=YYY",
    "W9917 global_days=ZZZ",
    f"W9921 status=B {NINES}",
    f"W9922 status=P {NINES}",
    f"W9923 status=I {NINES}",
    f"W9924 status=N {NINES}",
    "W9925 status=R",
    "W9926 status=T",
    "W9927 status=C",
    f"W9928 status=E {NINES}",
    f"W9929 status=J {NINES}",
    f"W9930 status=M {NINES}",
    # values of which no fact says what they mean
    "W9931 status=Q pctc=Q bilat=Q asst=Q cosurg=Q team=Q global_days=MMM",
    "W9932-26 pctc=6",  # no row without the modifier
    "W9933 pctc=1 bilat=2",  # as a whole both sides, its reading by side
    "W9933-26 pctc=1 bilat=3",
    "W9934 pctc=1",  # parts without rows of their own
    f"W9935 status=Q {NINES}",
)
TABLES = {
    "pfs 2024q3": FEES,
    # where the assistant of W9912 is paid
    "pfs 2024-08-09": [row.replace("asst=1", "asst=2") if row.startswith("W9912 ") else row for row in FEES],
    "pfs 2026q1": FEES,
}


@pytest.fixture(scope="session")
def checked(checker):
    return checker(TABLES, select="PFS", day=dt.date(2024, 7, 1))


@pytest.fixture(scope="session")
def judged(checked) -> Callable[..., Report]:
    """The report of one rule on lines, under Medicare unless told."""

    def report(rule: str, *services: str, basis: Basis = Basis.MEDICARE, **values) -> Report:
        return checked(*services, select=rule, basis=basis, **values)

    return report
