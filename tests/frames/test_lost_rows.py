"""A check of a table of which rows are rejected: what they could change in their patients' days is not checked."""

import datetime as dt

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

import cptkit  # noqa: E402 - behind the skip
from cptkit import Basis, Claim  # noqa: E402 - behind the skip
from cptkit.frames.running import check  # noqa: E402 - behind the skip

DAY = dt.date(2026, 3, 2)


def incomplete(rows, catalog):
    """What is said of the rows as a claim, when more of it is not seen."""
    from cptkit.rules.choosing import chosen
    from cptkit.rules.engine import JudgedBy, judge_claim

    found: list = []
    claim = Claim([row.as_line(str(place)) for place, row in enumerate(rows, 1)])
    run = chosen(("ALL",), (), catalog, None, Basis.CPT)
    judge_claim(claim, JudgedBy(catalog, Basis.CPT, run, None), found, incomplete=True)
    return found


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_a_lost_row_makes_its_day_incomplete(paths, catalog_of, batch_rows, grouped) -> None:
    """An add-on without its primary, which may be the row that was rejected; of that patient and day alone."""
    catalog = catalog_of({"mue practitioner 2026q1": ["90785 1 3"]})
    later = DAY + dt.timedelta(1)
    rows = [
        paths.row(0, "P-1", DAY, "90785"),
        paths.row(1, "P-1", later, "90785"),
        paths.row(2, "P-1", DAY, "90834", units=1),
        paths.row(3, "P-2", DAY, "90785"),
        paths.row(4, "P-3", DAY, "90834"),
    ]
    table = paths.table(rows)
    units = pa.array(["1", "1", "one", "1", "1"])
    table = table.set_column(table.column_names.index("units"), "units", units)
    told = check(table, catalog, select=["ADD301", "MUE803"], grouped=grouped, batch_rows=batch_rows)
    assert (told.rows, told.cells, told.lines, told.rejects.num_rows) == (5, 5, 4, 1)
    assert told.rejects["row"].to_pylist() == [2]
    assert told.table.select(["line", "rule"]).to_pylist() == [
        {"line": 1, "rule": "ADD301"},
        {"line": 3, "rule": "ADD301"},
    ]
    alone = [each for each in incomplete(rows[:1], catalog) if each.rule in {"ADD301", "MUE803"}]
    assert {(row["rule"], row["reason"]): row["lines"] for row in told.not_checked.to_pylist()} == {
        (each.rule, each.reason): 1 for each in alone
    }
    assert {each.rule for each in alone} == {"ADD301", "MUE803"}


def test_lost_rows_among_many(paths, rows, catalog) -> None:
    """The rest of a day is judged as a claim of which lines are missing; all other days as before."""
    lost = {row.line for row in rows if row.line % 9 == 0}
    days = {(row.patient, row.day) for row in rows if row.line in lost}
    table = paths.table(rows)
    units = [None if row.line not in lost else "x" for row in rows]
    bad = table.set_column(
        table.column_names.index("units"),
        "units",
        pa.array([str(row.units) if told is None else told for row, told in zip(rows, units, strict=True)]),
    )
    told = check(bad, catalog, batch_rows=40)
    assert told.rejects.num_rows == len(lost)
    whole = [row for row in rows if (row.patient, row.day) not in days]
    rest: dict = {}
    for row in rows:
        if (row.patient, row.day) in days and row.line not in lost:
            rest.setdefault((row.patient, row.day), []).append(row)
    expected = paths.by_claims(whole, catalog)
    said = paths.said(told)
    of_rest = {row.line for held in rest.values() for row in held}
    assert {key: count for key, count in said.findings.items() if key[0] not in of_rest} == expected.findings
    found = [
        (sorted(row.line for row in held)[min(map(int, each.lines)) - 1], each.rule)
        for held in rest.values()
        for each in incomplete(sorted(held, key=lambda row: row.line), catalog)
        if isinstance(each, cptkit.Finding)
    ]
    assert sorted(found) == sorted(
        (key[0], key[1]) for key, count in said.findings.items() if key[0] in of_rest for _ in range(count)
    )
    assert found


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
@pytest.mark.parametrize("lost", ["2026-02-30", "", None, "soon"])
def test_a_lost_row_whose_day_is_not_known(paths, catalog_of, lost, batch_rows, grouped) -> None:
    """It may have been the primary on any of the patient's days, before it and after; of no other patient's."""
    catalog = catalog_of({"mue practitioner 2026q1": ["90785 1 3"]})
    later = DAY + dt.timedelta(1)
    rows = [
        paths.row(0, "P-1", DAY, "90785"),
        paths.row(1, "P-1", DAY, "90834"),
        paths.row(2, "P-1", later, "90785"),
        paths.row(3, "P-2", DAY, "90785"),
    ]
    table = paths.table(rows)
    days = pa.array([f"{DAY}", lost, f"{later}", f"{DAY}"])
    told = check(
        table.set_column(table.column_names.index("date_of_service"), "date_of_service", days),
        catalog,
        select=["ADD301", "MUE803"],
        grouped=grouped,
        batch_rows=batch_rows,
    )
    assert told.table.select(["line", "rule"]).to_pylist() == [{"line": 3, "rule": "ADD301"}]
    assert told.rejects["row"].to_pylist() == [1]
    alone = [each for each in incomplete(rows[:1], catalog) if each.rule in {"ADD301", "MUE803"}]
    assert {(row["rule"], row["reason"]): row["lines"] for row in told.not_checked.to_pylist()} == {
        (each.rule, each.reason): 2 for each in alone
    }


def test_a_lost_row_of_nobody_is_of_no_day(paths, catalog) -> None:
    """One such row would leave a whole table unchecked."""
    rows = [paths.row(0, "P-1", DAY, "90785"), paths.row(1, "P-1", DAY, "90834")]
    table = paths.table(rows)
    nobody = table.set_column(table.column_names.index("patient_id"), "patient_id", pa.array(["P-1", None]))
    told = check(nobody.drop_columns(["claim_id"]), catalog, select=["ADD301"])
    assert told.table.select(["line", "rule"]).to_pylist() == [{"line": 0, "rule": "ADD301"}]
    assert told.rejects.num_rows == 1


@pytest.mark.parametrize(
    ("kind", "found"),
    [("institutional", ["ADD301"]), ("Dental", ["ADD301"]), ("vision", ["ADD301"]), ("undetermined", [])],
)
@pytest.mark.parametrize("grouped", [False, True])
def test_a_row_of_a_setting_that_is_known_to_be_another_is_no_lost_one(catalog, kind, found, grouped) -> None:
    """A dental line is nothing that a professional day lacks; one of which nobody knows whose it is may be."""
    lines = {
        "person_id": ["P"] * 2,
        "claim_id": ["C"] * 2,
        "claim_line_number": [1, 2],
        "claim_line_start_date": [DAY] * 2,
        "hcpcs_code": ["90785", "90834"],
        "claim_type": ["professional", kind],
    }
    told = check(pa.table(lines), catalog, select=["ADD301"], grouped=grouped)
    assert told.table["rule"].to_pylist() == found
    assert (told.lines, told.rejects.num_rows) == (1, 1)
    assert bool(told.not_checked.num_rows) is not bool(found)
