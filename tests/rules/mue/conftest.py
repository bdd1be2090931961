"""Unit limits of invented rows."""

import pytest

PRACTITIONER = (
    "97032 4 1",
    "97033 0 1",
    "97035 2 2",
    "97036 0 2",
    "97110 3 3",
    "97112 0 3",
    "97116 2 -",
    "97124 0 -",
    "97129 2 7",
)
TABLES = {
    "mue practitioner 2026q1": PRACTITIONER,
    "mue hospital 2026q1": ("97110 5 3", "97032 1 2"),
    "mue dme 2026q1": ("A4206 10 3",),
    "mue practitioner 2013q1": PRACTITIONER,
    "mue practitioner 2013q2": PRACTITIONER,
}


@pytest.fixture(scope="session")
def checked(checker):
    return checker(TABLES, select="MUE")
