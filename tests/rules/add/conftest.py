"""Add-on edits, pair edits and unit limits of invented rows.

W9911 and the like are add-ons that no edition knows, W9901 and the like their primaries.
"""

import pytest

LONG = [f"W98{number}" for number in range(10, 23)]
ADDONS = (
    # what no edition knows
    "W9911 W9901,W9902 1",
    "W9912 CCCCC 2",
    "W9913 W9901,CCCCC 3",
    "W9914 W9901 3",
    "W9915 W9901 1 first_day=2026-02-01 last_day=2026-02-28",
    "W9916 W9901 1 addon_last_day=2026-02-14",
    "W9917 W9901 1 primary_last_day=2026-02-14",
    "W9917 W9902 1",
    f"W9918 {','.join(LONG)} 1",
    "W9919 W9919,W9911 1",
    "W9920 W9914 1",
    f"W9921 {','.join(LONG[1:])} 1",
    "W9922 W9906 1",
    # notes
    "W9923 W9901 1 note=W9901 Practitioner Only",
    "W9923 W9902 1",
    "W9924 W9901 1 note=W9924 may be reported by FACILITIES only",
    "W9925 W9901 1 note=see elsewhere",
    "W9925 W9902 1 note=Based on another text",
    "W9926 W9901 1 note=practitioner only, not facility only",
    "W9927 W9924 1",
    # what the edition knows otherwise, or as well
    "90785 90791,90833,90834,90837 1",
    "90840 90839 1",
    "90833 CCCCC 2",
    "96131 96130 1",
    "90836 99213,99214 1",
    "96161 99213,CCCCC 3",
)
TABLES = {
    "ptp practitioner 2026q1": (
        "90837 90834 0",
        "90837 99214 1",
        "W9903 W9901 1",
        "W9903 W9911 1",
        "W9903 96130 0",
        "W9905 W9901 1",
    ),
    "mue practitioner 2026q1": (
        "90791 1 3",
        "90837 2 3",
        "W9902 1 2",
        "W9901 9 2",
        "90785 3 3",
        "W9904 1 1",
        "W9906 0 3",
    ),
    "aoc 2026q1": ADDONS,
    "pfs 2026q1": ("90837 global_days=XXX",),
}


@pytest.fixture(scope="session")
def checked(checker):
    return checker(TABLES, select="ADD")


@pytest.fixture(scope="session")
def alone(checker):
    """Catalogs of one of the tables each: ``alone["mue"]``."""
    return {heading[:3]: checker({heading: rows}).catalog for heading, rows in TABLES.items()}
