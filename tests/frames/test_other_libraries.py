"""What other libraries raise while a table is read is told as an error of ours, and what they opened for us is closed."""

from itertools import chain

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")

from cptkit import Catalog  # noqa: E402 - behind the skip
from cptkit.errors import CptkitError, UnreadableClaims  # noqa: E402 - behind the skip
from cptkit.frames import research  # noqa: E402 - behind the skip
from cptkit.frames.running import check  # noqa: E402 - behind the skip

LINES = pa.table(
    {"claim": ["C1", "C2"], "patient": ["A", "B"], "dos": ["2026-03-02"] * 2, "cpt": ["90785"] * 2}
)


@pytest.fixture(scope="module")
def catalog():
    return Catalog.from_editions("2026.1")


@pytest.fixture
def connection():
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    with duckdb.connect() as connection:
        connection.register("lines", LINES)
        yield connection


@pytest.mark.parametrize(
    ("query", "options", "told"),
    [
        ("select * replace (true as dos) from lines", {}, "cannot hold the date of service"),
        (
            "select * replace ('\\xFF'::blob as claim) from lines, range(9000)",
            {"batch_rows": 100},
            "cannot be read",
        ),
        ("select * from lines, range(9000)", {"batch_rows": 100, "memory_limit": 1000}, "more memory"),
        ("select * from lines, range(9000)", {"batch_rows": 100, "grouped": True}, "do not stand together"),
        ("select * replace (error('boom') as cpt) from lines, range(9000)", {}, "boom"),
    ],
)
def test_a_connection_is_free_after_an_error(catalog, connection, query, options, told) -> None:
    """While the error is held, as notebooks hold the last one."""
    with pytest.raises(UnreadableClaims, match=told) as held:
        check(connection.sql(query), catalog, **options)
    assert connection.sql("select 1").fetchall() == [(1,)]
    assert held.value.args


def test_a_connection_is_free_after_a_report_and_a_count(catalog, connection) -> None:
    """Also while their errors are held."""
    relation = connection.sql("select * from lines, range(9000)")
    found = check(relation, catalog, batch_rows=100, select=["ADD301"])
    connection.register("lines", LINES.set_column(2, "dos", [[None, None]]).cast(LINES.schema))
    calls = [
        lambda: found.to_report("C9"),
        lambda: research.by_month(found, connection.sql("select * replace (true as dos) from lines")),
        lambda: research.by_month(
            found, connection.sql("select * replace ('\\xFF'::blob as cpt) from lines, range(9000)")
        ),
        lambda: research.by_month(found, connection.sql("select * from lines, range(9000)")),
    ]
    held = []
    for call in calls:
        with pytest.raises(CptkitError) as caught:
            call()
        held.append(caught)
        assert connection.sql("select 1").fetchall() == [(1,)]
    assert len(held) == len(calls)


class Table:
    """A table that says how many of its streams are open; ``rows`` may be others by the next time."""

    def __init__(self, rows) -> None:
        self.rows = rows
        self.opened = 0

    def __arrow_c_stream__(self, requested_schema=None):
        def rows(many):
            try:
                yield from many
            finally:
                self.opened -= 1

        self.opened += 1
        made = rows(self.rows.to_batches(max_chunksize=1))
        return pa.RecordBatchReader.from_batches(
            self.rows.schema, chain([next(made)], made)
        ).__arrow_c_stream__()


def test_no_stream_is_left_open(catalog) -> None:
    """Not that of which the columns were read, and none behind an error that is held."""
    table = Table(pa.concat_tables([LINES] * 50))
    found = check(table, catalog, batch_rows=1)
    assert (found.lines, table.opened) == (100, 0)
    table.rows = table.rows.set_column(0, "claim", [pa.array([b"\xff", b"C2"] * 50)])
    with pytest.raises(UnreadableClaims, match="cannot be read") as held:
        found.to_report("C1")
    assert table.opened == 0
    assert held.value.args


def test_a_reader_of_the_caller_is_left_open(catalog) -> None:
    reader = pa.RecordBatchReader.from_stream(Table(pa.concat_tables([LINES] * 50)))
    with pytest.raises(UnreadableClaims, match="more memory"):
        check(reader, catalog, batch_rows=1, memory_limit=1)
    assert reader.read_all().num_rows > 50


def test_what_is_raised_while_the_columns_are_looked_at(catalog, connection) -> None:
    connection.execute("create table gone as select * from lines")
    relation = connection.table("gone")
    connection.execute("drop table gone")
    with pytest.raises(UnreadableClaims, match="the table cannot be read") as caught:
        check(relation, catalog)
    assert caught.value.expected is None  # its types are not at fault


def test_a_column_of_several_types_is_named(catalog) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame({"patient": ["A", "B"], "dos": ["2026-03-02"] * 2, "cpt": [90837, "G0023"]})
    with pytest.raises(UnreadableClaims, match=r"column cpt .*each of one type"):
        check(frame, catalog)
    assert check(frame.assign(cpt=frame["cpt"].astype(str)), catalog).lines == 2
    with pytest.raises(UnreadableClaims, match="Duplicate column names"):
        check(pandas.concat([frame, frame[["cpt"]]], axis=1), catalog)


def test_what_has_no_rows_yet_or_is_a_pattern(catalog, tmp_path) -> None:
    dataset = pytest.importorskip("pyarrow.dataset")
    with pytest.raises(UnreadableClaims, match=r"a dataset has no rows yet; .* to_table\(\)"):
        check(dataset.dataset(LINES), catalog)
    with pytest.raises(UnreadableClaims, match=r"No such file.*a pattern of names is not read"):
        check(tmp_path / "*.parquet", catalog)
    with pytest.raises(UnreadableClaims) as caught:
        check(tmp_path / "lines.parquet", catalog)
    assert caught.value.expected is None


def test_whatever_a_table_raises(catalog) -> None:
    """An error without words too, and before the columns are known."""

    class Table:
        def __arrow_c_stream__(self, requested_schema=None):
            raise RuntimeError("")

    class WithColumns(Table):
        columns = ("patient", "dos", "cpt")

    for table in (Table(), WithColumns()):
        with pytest.raises(UnreadableClaims, match=r"cannot be read \(RuntimeError\)"):
            check(table, catalog)


def test_what_stands_in_an_index_is_told(catalog) -> None:
    """As a column it would say whose the lines are: without it another claim's would be the patient's."""
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(LINES.to_pydict())
    for name in ("patient", "claim"):
        with pytest.raises(
            UnreadableClaims, match=f"the index of the table holds '{name}'.*reset_index"
        ) as told:
            check(frame.set_index(name), catalog)
        assert "no index is read" in str(told.value)
    assert check(frame.set_index("cpt", drop=False), catalog).lines == 2
    frame.index.name = "remark"
    assert check(frame, catalog).lines == 2
