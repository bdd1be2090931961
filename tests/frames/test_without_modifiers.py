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


def test_lines_over_a_limit_together_may_stand_each_for_itself(catalog_of):
    """Where a modifier says why; a line that is over it alone is over it."""
    lines = {
        "patient": ["P1"] * 2 + ["P2"],
        "dos": ["2026-03-02"] * 3,
        "cpt": ["96127"] * 3,
        "units": [2, 2, 3],
    }
    by_line = catalog_of({"mue practitioner 2026q1": ["96127 2 1"]})
    assert said(lines | {"modifiers": ["", "59", ""]}, by_line, select=["MUE"]) == (
        [(2, "MUE801", "fail")],
        {},
    )
    assert said(lines | {"modifiers": ["", "", ""]}, by_line, select=["MUE"])[0] == [
        (0, "MUE801", "fail"),
        (2, "MUE801", "fail"),
    ]
    assert said(lines, by_line, select=["MUE"]) == ([(2, "MUE801", "fail")], {("MUE801", RESTS): 1})


def test_therapy_totals_may_be_of_several_disciplines(catalog):
    lines = {
        "patient": ["P"] * 2,
        "dos": ["2026-03-02"] * 2,
        "cpt": ["97110", "97140"],
        "minutes": [8, 8],
    }
    assert said(lines | {"modifiers": ["GP", "GO"]}, catalog, select=["TIM403"]) == ([], {})
    assert said(lines | {"modifiers": ["GP", "GP"]}, catalog, select=["TIM403"])[0] == [(0, "TIM403", "fail")]
    assert said(lines, catalog, select=["TIM403"]) == ([], {("TIM403", RESTS): 1})


def test_a_modifier_in_a_cell_of_codes_is_judged(catalog):
    lines = {"patient": ["P"], "dos": ["2026-03-02"], "cpt": ["90834-ZZ"]}
    assert said(lines, catalog, select=["MOD"])[0] == [(0, "MOD202", "fail")]


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_that_modifiers_would_lift(paths, catalog_of, seed, basis) -> None:
    """What is told without a column of modifiers is told with one, whatever it holds."""
    tables = paths.drawing.tables(57 + seed)
    drawn = catalog_of(tables)
    pairs = [row for heading, rows in tables.items() if heading.startswith("ptp") for row in rows]
    table = paths.table(paths.drawing.rows(seed, 500, pairs=pairs, providers=("A", "A", "B")))
    bare, full = (
        {
            (row["line"], row["rule"], row["outcome"])
            for row in check(each, drawn, basis=basis).table.to_pylist()
        }
        for each in (table.drop_columns(["modifiers"]), table)
    )
    # of a pair that nothing bypasses the modifier is what is wrong
    full |= {
        (line, rule, "fail") for line, told, _ in full if told == "PTP703" for rule in ("PTP701", "PTP702")
    }
    assert bare - full == set()
    assert len({rule for _, rule, _ in bare}) > 5
