"""The job by the column path of the package.

python benchmarks/frames/columns.py LINES.parquet TABLES OUT.parquet
"""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from oracle import RULES, catalog_of

import cptkit
from cptkit import frames


def findings(lines: Path, tables: Path) -> pa.Table:
    asked = {"basis": cptkit.Basis.MEDICARE, "select": RULES, "grouped": lines.stem == "grouped"}
    found = frames.check(lines, catalog_of(tables), **asked)
    return found.table.select(["line", "rule", "outcome"])


if __name__ == "__main__":
    _lines, _tables, _out = map(Path, sys.argv[1:4])
    pq.write_table(findings(_lines, _tables), _out)
