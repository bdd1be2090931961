"""Objects for what somebody looks at: the report of one claim of a table."""

import decimal

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra frames is not installed")

from cptkit import Basis, Catalog  # noqa: E402  behind what skips
from cptkit.errors import InvalidReport  # noqa: E402  behind what skips
from cptkit.frames import check  # noqa: E402  behind what skips

LINES = {
    "claim": ["C1", "C1", "C2", "C2", "C3"],
    "patient": ["P1", "P1", "P1", "P1", "P2"],
    "line_id": ["1", "2", "1", "1", None],
    "dos": ["2026-03-02", "2026-03-03", "2026-03-02", "2026-03-09", "2026-03-02"],
    "cpt": ["90837", "90834", "90785", "90785", "90837"],
    "minutes": [50, 45, None, None, 30],
    "charge": ["10.50", "", "", "", ""],
}


@pytest.fixture(scope="module")
def catalog():
    return Catalog.from_editions("2026.1")


@pytest.fixture(scope="module")
def catalog_of_years():
    return Catalog.bundled()


def test_the_claim_with_what_else_stands_on_its_days(catalog):
    report = check(pa.table(LINES), catalog).to_report("C1")
    assert [(finding.rule, finding.lines) for finding in report.findings] == [("TIM402", ("1",))]
    assert "50 minutes are 90834" in report.findings[0].message
    assert report.lines == 3  # 90785 of the same day on C2 too, not that of 9 March


def test_lines_of_other_claims_have_the_id_of_theirs(catalog):
    report = check(pa.table(LINES), catalog, select=["ADD301"]).to_report("C2")
    assert [finding.lines for finding in report.findings] == [("1 (row 3)",)]  # its other line 1
    assert report.lines == 3
    alone = check(pa.table(LINES), catalog, select=["TIM402"]).to_report("C2")
    assert [finding.lines for finding in alone.findings] == [("C1:1",)]


def test_a_line_without_an_id_is_named_by_its_row(catalog):
    report = check(pa.table(LINES), catalog).to_report("C3")
    assert [finding.lines for finding in report.findings] == [("4",)]


def test_ids_that_come_twice_are_told_apart(catalog):
    twice = {name: values[:2] for name, values in LINES.items()} | {"line_id": ["1", "1"]}
    assert check(pa.table(twice), catalog).to_report("C1").lines == 2


def test_a_claim_of_an_empty_table(catalog):
    with pytest.raises(InvalidReport, match="no such claim: 'C1'"):
        check(pa.table({name: values[:0] for name, values in LINES.items()}), catalog).to_report("C1")


def test_the_order_of_rows_is_nothing_to_a_report(catalog):
    """A database may give them in another one each time."""

    class Table:
        columns = tuple(LINES)
        rows = pa.table(LINES)

        def __arrow_c_stream__(self, requested_schema=None):
            return self.rows.__arrow_c_stream__()

    table = Table()
    told = check(table, catalog)
    usual = told.to_report("C1")
    table.rows = table.rows.take([4, 2, 0, 1, 3])
    assert [(each.rule, each.lines) for each in told.to_report("C1").findings] == [
        (each.rule, each.lines) for each in usual.findings
    ]


def test_of_a_table_that_has_changed_there_is_no_report(catalog, tmp_path):
    """Its findings would be others than those of the table."""
    path = tmp_path / "lines.csv"
    path.write_text("claim,patient,dos,cpt\nC1,P-1,2026-03-02,90785\n")
    told = check(path, catalog)
    assert [each.rule for each in told.to_report("C1").findings] == ["ADD301"]
    path.write_text("claim,patient,dos,cpt\nC1,P-1,2026-03-02,90785\nC1,P-1,2026-03-02,90834\n")
    with pytest.raises(
        InvalidReport, match="other numbers of rows than when it was checked: 'C1'; expected one that stays"
    ):
        told.to_report("C1")


def test_no_such_claim(catalog):
    with pytest.raises(InvalidReport, match="no such claim: 'C9'"):
        check(pa.table(LINES), catalog).to_report("C9")
    with pytest.raises(InvalidReport, match="no column of claims"):
        check(pa.table({name: LINES[name] for name in ("patient", "dos", "cpt")}), catalog).to_report("C1")


@pytest.mark.parametrize(
    "ids",
    [
        pa.array([7, 7, 8, 8]),
        pa.array([7.0, 7.0, 8.0, 8.0]),
        pa.array([decimal.Decimal("7.00")] * 2 + [decimal.Decimal("8.00")] * 2),
    ],
)
def test_ids_that_are_numbers(catalog, ids):
    """A claim is found by what the table of findings gives, and by its text."""
    first = {name: values[:4] for name, values in LINES.items()}
    told = check(pa.table(first | {"claim": ids}), catalog)
    for claim in (ids[0].as_py(), 7, "7"):
        assert told.to_report(claim).lines == told.to_report("7").lines > 0


def test_a_stream_is_read_once(catalog):
    table = pa.table(LINES)
    stream = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    told = check(stream, catalog)
    assert len(told) == len(check(table, catalog))
    with pytest.raises(InvalidReport, match="cannot be read again"):
        told.to_report("C1")


