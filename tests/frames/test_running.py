"""A check of a table: the same findings however it is read, and every row accounted for."""

import datetime as dt
import random

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
np = pytest.importorskip("numpy", reason="pip install cptkit[frames]")

import pyarrow.parquet as pq  # noqa: E402 - behind the skip

import cptkit  # noqa: E402 - behind the skip
from cptkit import Basis, Catalog, Claim, Line  # noqa: E402 - behind the skip
from cptkit.errors import (  # noqa: E402 - behind the skip
    AmbiguousColumns,
    BrokenProfile,
    InvalidChoice,
    InvalidClaim,
    InvalidReport,
    UnknownProfile,
    UnknownRule,
    UnreadableClaims,
)
from cptkit.frames import running  # noqa: E402 - behind the skip
from cptkit.frames.running import check  # noqa: E402 - behind the skip

DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def usual(paths, rows, catalog):
    """What is said of the rows in their order, in one batch and one thread."""
    return paths.said(check(paths.table(rows), catalog, basis=Basis.MEDICARE, threads=1))


def without(findings, *columns):
    return findings.table.drop_columns(list(columns)).to_pylist()


# ---- however it is read ----------------------------------------------------------------------------


@pytest.mark.parametrize(("batch_rows", "threads"), [(1, 2), (7, 1), (50, 2), (100, None), (10_000, 3)])
def test_batches_and_threads(paths, rows, catalog, usual, batch_rows, threads) -> None:
    """The very same table."""
    told = check(paths.table(rows), catalog, basis=Basis.MEDICARE, batch_rows=batch_rows, threads=threads)
    assert paths.said(told) == usual
    first = check(paths.table(rows), catalog, basis=Basis.MEDICARE, threads=1)
    assert len(first) > 100
    assert told.table.to_pylist() == first.table.to_pylist()
    assert told.table.equals(first.table)  # its dictionaries too
    assert told.not_checked.to_pylist() == first.not_checked.to_pylist()
    assert told.summary() == first.summary()


@pytest.mark.parametrize("seed", range(3))
def test_row_order(paths, rows, catalog, usual, seed) -> None:
    """Lines are told apart by their ids, wherever they stand."""
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - the same on every run
    told = check(paths.table(shuffled), catalog, basis=Basis.MEDICARE, batch_rows=64)
    assert paths.said(told) == usual
    place = {row.line: at for at, row in enumerate(shuffled)}
    assert all(each["row"] == place[each["line"]] for each in told.table.to_pylist())
    assert told.table["row"].to_pylist() == sorted(told.table["row"].to_pylist())


@pytest.mark.parametrize(("batch_rows", "threads"), [(1, 2), (2, 1), (7, 2), (100, 1), (10_000, 2)])
def test_grouped(paths, rows, catalog, usual, batch_rows, threads) -> None:
    """The lines of each patient stand together, in any order within."""
    ordered = sorted(rows, key=lambda row: row.patient)
    options = {"basis": Basis.MEDICARE, "batch_rows": batch_rows, "threads": threads}
    told = check(paths.table(ordered), catalog, grouped=True, **options)
    assert paths.said(told) == usual
    kept = check(paths.table(ordered), catalog, **options)
    assert told.table.to_pylist() == kept.table.to_pylist()


def test_grouped_by_a_number_of_patients_a_batch(paths, catalog) -> None:
    """Batches that end with a patient, in the middle of one, and that are of one patient."""
    sizes = (3, 3, 1, 5, 9, 2, 1)
    patients = [f"P-{number}" for number, size in enumerate(sizes) for _ in range(size)]
    rows = [paths.row(n, patient, DAY, "90834", units=2) for n, patient in enumerate(patients)]
    for batch_rows in (1, 2, 3, 4, 6, 24):
        told = check(paths.table(rows), catalog, grouped=True, batch_rows=batch_rows, select=["DUP601"])
        first = [sum(sizes[:number]) for number, size in enumerate(sizes) if size > 1]
        assert sorted(set(told.table["line"].to_pylist())) == first
        assert told.lines == 24


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_rows_that_do_not_stand_together(paths, catalog, batch_rows) -> None:
    """Findings of half a patient would be wrong."""
    rows = [paths.row(n, patient, DAY, "90834") for n, patient in enumerate(("P-1", "P-2", "P-1"))]
    with pytest.raises(UnreadableClaims) as caught:
        check(paths.table(rows), catalog, grouped=True, batch_rows=batch_rows)
    assert str(caught.value) == (
        "the rows of a patient do not stand together; expected an input grouped by patient, or grouped=False"
    )
    assert check(paths.table(rows), catalog, batch_rows=batch_rows).lines == 3


