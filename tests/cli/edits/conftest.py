"""A folder of small edit tables, of invented codes, for the commands that answer from it."""

import datetime as dt
from pathlib import Path

import pytest

from cptkit.edits import AddOnEdit, Mue, Origin, PfsRow, Quarter, Setting, Writer

Q2, Q3 = Quarter(2024, 2), Quarter(2024, 3)
PRACTITIONER, HOSPITAL, DME = Setting
EPOCH = dt.date(1970, 1, 1).toordinal()
DIGEST = "sha256:" + 64 * "0"
START, MARCH, JULY = dt.date(2020, 1, 1), dt.date(2024, 3, 31), dt.date(2024, 7, 1)

# column 1, column 2, indicator, first day, last day, prior to 1996, rationale
OLD = [
    ("W9901", "W9902", 1, START, None, False, "Mutually exclusive"),
    ("W9903", "W9901", 0, dt.date(1996, 1, 1), None, True, "More extensive"),
    ("W9904", "W9901", 9, START, START, False, "More extensive"),
    ("W9905", "W9901", 1, START, MARCH, False, "More extensive"),
    ("W9906", "W9907", 0, START, None, False, "Mutually exclusive"),
    ("W9908", "W9909", 0, START, None, False, "Mutually exclusive"),
    ("W9911", "W9912", 1, None, None, False, ""),
]
NEW = [
    *OLD[:4],
    ("W9905", "W9901", 0, JULY, None, False, "More extensive"),  # reopened
    ("W9906", "W9907", 0, START, dt.date(2024, 6, 30), False, "Mutually exclusive"),  # ended
    ("W9908", "W9909", 0, START, dt.date(2024, 6, 30), False, "Mutually exclusive"),
    ("W9908", "W9909", 1, JULY, None, False, "Mutually exclusive"),  # another indicator
    ("W9911", "W9912", 1, None, None, False, ""),
    *(("W9920", f"W99{number}", 1, JULY, None, False, "Added together") for number in range(30, 62)),
]
LIMITS = {
    (PRACTITIONER, Q2): [("W9901", 1, 1), ("W9902", 3, 2), ("W9903", 5, 3), ("W9904", 2, 3)],
    (PRACTITIONER, Q3): [("W9901", 2, 1), ("W9902", 2, 2), ("W9903", 5, 2), ("W9905", 0, 3)],
    (DME, Q3): [("W9901", 2, None)],
}


def put_pairs(writer: Writer, setting: Setting, quarter: Quarter, rows: list, names: list[str]) -> None:
    builder = writer.pairs(setting, quarter)
    for column1, column2, indicator, first, last, prior, rationale in rows:
        days = [None if day is None else day.toordinal() - EPOCH for day in (first, last)]
        says = builder.row(*days, indicator, prior_to_1996=prior, rationale=rationale)
        builder.extend([builder.code(column1)], [builder.code(column2)], [says])
    writer.put_pairs(
        builder, [Origin(name, name.replace(".TXT", ".zip"), DIGEST, len(rows)) for name in names]
    )


def fee(code: str, modifier: str, status: str) -> PfsRow:
    return PfsRow(
        *(code, modifier, status, "010", "1", "2", "1", "0", "1", "0", "10", "80", "10", "", "09", "99", ""),
        *("24C", JULY, False, "PPRRVU24_JUL.csv"),
    )


@pytest.fixture
def tables(tmp_path: Path, monkeypatch) -> Path:
    """The folder; named from where the test is, so that no line is long."""
    monkeypatch.delenv("CPTKIT_TABLES", raising=False)
    monkeypatch.chdir(tmp_path)
    with Writer("tables") as writer:
        put_pairs(writer, PRACTITIONER, Q2, OLD, ["ccipra-v301r0-f1.TXT", "ccipra-v301r0-f2.TXT"])
        put_pairs(writer, PRACTITIONER, Q3, NEW, ["ccipra-v302r0-f1.TXT"])
        put_pairs(writer, HOSPITAL, Q3, OLD[1:2], ["ccioph-v302r0-f1.TXT"])
        for (setting, quarter), rows in LIMITS.items():
            limits = [Mue(code, value, mai, "own words", setting, quarter, "") for code, value, mai in rows]
            writer.put_mue(limits, setting, quarter, [Origin(f"mue-{setting}.csv", None, DIGEST, len(rows))])
        writer.put_addons(
            [
                AddOnEdit("W9911", "W9901", 1, START, None, None, None, "", Q3, ""),
                AddOnEdit("W9911", "W9902", 1, START, MARCH, None, None, "", Q3, ""),
                AddOnEdit("W9912", None, 2, START, None, None, None, "own note", Q3, ""),
                AddOnEdit("W9913", "W9901", 3, START, None, None, None, "", Q3, ""),
            ],
            Q3,
            [Origin("AOC_V2024Q3.txt", None, DIGEST, 4)],
        )
        fees = [fee("W9901", "", "A"), fee("W9901", "26", "A"), fee("W9902", "", "B")]
        writer.put_pfs(fees, "24C", JULY, [Origin("PPRRVU24_JUL.csv", "rvu24c.zip", DIGEST, 3)])
        writer.commit()
    return Path("tables")
