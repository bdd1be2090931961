"""All rules at once, over generated lines and over lines as a practice bills them: seconds of one process, one thread.

    python benchmarks/frames/all_rules.py FOLDER [--lines 0.2]

``FOLDER`` is that of ``run.py``, which makes the tables and the generated lines. Each table is checked twice: what rules
said at first is remembered, as far as there is room.
"""

import argparse
import datetime as dt
import random
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from oracle import catalog_of
from run import machine, made

import cptkit
from cptkit import frames

FIRST, DAYS = dt.date(2024, 1, 1), 720
CODES = {
    code: weight
    for weight, codes in (
        *((25, "90837"), (20, "90834"), (8, "99213"), (6, "90853 90832 99214 97110"), (5, "90847")),
        *((4, "90791 90833 97140"), (3, "90846 90785 97530 97112"), (2, "90836")),
        (1, "90839 96130 96131 98966"),
    )
    for code in codes.split()
}
MODIFIERS = {None: 60, "95": 20, "GP": 10, "59": 4, "25": 4, "HO": 2}
MINUTES = (30, 38, 45, 50, 52, 53, 55, 60, 75, 90)


def practice(lines: int) -> pa.Table:
    """So many lines: most patients' days have one, four in five tell their minutes."""
    draw = random.Random(3)  # noqa: S311 - the same on every run
    rows: list[dict[str, object]] = []
    while len(rows) < lines:
        of_day = {
            "patient_id": f"P{draw.randrange(lines // 20)}",
            "date_of_service": FIRST + dt.timedelta(draw.randrange(DAYS)),
        }
        many = 1 if draw.random() < 0.7 else draw.choice((2, 2, 3))
        for code in draw.choices(list(CODES), list(CODES.values()), k=many):
            rows.append(
                {
                    **of_day,
                    "line_id": len(rows),
                    "code": code,
                    "modifier1": draw.choices(list(MODIFIERS), list(MODIFIERS.values()))[0],
                    "units": draw.choices((1, 2, 3), (80, 15, 5))[0] if code.startswith("97") else 1,
                    "minutes": draw.choice(MINUTES) if draw.random() < 0.8 else None,
                    "rendering_provider": f"1{draw.randrange(20)}",
                    "place_of_service": draw.choice(("11", "10", "02")),
                }
            )
    return pa.Table.from_pylist(rows[:lines])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=float, default=0.2, help="millions of lines")
    given = parser.parse_args()
    lines = round(given.lines * 1e6)
    generated = pq.read_table(made(given.folder, ["claims"], lines)["claims"])
    catalog = catalog_of(given.folder)
    print(machine())
    for name, table in (("generated", generated), ("practice", practice(lines))):
        for time_of in ("first", "again"):
            start = time.perf_counter()
            found = frames.check(table, catalog, basis=cptkit.Basis.MEDICARE, threads=1)
            seconds = time.perf_counter() - start
            print(
                f"{name}, {time_of}: {len(found):,} findings, {seconds:.1f} s, {lines / seconds:,.0f} lines/s"
            )


if __name__ == "__main__":
    main()
