"""Spark in one process: the same findings as of a table, whatever the partitions; and the how-to's code."""

import os
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install cptkit[spark]")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("Spark needs Java, and none is here", allow_module_level=True)

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import PythonException
from pyspark.sql import SparkSession, functions

from cptkit import Catalog
from cptkit.errors import AmbiguousColumns, UnreadableClaims
from cptkit.frames import check
from cptkit.frames.spark import check as check_in_spark
from cptkit.testing.edit_tables import write_edit_tables

# pyspark's own: sockets that it leaves to the collector, and what it says of the libraries it meets
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark"),
]
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "check-on-a-cluster.md"
NAMES = ("claim", "line", "rule", "outcome", "severity", "evidence", "group", "carc")


@pytest.fixture(scope="module")
def spark():
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "400",
    }
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def rows(paths):
    """Lines of which every seventh patient's id is padded; their claims are told apart."""
    drawn = paths.drawing.rows(7, 500, providers=("A", "A", "B", None))
    return [paths.row(**(cells(row) | {"patient": padded(row)})) for row in drawn]


def cells(row):
    return {field: getattr(row, field) for field in row.__slots__ if not field.startswith("__")}


def padded(row):
    return f" \u00a0{row.patient}\x1c" if row.line % 7 == 0 else row.patient


