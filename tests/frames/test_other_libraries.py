"""What other libraries raise while a table is read is told as an error of ours, and what they opened for us is closed."""

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")

from cptkit import Catalog  # noqa: E402 - behind the skip
from cptkit.errors import InvalidReport, UnreadableClaims  # noqa: E402 - behind the skip
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


def test_a_connection_is_free_after_an_answer(catalog, connection) -> None:
    relation = connection.sql("select * from lines")
    found = check(relation, catalog)
    assert len(found.to_report("C1").findings) == 1
    with pytest.raises(InvalidReport) as held:
        found.to_report("C9")
    assert len(research.by_month(found, relation)) == 1
    with pytest.raises(UnreadableClaims, match="cannot hold"):
        research.by_month(found, connection.sql("select * replace (true as dos) from lines"))
    assert connection.sql("select 1").fetchall() == [(1,)]
    assert held.value.args


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
    """An error without words too."""

    class Table:
        columns = ("patient", "dos", "cpt")

        def __arrow_c_stream__(self, requested_schema=None):
            raise RuntimeError

    with pytest.raises(UnreadableClaims, match=r"cannot be read \(RuntimeError\)"):
        check(Table(), catalog)
