"""The job by the column path of the package; what it asked the rules is kept beside the tables, as SQL's own tables are.

python benchmarks/frames/columns.py LINES.parquet TABLES OUT.parquet
"""

import sys
from pathlib import Path

import cptkit
from cptkit import frames

if __name__ == "__main__":
    frames.tune_process()  # as the command line does, before pyarrow is loaded

import pyarrow as pa
import pyarrow.parquet as pq
from oracle import RULES, catalog_of

UNREAD = {"claim": None, "place_of_service": None}
"""Columns that the queries do not read either."""


def findings(lines: Path, tables: Path) -> pa.Table:
    found = frames.check(
        lines,
        catalog_of(tables),
        columns=UNREAD,
        basis=cptkit.Basis.MEDICARE,
        select=RULES,
        grouped=lines.stem == "grouped",
        kept=tables / "kept",
    )
    return found.table.select(["line", "rule", "outcome"])


if __name__ == "__main__":
    _lines, _tables, _out = map(Path, sys.argv[1:4])
    pq.write_table(findings(_lines, _tables), _out, use_dictionary=["rule", "outcome"])
