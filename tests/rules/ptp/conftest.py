"""Pair edits of invented rows.

The codes are known, so that sections and modifiers mean something; that they are edited against each other
is invented.
"""

import pytest

PRACTITIONER = (
    "97530 97140 1",
    "97530 97110 0",
    "97530 99213 1",
    "97530 G0283 1",
    "97530 99417 1",
    "99214 97140 1",
    "99214 99213 1",
    "90837 90834 0 Mutually exclusive procedures",
    "90837 90853 1 MUTUALLY EXCLUSIVE PROCEDURES",
    "90839 90837 1 Not mutually exclusive procedures",
    # open for a month of the quarter, with a row that was never active besides
    "97535 97140 1 2026-02-01..2026-02-28",
    "97535 97110 9 2026-02-01..2026-02-01",
    # the columns change places
    "99452 99358 1 2020-01-01..2026-02-14",
    "99358 99452 0 2026-02-15..",
    # eye exams, and what stands beside them
    *(f"97530 {code} 1" for code in ("92001", "92002", "92014", "92015")),
    # surgery, for sites
    "11042 97597 1",
    "17110 11102 1",
)
THEN = ("97530 97140 1 2010-01-01..",)
TABLES = {
    "ptp practitioner 2026q1": PRACTITIONER,
    "ptp hospital 2026q1": ("97530 97140 0", "97140 97110 1"),
    "pfs 2026q1": ("97530 global_days=XXX", "99214 global_days=XXX"),
    "ptp practitioner 2019q2": THEN,
    "ptp practitioner 2019q3": THEN,
    "ptp practitioner 2014q4": THEN,
    "ptp practitioner 2015q1": THEN,
}


@pytest.fixture(scope="session")
def checked(checker):
    return checker(TABLES, select="PTP")


@pytest.fixture(scope="session")
def beside(checker):
    """Visits beside procedures, with the procedures' global days."""
    pairs = ("27447 99213 1", "27130 99213 1", "20610 99213 1", "59400 99213 1", "27365 99213 1")
    rows = (
        "27447 global_days=090",
        "20610 global_days=000",
        "59400 global_days=MMM",
        "27130 global_days=YYY",
    )
    tables = {}
    for quarter in ("2016q2", "2016q3", "2026q1"):
        tables |= {f"ptp practitioner {quarter}": pairs, f"pfs {quarter}": rows}
    return checker(tables, select="PTP")
