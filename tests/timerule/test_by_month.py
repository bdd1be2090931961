"""Whether the time of a code is counted by the month: read from the rows, as their rules say it."""

import datetime as dt

import pytest

import cptkit
from cptkit import timerule
from cptkit.codesets import bundled_editions
from cptkit.errors import InvalidDate
from cptkit.sources import Basis
from cptkit.timerule import Scope, counted_by_month, timed_family

pytestmark = pytest.mark.usefixtures("afresh")

DAY = dt.date(2026, 3, 2)
ONE_DAY = dt.timedelta(days=1)
CITED = {"sources": ["SOURCE"], "confidence": "verified", "checked": "2026-11-21"}


def by_rules(code, among, day, codeset):
    """Whether a rule of one of the codes, under either basis, is of the month and holds the code."""
    rules = (timed_family(each, day, codeset, basis) for each in among for basis in Basis)
    return any(rule is not None and rule.scope is Scope.MONTH and code in rule.codes for rule in rules)


def edges(codeset):
    """The first days of time rules and of lists of primaries, and the edition's ends, each with the day before."""
    turns = {row["from"] for each in codeset.timerules["families"] for row in each["rules"]}
    turns |= {row["from"] for row in codeset.rows("addons")}
    days = {*map(dt.date.fromisoformat, turns), codeset.first_day, codeset.last_day + ONE_DAY}
    return sorted({*days, *(day - ONE_DAY for day in days)})


@pytest.mark.parametrize("edition", bundled_editions())
def test_the_same_as_compiled_rules_say(edition):
    """For every add-on and its primaries, on the days on which a row begins or has ended."""
    codeset, found = cptkit.codeset(edition), set()
    codes = sorted({row["code"] for row in codeset.rows("addons")})
    for day in edges(codeset):
        for code in codes:
            addon = codeset.addon(code, date_of_service=min(max(day, codeset.first_day), codeset.last_day))
            if addon is not None:
                among = (code, *sorted(addon.primaries))
                said = counted_by_month(code, among, date_of_service=day, codeset=codeset)
                assert said == by_rules(code, among, day, codeset), (code, day)
                found.add((code, said))
    assert {"99439", "99458"} <= {code for code, said in found if said}
    assert {"90785", "99417"} <= {code for code, said in found if not said}
    assert any((code, False) in found for code, said in found if said)  # from a day on


# ---- rows of a small edition -----------------------------------------------------------------------


def row(first, basis, base, addon=None, **values):
    """A base, with an add-on where one is told."""
    chain = [{"after": base, "code": addon, "from_minutes": 40, "step": 20, **CITED}] if addon else []
    told = {"kind": "threshold", "code": base, "from_minutes": 20, "chain": chain, **CITED}
    return {"from": first, "basis": basis, **told, **values}


def family(name, codes, *rows, scope="month"):
    described = {"id": name, "title": name, "whose_time": "the clinician's", "optional": False}
    return {**described, "codes": codes.split(), "scope": scope, "rules": list(rows)}


BOTH, CPT, MEDICARE = ["cpt", "medicare"], ["cpt"], ["medicare"]
FAMILIES = [
    family("one", "X0001", row("2020-01-01", CPT, "X0001", "X0009"), row("2024-01-01", CPT, "X0001")),
    family("two", "X0002", row("2020-01-01", BOTH, "X0002"), row("2025-01-01", MEDICARE, "X0002", "X0009")),
    family("by-day", "X0003", row("2020-01-01", BOTH, "X0003", "X0009"), scope="day"),
    family(
        "ended",
        "X0004",
        row("2020-01-01", BOTH, "X0004", "X0008"),
        row("2022-01-01", BOTH, "X0004", "X0008", status="ended"),
    ),
    family(
        "moved",
        "X0010 X0011",
        row("2020-01-01", BOTH, "X0010", "X0012"),
        row("2022-01-01", BOTH, "X0011", "X0012"),
    ),
    family("first-home", "X0005", row("2020-01-01", BOTH, "X0005", "X0007")),
    family("second-home", "X0005", row("2020-01-01", BOTH, "X0005", "X0007")),
]


@pytest.fixture
def small(edition_of):
    return edition_of(*FAMILIES, policies=[])


@pytest.mark.parametrize(
    ("code", "among", "day", "expected"),
    [
        # its primary's row names it, under one basis or the other, from its first to its last day
        ("X0009", "X0001", "2019-12-31", False),
        ("X0009", "X0001", "2020-01-01", True),
        ("X0009", "X0001", "2023-12-31", True),
        ("X0009", "X0001", "2024-01-01", False),
        ("X0009", "X0002", "2024-12-31", False),
        ("X0009", "X0002", "2025-01-01", True),
        ("X0009", "X0002", "2026-12-31", True),
        ("X0009", "X0002", "2027-01-01", False),
        ("X0009", "X0001 X0002", "2024-06-30", False),
        ("X0009", "X0001 X0002", "2025-06-30", True),
        ("X0009", "X0002 X0001", "2023-06-30", True),
        # on top of several families it has no rule of its own
        ("X0009", "X0009", "2021-01-01", False),
        ("X0009", "X0003", "2021-01-01", False),
        ("X0009", "", "2021-01-01", False),
        # a row that says that it has ended names nothing
        ("X0008", "X0004", "2021-12-31", True),
        ("X0008", "X0008", "2021-12-31", True),
        ("X0008", "X0004", "2022-01-01", False),
        # nor a row that names other codes of its family
        ("X0012", "X0010", "2021-12-31", True),
        ("X0012", "X0010", "2022-01-01", False),
        ("X0012", "X0011", "2022-01-01", True),
        # a code of its own family; of the name of a family, of two families, of no month
        ("X0001", "X0001", "2026-03-02", True),
        (" x0001 ", "x0001", "2026-03-02", False),
        ("X0001", "one two nobody X0006", "2026-03-02", False),
        ("X0001", "X0002", "2026-03-02", False),
        ("X0007", "X0005", "2026-03-02", False),
        ("X0007", "X0007", "2026-03-02", False),
        ("X0003", "X0003", "2026-03-02", False),
        ("X0006", "X0001", "2026-03-02", False),
        ("one", "X0001", "2026-03-02", False),
    ],
)
def test_of_which_rows_name_a_code(small, code, among, day, expected):
    day, among = dt.date.fromisoformat(day), among.split()
    assert counted_by_month(code, iter(among), date_of_service=day, codeset=small) is expected
    codes = [each for each in among if each not in timerule.families(small)]
    assert by_rules(code, codes, day, small) is expected


def test_what_is_no_code_and_no_day(small):
    with pytest.raises(TypeError, match="a code or a family is text, not int: 7"):
        counted_by_month(7, [], date_of_service=DAY, codeset=small)
    with pytest.raises(TypeError, match="a code or a family is text, not int: 7"):
        counted_by_month("X0001", [7], date_of_service=DAY, codeset=small)
    with pytest.raises(InvalidDate, match="the date of service is not a date"):
        counted_by_month("X0001", [], date_of_service="2026-03-02", codeset=small)
