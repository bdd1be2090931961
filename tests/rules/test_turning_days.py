"""The days around each change within a year: what the rows of the editions say of a code or modifier, its rule says.

Changes of a new year have cases of their own. The rows are read here as text, and by nothing else.
"""

import datetime as dt

import pytest

from cptkit import Catalog, Claim, Line, check

CATALOG = Catalog.bundled()
ONE = dt.timedelta(days=1)
TABLES = {"code-history": "COD102", "modifier-history": "MOD203"}


def changes():
    """Each code or modifier with a row that begins within a year: its rule, and all its rows of that edition."""
    for edition in CATALOG.editions:
        for table, rule in TABLES.items():
            rows: dict[str, list[dict[str, str]]] = {}
            for row in edition.rows(table):
                rows.setdefault(row["code"], []).append(row)
            for code, held in rows.items():
                for row in held:
                    day = dt.date.fromisoformat(row["from"])
                    if day.year == edition.year and (day.month, day.day) != (1, 1):
                        yield pytest.param(rule, code, day, held, id=f"{rule}-{code}-{day}")


def is_out_of_force(rows, day) -> bool:
    """Whether the rows say that it was not in force, and do not leave it open."""
    before = [row for row in rows if dt.date.fromisoformat(row["from"]) <= day]
    return before[-1]["status"] == "ended" if before else rows[0]["earlier"] == "no"


CHANGES = list(changes())


def test_there_are_changes_of_both_kinds() -> None:
    assert {change.values[0] for change in CHANGES} == set(TABLES.values())
    told = {is_out_of_force(rows, day - ONE) for _, _, day, rows in (each.values for each in CHANGES)}
    assert told == {True, False}


@pytest.mark.parametrize(("rule", "code", "first_day", "rows"), CHANGES)
def test_around_a_change(rule, code, first_day, rows) -> None:
    """On the two days before it, on its first day, and on the day after."""
    for day in (first_day - 2 * ONE, first_day - ONE, first_day, first_day + ONE):
        what = {"code": code} if rule == "COD102" else {"code": "99213", "modifiers": [code]}
        line = Line(what["code"], date_of_service=day, modifiers=what.get("modifiers", ()))
        found = check(Claim([line]), CATALOG, select=[rule]).findings
        assert [each.rule for each in found] == [rule] * is_out_of_force(rows, day), day
