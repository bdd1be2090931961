"""The job in DuckDB as somebody writes it who has measured: integers, one key a pair, one pass over the pairs.

    python benchmarks/frames/duckdb_careful.py LINES.parquet TABLES OUT.parquet

What is dear is done to few rows: every line becomes five numbers; lines meet once, over a hash of 64 bits for patient,
clinician and day; modifiers are read only of lines that have some, limits only of lines over the least limit of their
code and of codes that stand twice, add-on edits only of add-ons.
"""

import sys
from pathlib import Path

import duckdb
import pyarrow as pa

SQL = Path(__file__).with_suffix(".sql")
NAMES = (
    *("codes", "ptp", "mue", "addons", "primaries", "edition_addons", "edition_primaries", "not_in_force", "misplaced"),
)  # fmt: skip


def connected(lines: Path, tables: Path, *, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A connection in which ``found`` is the table of findings."""
    con = duckdb.connect()
    con.execute("set preserve_insertion_order = false")
    if threads:
        con.execute(f"set threads = {threads}")
    for name in NAMES:
        con.execute(f"create view {name} as from read_parquet('{tables}/sql/ids/{name}.parquet')")
    con.execute(f"create view modifiers as from read_parquet('{tables}/sql/plain/modifiers.parquet')")
    con.execute(f"create view claim_lines as from read_parquet('{lines}')")
    con.execute(SQL.read_text())
    return con


def findings(lines: Path, tables: Path) -> pa.Table:
    return connected(lines, tables).sql("from found").to_arrow_table()


if __name__ == "__main__":
    _lines, _tables, _out = map(Path, sys.argv[1:4])
    connected(_lines, _tables, threads=2).execute(f"copy (from found) to '{_out}' (format parquet)")