def test_what_a_lost_row_may_change_is_not_checked_in_the_report_either(catalog):
    lines = {"patient": ["P", "P"], "claim": ["C", "C"], "dos": ["2026-03-02"] * 2, "cpt": ["90785", ""]}
    told = check(pa.table(lines), catalog, select=["ADD301"])
    report = told.to_report("C")
    (unchecked,) = told.not_checked.to_pylist()
    assert (len(told), report.findings, report.clean) == (0, (), False)
    assert [(each.rule, each.reason) for each in report.not_checked] == [("ADD301", unchecked["reason"])]


def test_what_rests_on_columns_that_are_missing_is_not_checked_in_the_report_either(catalog):
    lines = {"patient": ["P", "P"], "claim": ["C", "C"], "dos": ["2026-03-02"] * 2, "cpt": ["90837"] * 2}
    told = check(pa.table(lines), catalog, select=["DUP601", "TIM401"])
    report = told.to_report("C")
    assert (len(told), report.findings, report.bypassed, report.clean) == (0, (), (), False)
    reasons = {(each.rule, each.reason) for each in report.not_checked}
    assert reasons == {(each["rule"], each["reason"]) for each in told.not_checked.to_pylist()}
    assert {rule for rule, _ in reasons} == {"DUP601", "TIM401"}


@pytest.mark.parametrize("column", ["minutes", "start", "stop"])
def test_lines_without_minutes_fail_where_a_column_could_tell_them(catalog, column):
    lines = {"patient": ["P"], "dos": ["2026-03-02"], "cpt": ["90837"], "modifiers": [""]}
    told = check(pa.table(lines | {column: pa.array([None], pa.string())}), catalog, select=["TIM401"])
    assert (len(told), told.not_checked.num_rows) == (1, 0)
    told = check(pa.table(lines), catalog, select=["TIM401"])
    assert told.not_checked.to_pylist() == [
        {"rule": "TIM401", "reason": "the input has neither minutes nor clock times", "lines": 1}
    ]


def test_a_claim_number_of_two_patients(catalog):
    """What stands beside an add-on is the same patient's."""
    lines = {
        "claim": ["1001"] * 2,
        "patient": ["A", "B"],
        "dos": ["2026-03-02"] * 2,
        "cpt": ["90785", "90834"],
    }
    told = check(pa.table(lines), catalog, select=["ADD301", "BHX"])
    report = told.to_report("1001")
    assert [(each.rule, each.claim, each.lines) for each in report.findings] == [("ADD301", "1001", ("0",))]
    assert (report.lines, len(told)) == (2, 1)


def test_a_row_is_lost_for_its_own_day_alone(catalog):
    lines = {
        "claim": ["C"] * 3,
        "patient": ["P"] * 3,
        "dos": ["2026-03-02", "2026-03-02", "2026-03-09"],
        "cpt": ["90785", "", "90785"],
    }
    told = check(pa.table(lines), catalog, select=["ADD301"])
    report = told.to_report("C")
    assert [each.lines for each in report.not_checked] == [("0",)]
    assert [each.lines for each in report.findings] == [("2",)]
    assert told.table["row"].to_pylist() == [2]


MONTHS = [("99490", 20, "99439", 20), ("99457", 20, "99458", 20), ("99490", 10, "99490", 10)]


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("year", [2024, 2025, 2026])
@pytest.mark.parametrize(("first", "minutes", "second", "more"), MONTHS)
def test_what_is_counted_by_the_month_is_not_judged_by_a_day(
    catalog_of_years, first, minutes, second, more, year, basis
):
    """A claim that holds the other day is clean, or bypassed; a table says that it did not look."""
    days = [f"{year}-03-02", f"{year}-03-20"]
    lines = {"claim": ["C"] * 2, "patient": ["P"] * 2, "line": [1, 2], "modifiers": ["", ""]}
    lines |= {"dos": days, "cpt": [first, second], "minutes": [minutes, more]}
    told = check(pa.table(lines), catalog_of_years, basis=basis, select=["ADD301", "TIM4"])
    assert told.table["rule"].to_pylist() == []
    assert {"ADD301", "TIM409"} & set(told.not_checked["rule"].to_pylist())
    for reason in told.not_checked["reason"].to_pylist():
        assert "the other days of the month were not looked at" in reason or "continues a code" in reason
    report = told.to_report("C")
    assert report.findings == ()
    assert sum(len(each.lines) for each in report.not_checked) == sum(told.not_checked["lines"].to_pylist())


def test_what_gives_its_rows_once_is_a_stream(catalog):
    """Whatever it is called, there is nothing to read again."""

    class Once:
        def __init__(self):
            self.reader = pa.table(LINES).to_reader()
            self.schema = self.reader.schema

        def __arrow_c_stream__(self, requested_schema=None):
            reader, self.reader = self.reader, pa.RecordBatchReader.from_batches(self.schema, [])
            return reader.__arrow_c_stream__()

        def __arrow_c_schema__(self):
            return self.schema.__arrow_c_schema__()

    told = check(Once(), catalog)
    assert told.lines == 5
    with pytest.raises(InvalidReport, match="a stream cannot be read again"):
        told.to_report("C1")