@pytest.fixture(scope="module")
def catalog(paths, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    write_edit_tables(folder, paths.drawing.tables(3))
    found = Catalog.bundled(tables=folder)
    yield found
    found.tables.close()


@pytest.fixture(scope="module")
def table(paths, rows):
    """The lines as a table, one of them with a day that is none and one without any patient or claim."""
    made = paths.table(rows)
    days = [str(row.day) for row in rows]
    days[11] = "2026-02-30"
    patients, claims = made["patient_id"].to_pylist(), made["claim_id"].to_pylist()
    patients[12] = None
    patients[13] = claims[13] = " "
    for name, values in (("date_of_service", days), ("patient_id", patients), ("claim_id", claims)):
        made = made.set_column(made.column_names.index(name), name, pa.array(values, pa.string()))
    return made


@pytest.fixture(scope="module")
def df(spark, table):
    kinds = {"int64": "long", "string": "string"}
    schema = ", ".join(f"{field.name} {kinds[str(field.type)]}" for field in table.schema)
    return spark.createDataFrame([tuple(row.values()) for row in table.to_pylist()], schema)


def counted(rows, names):
    return Counter(tuple(row[name] for name in names) for row in rows)


@pytest.mark.parametrize("partitions", [None, 1, 5])
def test_the_same_as_of_a_table(df, table, catalog, partitions) -> None:
    usual = check(table, catalog)
    found = check_in_spark(df, catalog, partitions=partitions)
    assert len(usual) > 500
    assert counted(found.findings.collect(), NAMES) == counted(usual.table.to_pylist(), NAMES)
    names = ("rule", "reason", "lines")
    assert counted(found.not_checked.collect(), names) == counted(usual.not_checked.to_pylist(), names)
    ids = table.select(["claim_id", "line_id"]).take(usual.rejects["row"]).to_pylist()
    rejected = [
        (*row.values(), why) for row, why in zip(ids, usual.rejects["reason"].to_pylist(), strict=True)
    ]
    assert sorted(map(tuple, found.rejects.collect())) == sorted(rejected)
    assert len(rejected) == 2
    many = table.num_rows
    assert found.totals() == {"rows": many, "cells": many, "lines": many - 2, "rejected": 2}
    assert set(found.summary().splitlines()) == set(usual.summary().splitlines())
    assert (found.rules, found.left_out, found.columns) == (usual.rules, usual.left_out, usual.columns)
    assert (found.pins, found.basis, found.setting) == (usual.pins, usual.basis, usual.setting)
    if partitions is not None:
        assert found.told.rdd.getNumPartitions() == partitions
    assert found.told.is_cached
    found.unpersist()
    assert not found.told.is_cached


def test_what_rules_said_is_kept_by_workers(df, table, catalog, tmp_path) -> None:
    usual = counted(check(table, catalog).table.to_pylist(), NAMES)
    for _ in range(2):
        found = check_in_spark(df, catalog, kept=tmp_path / "kept", partitions=2)
        assert counted(found.findings.collect(), NAMES) == usual
        found.unpersist()
        assert [each.suffix for each in (tmp_path / "kept").iterdir()] == [".kept"]


def test_claims_where_there_are_no_patients(df, table, catalog) -> None:
    usual = check(table.drop_columns(["patient_id"]), catalog, basis="medicare", select=["ADD", "DUP"])
    found = check_in_spark(
        df.drop("patient_id"), catalog, basis="medicare", select=["ADD", "DUP"], partitions=3
    )
    assert counted(found.findings.collect(), NAMES) == counted(usual.table.to_pylist(), NAMES)
    assert len(usual) > 50
    found.unpersist()


def test_ids_keep_their_types(spark, catalog) -> None:
    """Ids that are numbers, one of them missing as a NaN, and a column name with signs in it."""
    rows = [(1.0, 7, 1, "90785"), (float("nan"), 8, 1, "90785"), (float("nan"), 9, 1, "90791")]
    rows += [(1.0, 7, 2, "90791"), (float("nan"), 8, 2, "90791")]
    df = spark.createDataFrame(rows, "patient double, claim int, line int, `c.p``t` string")
    df = df.withColumn("dos", functions.to_timestamp(functions.lit("2026-03-02 10:00:00")))
    columns = {"code": "c.p`t"}
    found = check_in_spark(df, catalog, columns=columns, select=["ADD301"], partitions=1)
    assert found.findings.collect() == []
    assert found.totals()["lines"] == 5
    apart = check_in_spark(df.where("line = 1"), catalog, columns=columns, select=["ADD301"])
    assert sorted((row.claim, row.line) for row in apart.findings.collect()) == [(7, 1), (8, 1)]


def test_no_rows(df, catalog) -> None:
    found = check_in_spark(df.where("line_id < 0"), catalog)
    assert found.totals() == {"rows": 0, "cells": 0, "lines": 0, "rejected": 0}
    assert found.findings.collect() == []


class TestWhatIsRefused:
    def test_no_line_ids(self, df, catalog) -> None:
        with pytest.raises(UnreadableClaims, match="no column holds the id of a line"):
            check_in_spark(df.drop("line_id"), catalog)

    def test_two_columns_for_one_thing(self, df, catalog) -> None:
        with pytest.raises(AmbiguousColumns, match="'code' and 'cpt'"):
            check_in_spark(df.withColumn("cpt", functions.col("code")), catalog)

    def test_a_type_that_cannot_hold_it_before_anything_runs(self, df, catalog) -> None:
        with pytest.raises(UnreadableClaims, match="cannot hold the date of service"):
            check_in_spark(df.withColumn("date_of_service", functions.lit(True)), catalog)

    def test_a_stream(self, spark, catalog) -> None:
        stream = spark.readStream.format("rate").load()
        with pytest.raises(UnreadableClaims, match="no last row"):
            check_in_spark(stream, catalog)

    def test_edit_tables_that_a_worker_has_not(self, df, catalog, tmp_path) -> None:
        found = check_in_spark(df, catalog, tables=tmp_path, partitions=1)
        with pytest.raises(PythonException, match="no edit tables can be read here"):
            found.totals()


def test_the_code_of_the_how_to(spark, tmp_path, catalog, table) -> None:
    """The blocks of its Spark section, on the lines above."""
    section = re.search(r"^## Spark\n(.*?)^## ", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```python\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)
    assert blocks
    pq.write_table(table, tmp_path / "claims.parquet")
    (tmp_path / "tables").symlink_to(catalog.tables.folder)
    names: dict[str, object] = {"spark": spark}
    for block in blocks:
        there = re.sub(r'"(claims\.parquet|findings\.parquet|tables)"', rf'"{tmp_path}/\1"', block)
        exec(compile(there, str(PAGE), "exec"), names)  # noqa: S102 - the page's own code
    told = spark.read.parquet(f"{tmp_path}/findings.parquet")
    assert counted(told.collect(), NAMES) == counted(check(table, catalog).table.to_pylist(), NAMES)


def test_lines_of_one_number(spark, catalog) -> None:
    """The claim with the lowest id comes first, here as in a table."""
    lines = {
        "claim": ["C2", "C1", "C2", "C1"],
        "line": [1, 1, 2, 2],
        "cpt": ["90834", "90834", "90791", "90847"],
    }
    lines |= {"patient": ["A"] * 4, "dos": ["2026-03-02"] * 4, "modifiers": ["95", "95", "", "95"]}
    df = spark.createDataFrame(list(zip(*lines.values(), strict=True)), list(lines))
    told = counted(
        check_in_spark(df, catalog, select=["BHX", "DUP"]).findings.collect(), ("claim", "line", "rule")
    )
    usual = check(pa.table(lines), catalog, select=["BHX", "DUP"]).table.to_pylist()
    assert told == counted(usual, ("claim", "line", "rule"))
    assert ("C1", 1, "DUP601") in told
