"""A table without modifiers: whether one would bypass an edit cannot be judged, and is counted."""

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra frames is not installed")

from cptkit import Basis, Catalog  # noqa: E402  behind what skips
from cptkit.edits import attach  # noqa: E402  behind what skips
from cptkit.frames import check  # noqa: E402  behind what skips
from cptkit.testing.edit_tables import write_edit_tables  # noqa: E402  behind what skips

TABLES = {
    "ptp practitioner 2026q1": ["99213 96127 1", "90834 90785 0"],
    "mue practitioner 2026q1": ["96127 2 2", "99213 1 3"],
}
LINES = {
    "patient": ["P1", "P1", "P2", "P2"],
    "dos": ["2026-03-02"] * 4,
    "cpt": ["99213", "96127", "90834", "90785"],
    "units": [1, 3, 1, 1],
}
NO_MODIFIERS = "the input has no modifiers, and one may bypass the edit"
RESTS = "the input has no modifiers, and what is said rests on these"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    write_edit_tables(folder, TABLES)
    with attach(folder) as tables:
        yield Catalog.from_editions("2026.1", tables=tables)


def said(columns, catalog, select=("PTP", "MUE")):
    told = check(pa.table(columns), catalog, select=select, basis=Basis.MEDICARE)
    found = [(each["row"], each["rule"], each["outcome"]) for each in told.table.to_pylist()]
    return found, {(each["rule"], each["reason"]): each["lines"] for each in told.not_checked.to_pylist()}


def test_an_edit_that_a_modifier_may_bypass_is_not_checked(catalog):
    found, unchecked = said(LINES, catalog)
    assert found == [(1, "MUE802", "fail"), (2, "PTP701", "fail")]
    assert unchecked == {("PTP701", NO_MODIFIERS): 1}


def test_an_empty_column_of_modifiers_says_that_there_are_none(catalog):
    found, unchecked = said(LINES | {"modifiers": [None] * 4}, catalog)
    assert found == [(0, "PTP701", "fail"), (1, "MUE802", "fail"), (2, "PTP701", "fail")]
    assert unchecked == {}


def test_the_same_where_the_clinician_is_not_clear(catalog):
    """Such days are judged as claims."""
    columns = {name: [*values, *values[:1]] for name, values in LINES.items()}
    columns["rendering"] = ["A", "A", "B", "B", ""]
    columns["cpt"][-1] = "90791"
    found, unchecked = said(columns, catalog)
    assert found == [(1, "MUE802", "fail"), (2, "PTP701", "fail")]
    assert unchecked[("PTP701", RESTS)] == 1


def test_rules_that_rest_on_modifiers_are_counted(catalog):
    lines = {"patient": ["P1"] * 2, "dos": ["2026-03-02"] * 2, "cpt": ["90834"] * 2, "minutes": [45, 45]}
    found, unchecked = said(lines, catalog, select=("DUP601",))
    assert (found, unchecked) == ([], {("DUP601", RESTS): 1})
    found, unchecked = said(lines | {"mod1": ["", ""]}, catalog, select=("DUP601",))
    assert (found, unchecked) == ([(0, "DUP601", "fail")], {})