def test_files(paths, rows, catalog, usual, tmp_path) -> None:
    """A file, and a folder of which a patient's rows stand in several."""
    whole = paths.table(rows)
    pq.write_table(whole, tmp_path / "claims.parquet")
    told = check(tmp_path / "claims.parquet", catalog, basis=Basis.MEDICARE, batch_rows=50)
    assert paths.said(told) == usual
    folder = tmp_path / "parts"
    folder.mkdir()
    for part, start in enumerate(range(0, len(rows), 100)):
        pq.write_table(whole.slice(start, 100), folder / f"{part}.parquet")
    told = check(folder, catalog, basis=Basis.MEDICARE)
    assert paths.said(told) == usual
    assert (told.rows, told.broken) == (len(rows), ())


def test_a_broken_file_among_others(paths, rows, catalog, tmp_path) -> None:
    """The others are done, and it is named."""
    for part in range(3):
        pq.write_table(paths.table(rows[part * 20 : part * 20 + 20]), tmp_path / f"{part}.parquet")
    (tmp_path / "1.parquet").write_bytes(b"PAR1 nothing of the kind PAR1")
    told = check(tmp_path, catalog)
    (broken,) = told.broken
    assert (told.rows, told.lines, broken.rows_read) == (40, 40, 0)
    assert str(broken.path).endswith("1.parquet")
    assert f"{broken.path}: {broken.reason}, after 0 rows\nwhat was not read" in told.summary()
    assert paths.said(told) == paths.said(check(paths.table([*rows[:20], *rows[40:60]]), catalog))


@pytest.mark.parametrize("batch_rows", [4, 1000])
def test_a_file_of_another_type_among_others(paths, rows, catalog, tmp_path, batch_rows) -> None:
    """Of a folder the file alone is left out and named; a file by itself is refused."""
    for part in range(3):
        table = paths.table(rows[part * 10 : part * 10 + 10])
        if part == 1:
            table = table.set_column(3, "date_of_service", pa.array([True] * 10))
        pq.write_table(table, tmp_path / f"{part}.parquet")
    told = check(tmp_path, catalog, batch_rows=batch_rows)
    (broken,) = told.broken
    assert (str(broken.path)[-9:], broken.rows_read) == ("1.parquet", 0)
    assert "date_of_service" in broken.reason
    assert (told.rows, told.lines) == (20, 20)
    rest = check(paths.table([*rows[:10], *rows[20:30]]), catalog)
    assert paths.said(told) == paths.said(rest)
    with pytest.raises(UnreadableClaims, match="date_of_service"):
        check(tmp_path / "1.parquet", catalog)


def test_a_file_that_cannot_be_read_from_some_row_on(paths, rows, catalog, tmp_path) -> None:
    """What was read of it before is checked; the rest of it is not asked for, nor other files left out."""
    codes = [row.code.encode() for row in rows[:30]]
    codes[15] = b"\xff\xff"
    table = paths.table(rows[:30])
    table = table.set_column(table.column_names.index("code"), "code", pa.array(codes, pa.binary()))
    for part in range(3):
        pq.write_table(table.slice(10 * part, 10), tmp_path / f"{part}.parquet")
    told = check(tmp_path, catalog, batch_rows=4)
    (broken,) = told.broken
    assert str(broken.path).endswith("1.parquet")
    assert told.rows == 20 + broken.rows_read <= 25
    kept = [*rows[: 10 + broken.rows_read], *rows[20:30]]
    assert paths.said(told) == paths.said(check(paths.table(kept), catalog))
    with pytest.raises(UnreadableClaims):
        check(tmp_path / "1.parquet", catalog, batch_rows=4)


def test_progress(paths, rows, catalog) -> None:
    """Told after each batch."""
    seen: list[int] = []
    check(paths.table(rows[:25]), catalog, batch_rows=10, on_rows=seen.append)
    assert seen == [10, 10, 5]


@pytest.mark.parametrize("grouped", [False, True])
def test_no_rows(paths, catalog, grouped) -> None:
    told = check(paths.table([]), catalog, grouped=grouped)
    assert (len(told), told.rows, told.cells, told.lines) == (0, 0, 0, 0)
    assert told.table.column_names == [
        "row",
        "line",
        "claim",
        "rule",
        "outcome",
        "severity",
        "evidence",
        "group",
        "carc",
    ]
    assert told.not_checked.num_rows == told.rejects.num_rows == 0


@pytest.mark.parametrize("grouped", [False, True])
def test_days_that_no_edition_holds(paths, catalog, grouped) -> None:
    """Nothing else is asked of these lines, and each is counted."""
    days = [dt.date(2020, 12, 31), dt.date(2027, 1, 1), dt.date(2027, 12, 31), dt.date(1999, 5, 5)]
    rows = [paths.row(n, "P-1", day, "90834", units=0) for n, day in enumerate(days)]
    told = check(paths.table(rows), catalog, grouped=grouped)
    assert len(told) == 0
    assert told.not_checked.to_pylist() == [
        {"rule": "ALL", "reason": "the catalog has no edition for 2027", "lines": 2},
        {"rule": "ALL", "reason": "the catalog has no edition for 1999", "lines": 1},
        {"rule": "ALL", "reason": "the catalog has no edition for 2020", "lines": 1},
    ]


