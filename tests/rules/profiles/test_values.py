"""Whatever value a profile may give a fact, no rule stumbles over it."""

import datetime as dt

import pytest

import cptkit
from cptkit import Basis, Catalog, Claim, Line, Profile, check_claims
from cptkit.codesets import Convention
from cptkit.errors import BrokenProfile
from cptkit.rules.profiles.shape import is_read, require_value
from cptkit.sources import Citation, Confidence
from cptkit.testing.edit_tables import write_edit_tables

DAY = dt.date(2024, 8, 5)
CITED = Citation("profiles/mine", ("MINE",), Confidence.VERIFIED, DAY)
NEWEST = cptkit.codeset("2026.1")
VALUES: dict[str, set[str]] = {}
OF_NO_RULE = {name for name in NEWEST.conventions if name.startswith("claim-order-modifiers/")}
for row in NEWEST.rows("conventions"):
    if row["name"] not in OF_NO_RULE:
        VALUES.setdefault(row["name"], set()).add(row["value"])
HEADINGS: dict[str, set[str]] = {}
for name, values in VALUES.items():
    HEADINGS.setdefault(name.partition("/")[0], set()).update(
        word for value in values for word in value.split()
    )


def accepted(name, value):
    try:
        require_value(name, value)
    except BrokenProfile:
        return False
    return True


def candidates(name):
    words = [
        *sorted(HEADINGS[name.partition("/")[0]]),
        "0",
        "1",
        "7",
        "999",
        "90834",
        "GT",
        "50 51",
        "0 999",
        "1 0",
    ]
    return [word for word in words if accepted(name, word)]


CHOICES = {name: candidates(name) for name in VALUES}
MOST = min(12, max(map(len, CHOICES.values())))


def test_what_is_on_record_may_stand_again():
    assert [(name, value) for name in VALUES for value in VALUES[name] if not accepted(name, value)] == []
    assert all(CHOICES.values())


def test_what_is_near_is_of_the_newest_edition():
    with pytest.raises(BrokenProfile) as raised:
        require_value("unlisted-codes", "9897O")
    older = cptkit.codeset("2025.1")
    assert [(code, code in older) for code in raised.value.near[:2]] == [("98979", False), ("98978", True)]


@pytest.mark.parametrize("name", sorted(OF_NO_RULE))
def test_what_no_rule_reads_is_refused(name):
    """An edition's alone, as no rule judges by it: a profile that changed it would change nothing."""
    with pytest.raises(BrokenProfile, match="no rule reads such a fact"):
        is_read(name)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    rows = {
        "ptp practitioner 2024q3": ["97530 97140 1", "90837 90834 0", "99213 90837 9 2024-07-01..2024-07-01"],
        "mue practitioner 2024q3": ["90853 1 1", "90847 3 2", "97110 1 3"],
        "aoc 2024q3": ["90785 90834 1"],
        "pfs 2024q3": [
            "90834 status=A bilat=0 asst=1 cosurg=1 team=1 global_days=000 pctc=0 mult=0",
            "97110 status=R bilat=2 asst=0 cosurg=2 team=0 global_days=090 pctc=7 mult=5",
            "90837 status=T bilat=1 asst=2 cosurg=0 team=2 global_days=010 pctc=1 mult=2",
        ],
    }
    write_edit_tables(folder, rows)
    return Catalog.bundled(tables=folder)


def lines(day=DAY):
    given = [
        ("90834", "50 80", 47),
        ("90837", "26 TC 62", 50),
        ("90837", "LT RT 24 25 79", None),
        ("90791", "95", 60),
        ("90785", "51", None),
        ("97110", "GP 59 66", 24),
        ("97530", "CO", 15),
        ("97140", "XE", 8),
        ("90847", "FQ 93", 50),
        ("99203", "57 AI", None),
        ("99214", "25", None),
        ("99417", "", 15),
        ("00104", "AA", 30),
        ("98941", "", None),
        ("1036F", "", None),
        ("01999", "", None),
    ]
    places = ["11", "02", "10", "99", "32", "12"]
    return [
        Line(
            code,
            modifiers=mods,
            minutes=minutes,
            units=1 + place % 3,
            date_of_service=day,
            place_of_service=places[place % 6],
            rendering_provider="A",
        )
        for place, (code, mods, minutes) in enumerate(given)
    ]


@pytest.mark.parametrize("place", range(MOST))
@pytest.mark.parametrize("basis", Basis)
def test_no_rule_stumbles_over_a_value(place, basis, catalog):
    """All facts at once: each with the accepted value of that place, as often as there is one."""
    conventions = tuple(
        Convention(name, values[place % len(values)], "own words", dt.date(1990, 1, 1), CITED)
        for name, values in CHOICES.items()
    )
    mine = Profile("mine", "Mine", basis, select=("ALL", "PREVIEW"), conventions=conventions)
    claims = [
        Claim(lines(), id="C-1", patient="P"),
        Claim(lines(DAY - dt.timedelta(5)), id="C-2", patient="P"),
    ]
    alone = check_claims(claims, catalog, profile=mine)
    assert alone.lines == 32
    with_history = check_claims(claims, catalog, profile=mine, history=claims)
    assert len(with_history.rules) >= len(alone.rules)
