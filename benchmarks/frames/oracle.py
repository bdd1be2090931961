"""The same findings from several engines: what the scalar path says, what SQL says, and where they differ.

    python benchmarks/frames/oracle.py TABLES LINES.parquet [--engine duckdb_careful ...]
    python benchmarks/frames/oracle.py TABLES LINES.parquet --all-rules

A finding is (line, rule, outcome): the lowest line id of its lines, the rule's id, ``fail`` or ``bypassed``. It counts
as often as it is told: two lines of one column 2 code beside one line of column 1 are two findings.

The job, under the basis of Medicare and for practitioners: COD102 (deleted, or not in force yet), PTP701 and PTP702,
MUE801, MUE802, MUE803, ADD302. PTP703 is left out, as what is not checked is: SQL would have to tell of each modifier
why it does nothing. Lines have a clinician each, and no history is given.

With ``--all-rules`` the columns of the package alone are held against its scalar path, by every rule, and by how many
lines each rule did not check; but for TIM401, of which columns say once that there are no minutes.
"""

import argparse
import importlib
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from period import EDITIONS

import cptkit
from cptkit import frames

RULES = ("COD102", "PTP701", "PTP702", "MUE801", "MUE802", "MUE803", "ADD302")
UNTOLD = ("TIM401",)
ENGINES = ("duckdb_careful", "duckdb_plain", "polars_careful", "polars_plain")  # and "columns"
Row = tuple[int, str, str]


def catalog_of(tables: Path) -> cptkit.Catalog:
    """The editions that the tables were made with, and the tables."""
    return cptkit.Catalog.from_editions(*EDITIONS, tables=tables / "edits")


def scalar(lines: Path, tables: Path) -> list[Row]:
    """What ``cptkit.check`` says by the rules of the job."""
    return told(lines, catalog_of(tables), RULES)[0]


def told(
    lines: Path, catalog: cptkit.Catalog, select: tuple[str, ...], ignore: tuple[str, ...] = ()
) -> tuple[list[Row], Counter[str]]:
    """What ``cptkit.check`` says of a claim of all lines of a patient and day; and how many lines a rule left unchecked."""
    groups: dict[tuple[str, object], list[cptkit.Line]] = {}
    for row in pq.read_table(lines).to_pylist():
        line = cptkit.Line(
            row["code"],
            date_of_service=row["date_of_service"],
            modifiers=[m for n in range(1, 5) if (m := row[f"modifier{n}"])],
            units=row["units"],
            rendering_provider=row["rendering_provider"],
            place_of_service=row["place_of_service"],
            id=str(row["line_id"]),
        )
        groups.setdefault((row["patient_id"], row["date_of_service"]), []).append(line)
    found: list[Row] = []
    unchecked: Counter[str] = Counter()
    for together in groups.values():
        report = cptkit.check_claims(
            [cptkit.Claim(together)],
            catalog,
            basis=cptkit.Basis.MEDICARE,
            select=select,
            ignore=ignore,
            days_apart=True,
        )
        for entry in report.not_checked:
            unchecked[entry.rule] += len(entry.lines)
        found.extend(
            (min(map(int, each.lines)), each.rule, str(each.outcome))
            for each in (*report.findings, *report.bypassed)
        )
    return sorted(found), unchecked


def by_all_rules(lines: Path, tables: Path) -> int:
    """Whether columns and the scalar path differ in a finding, or in how many lines a rule did not check; 1 if they do."""
    catalog = catalog_of(tables)
    said, unchecked = told(lines, catalog, ("ALL",), UNTOLD)
    table = frames.check(
        lines, catalog, columns={"claim": None}, basis=cptkit.Basis.MEDICARE, ignore=UNTOLD, threads=1
    )
    missing, more = differences(said, rows_of(table.table))
    counted: Counter[str] = Counter()
    for row in table.not_checked.to_pylist():
        counted[row["rule"]] += row["lines"]
    unlike = {
        rule: (unchecked[rule], counted[rule])
        for rule in unchecked | counted
        if unchecked[rule] != counted[rule]
    }
    print(
        f"{lines}: {table.lines:,} lines; {len(said):,} findings of {len({rule for _, rule, _ in said})} rules: "
        f"{len(missing)} missing, {len(more)} more; {sum(unchecked.values()):,} times a rule did not check a line, "
        f"unlike: {unlike or 'none'}",
        flush=True,
    )
    for what, rows in (("missing", missing), ("more", more)):
        for row in rows[:10]:
            print(" ", what, *row)
    return 1 if missing or more or unlike else 0


def engine(name: str) -> Callable[[Path, Path], list[Row]]:
    """An engine by the name of its module."""

    def run(lines: Path, tables: Path) -> list[Row]:
        return rows_of(importlib.import_module(name).findings(lines, tables))

    return run


def rows_of(table: pa.Table) -> list[Row]:
    """The findings of a table of columns ``line``, ``rule`` and ``outcome``."""
    columns = (table[name].to_pylist() for name in ("line", "rule", "outcome"))
    return sorted((int(line), rule, outcome) for line, rule, outcome in zip(*columns, strict=True))


def differences(one: list[Row], other: list[Row]) -> tuple[list[Row], list[Row]]:
    """What the first alone says, and what the second alone says."""
    first, second = Counter(one), Counter(other)
    return sorted((first - second).elements()), sorted((second - first).elements())


def counts(found: list[Row]) -> dict[str, int]:
    """How many findings there are by rule and outcome."""
    return dict(sorted(Counter(f"{rule} {outcome}" for _, rule, outcome in found).items()))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", type=Path)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--engine", action="append", choices=(*ENGINES, "columns"))
    parser.add_argument("--all-rules", action="store_true")
    given = parser.parse_args()
    if given.all_rules:
        return by_all_rules(given.lines, given.tables)
    said = scalar(given.lines, given.tables)
    print(f"scalar: {len(said):,} findings", counts(said))
    wrong = 0
    for name in given.engine or ENGINES:
        found = engine(name)(given.lines, given.tables)
        missing, more = differences(said, found)
        wrong += len(missing) + len(more)
        print(f"{name}: {len(found):,} findings, {len(missing)} missing, {len(more)} more")
        for what, rows in (("missing", missing), ("more", more)):
            for row in rows[:10]:
                print(" ", what, *row)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
