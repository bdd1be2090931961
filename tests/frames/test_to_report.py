"""Objects for what somebody looks at: the report of one claim of a table."""

import decimal

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra frames is not installed")

from cptkit import Catalog  # noqa: E402  behind what skips
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
