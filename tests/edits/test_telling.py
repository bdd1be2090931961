"""Rows in one line for a reader, and as JSON for a program."""

import datetime as dt
import json

import pytest

from cptkit.edits import AddOnEdit, Mue, PfsRow, PtpEdit, Quarter, Setting
from cptkit.edits.telling import row_dict

Q3 = Quarter(2024, 3)
DAY = dt.date(2024, 7, 1)
FEES = ("A", "000", "1", "0", "0", "0", "0", "0", "10", "80", "10", "", "09", "99", "")
PTP = PtpEdit("W9901", "W9902", 1, DAY, None, False, "own words", Setting.HOSPITAL, Q3, "f1")
MUE = Mue("W9901", 0, None, "own words", Setting.DME, Q3, "mue.csv")
ADDON = AddOnEdit("W9911", None, 2, DAY, None, None, None, "", Q3, "aoc.txt")
PFS = PfsRow("W9901", "26", *FEES, "24C", DAY, True, "fees.csv")


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (PTP, "W9901/W9902 indicator 1 from 2024-07-01 (hospital 2024q3)"),
        (MUE, "W9901 at most 0 (dme 2024q3)"),
        (ADDON, "W9911 on primaries of the contractor's choice, type 2 (add-on edits 2024q3)"),
        (
            PFS,
            "W9901-26 status A, global 000, PC/TC 1, bilateral 0, assistant 0, co-surgeon 0, team 0 (fee schedule 24C QPP)",
        ),
    ],
)
def test_a_row_in_one_line(row, text):
    assert str(row) == text


def test_an_add_on_and_its_primary_in_one_line():
    row = AddOnEdit("W9911", "W9901", 1, DAY, None, None, None, "", Q3, "aoc.txt")
    assert str(row) == "W9911 on W9901, type 1 (add-on edits 2024q3)"
    fees = PfsRow("W9901", "", *FEES, "24C", DAY, False, "fees.csv")
    assert str(fees).startswith("W9901 status A, global 000, PC/TC 1, ")
    assert str(fees).endswith(" (fee schedule 24C)")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (PTP, {"table": "ptp", "column1": "W9901", "first_day": "2024-07-01", "last_day": None}),
        (MUE, {"table": "mue", "value": 0, "mai": None, "setting": "dme"}),
        (ADDON, {"table": "addons", "primary": None, "edit_type": 2, "quarter": "2024q3"}),
        (PFS, {"table": "pfs", "qpp": True, "release": "24C", "global_days": "000"}),
    ],
)
def test_a_row_as_json(row, said):
    found = json.loads(json.dumps(row_dict(row)))
    assert next(iter(found)) == "table"
    assert len(found) == 1 + len(type(row).__attrs_attrs__)
    assert {name: found[name] for name in said} == said
