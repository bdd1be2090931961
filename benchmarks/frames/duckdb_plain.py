"""The job as plain SQL in DuckDB: tables of text and dates, joined as one would say it.

python benchmarks/frames/duckdb_plain.py LINES.parquet TABLES OUT.parquet
"""

import sys
from pathlib import Path

import duckdb
import pyarrow as pa

SQL = Path(__file__).with_suffix(".sql")
NAMES = (
    *("ptp", "mue", "addons", "edition_addons", "edition_primaries", "not_in_force", "misplaced", "modifiers"),
)  # fmt: skip


def connected(lines: Path, tables: Path, *, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A connection in which ``found`` is the table of findings."""
    con = duckdb.connect()
    con.execute("set preserve_insertion_order = false")
    if threads:
        con.execute(f"set threads = {threads}")
    for name in NAMES:
        con.execute(f"create view {name} as from read_parquet('{tables}/sql/plain/{name}.parquet')")
    con.execute(f"create view claim_lines as from read_parquet('{lines}')")
    con.execute(SQL.read_text())
    return con


def findings(lines: Path, tables: Path) -> pa.Table:
    return connected(lines, tables).sql("from found").to_arrow_table()


if __name__ == "__main__":
    _lines, _tables, _out = map(Path, sys.argv[1:4])
    connected(_lines, _tables, threads=2).execute(f"copy (from found) to '{_out}' (format parquet)")