# ---- what is asked ---------------------------------------------------------------------------------


def test_what_is_told_of_the_check(paths, rows, catalog) -> None:
    told = check(
        paths.table(rows), catalog, basis=Basis.MEDICARE, select="TIM", ignore="TIM402", setting="dme"
    )
    report = cptkit.check(Claim([Line("90834", date_of_service=DAY)]), catalog, select="TIM", ignore="TIM402")
    assert (told.rules, told.left_out) == (report.rules, report.left_out)
    assert (told.basis, told.setting, told.pins) == ("medicare", "dme", catalog.pins)
    assert "TIM402" not in told.rules
    assert "date_of_service" in told.columns
    profiled = check(paths.table(rows[:5]), catalog, profile="noridian")
    assert profiled.basis == "medicare"
    assert profiled.setting == "practitioner"


def test_columns_named(paths, catalog) -> None:
    """A mapping of fields to names, and the id of a map."""
    table = pa.table({"who": ["P-1"], "when": [DAY], "what": ["90834"], "many": [0]})
    own = {"patient": "who", "date_of_service": "when", "code": "what", "units": "many"}
    assert check(table, catalog, columns=own, select=["COD103"]).table["row"].to_pylist() == [0]
    rows = [paths.row(0, "P-1", DAY, "90834", units=0)]
    assert len(check(paths.table(rows), catalog, columns="cptkit", select=["COD103"])) == 1
    with pytest.raises(UnreadableClaims):
        check(paths.table(rows), catalog, columns="tuva")


def test_an_edition_is_a_catalog(paths) -> None:
    rows = [paths.row(0, "P-1", DAY, "90834", units=0)]
    found = [
        check(paths.table(rows), given, select=["COD103"]).table.to_pylist()
        for given in (cptkit.codeset("2026.1"), Catalog.from_editions("2026.1"))
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 1


def test_what_cannot_be_asked(paths, rows, catalog) -> None:
    table = paths.table(rows[:5])
    with pytest.raises(InvalidClaim) as caught:
        check(table, "2026.1")
    assert str(caught.value) == (
        "claims are checked against a catalog: '2026.1'; "
        "expected a cptkit.Catalog, such as Catalog.from_editions('2026.1'), or a codeset"
    )
    with pytest.raises(UnknownRule):
        check(table, catalog, select=["XYZ1"])
    with pytest.raises(UnknownRule):
        check(table, catalog, select=["TIM401"], ignore=["TIM401"])
    with pytest.raises(UnknownProfile):
        check(table, catalog, profile="nobody")
    with pytest.raises(BrokenProfile):
        check(table, catalog, profile="ngs", basis=Basis.CPT)
    with pytest.raises(AmbiguousColumns):
        check(table.append_column("cpt", table["code"]), catalog)


@pytest.mark.parametrize("given", ["yes", "False", 1, None])
def test_grouped_is_a_truth_value(paths, rows, catalog, given) -> None:
    """A text would be true whatever it says."""
    with pytest.raises(InvalidChoice, match="grouped is yes or no") as caught:
        check(paths.table(rows[:5]), catalog, grouped=given)
    assert caught.value.given == given
    assert check(paths.table(rows[:5]), catalog, grouped=np.bool_(False)).rows == 5


def test_the_report_of_a_claim(paths, catalog) -> None:
    """Objects for a claim that is named; of a stream, which is gone, there are none."""
    rows = [paths.row(f"L-{n}", f"P-{n // 2}", DAY, "90834", units=0, claim=f"C-{n // 2}") for n in range(4)]
    told = check(paths.table(rows), catalog, select=["COD103"])
    report = told.to_report("C-1")
    claim = Claim([row.as_line(row.line) for row in rows[2:]], id="C-1")
    assert report == cptkit.check(claim, catalog, select=["COD103"])
    for given, expected in ((told, "C-9"), (check(stream_of(paths.table(rows)), catalog), "C-1")):
        with pytest.raises(InvalidReport):
            given.to_report(expected)


def stream_of(table):
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches())


def test_an_error_in_a_thread_is_raised(paths, rows, catalog, monkeypatch) -> None:
    """Nothing is skipped silently."""

    def broken(*_args, **_more):
        raise ZeroDivisionError("in a thread")

    monkeypatch.setattr(running.Checker, "check", broken)
    for threads in (1, 2):
        with pytest.raises(ZeroDivisionError, match="in a thread"):
            check(paths.table(rows), catalog, threads=threads, batch_rows=20)
