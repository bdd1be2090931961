"""Rows in one line for a reader, and as JSON for a program."""

import datetime as dt
import json

import attrs
import pytest

from cptkit.edits import AddOnEdit, Mue, PfsRow, PtpEdit, Quarter, Setting
from cptkit.edits.records import TelehealthService
from cptkit.edits.telling import row_dict, row_key

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


@pytest.mark.parametrize(
    ("first", "last", "indicator", "active"),
    [
        (None, None, 1, True),
        (DAY, DAY, 0, True),
        (DAY, DAY, 9, False),
        (None, None, 9, False),
        (DAY, DAY - dt.timedelta(days=1), 1, False),
        (DAY + dt.timedelta(days=1), None, 1, False),
    ],
)
def test_the_days_on_which_a_pair_edit_is_in_force(first, last, indicator, active):
    row = attrs.evolve(PTP, first_day=first, last_day=last, indicator=indicator)
    assert row.in_force(DAY) is active


@pytest.mark.parametrize(
    ("rationale", "is_exclusive"),
    [
        ("MUTUALLY EXCLUSIVE procedures", True),
        ("mutually exclusive", True),
        ("not Mutually exclusive", False),
    ],
)
def test_pairs_that_exclude_each_other(rationale, is_exclusive):
    assert attrs.evolve(PTP, rationale=rationale).is_exclusive is is_exclusive


def test_an_add_on_and_its_primary_in_one_line():
    row = AddOnEdit("W9911", "W9901", 1, DAY, None, None, None, "", Q3, "aoc.txt")
    assert str(row) == "W9911 on W9901, type 1 (add-on edits 2024q3)"
    fees = PfsRow("W9901", "", *FEES, "24C", DAY, False, "fees.csv")
    assert str(fees).startswith("W9901 status A, global 000, PC/TC 1, ")
    assert str(fees).endswith(" (fee schedule 24C)")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            PTP,
            (
                '{"table": "ptp", "column1": "W9901", "column2": "W9902", "indicator": 1, "first_day": "2024-07-01", '
                '"last_day": null, "prior_to_1996": false, "rationale": "own words", "setting": "hospital", '
                '"quarter": "2024q3", "file": "f1"}'
            ),
        ),
        (
            MUE,
            (
                '{"table": "mue", "code": "W9901", "value": 0, "mai": null, "rationale": "own words", '
                '"setting": "dme", "quarter": "2024q3", "file": "mue.csv"}'
            ),
        ),
        (
            ADDON,
            (
                '{"table": "addons", "addon": "W9911", "primary": null, "edit_type": 2, "first_day": "2024-07-01", '
                '"last_day": null, "addon_last_day": null, "primary_last_day": null, "note": "", '
                '"quarter": "2024q3", "file": "aoc.txt"}'
            ),
        ),
        (
            PFS,
            (
                '{"table": "pfs", "code": "W9901", "modifier": "26", "status": "A", "global_days": "000", "pctc": "1", '
                '"mult": "0", "bilat": "0", "asst": "0", "cosurg": "0", "team": "0", "preoperative": "10", '
                '"intraoperative": "80", "postoperative": "10", "endo_base": "", "supervision": "09", '
                '"imaging_family": "99", "not_used": "", "release": "24C", "first_day": "2024-07-01", "qpp": true, '
                '"file": "fees.csv"}'
            ),
        ),
    ],
)
def test_a_row_as_json(row, said):
    assert json.dumps(row_dict(row)) == said


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (Mue("W9901", 2, 3, "", Setting.HOSPITAL, Quarter(2024, 3), "f"), "mue hospital 2024q3 W9901"),
        (
            PtpEdit("W9902", "W9901", 1, None, None, False, "", Setting.PRACTITIONER, Quarter(2024, 3), "f"),
            "ptp practitioner 2024q3 W9902 W9901",
        ),
        (
            AddOnEdit("W9911", None, 2, None, None, None, None, "", Quarter(2024, 3), "f"),
            "addons 2024q3 W9911 contractor",
        ),
        (
            AddOnEdit("W9911", "W9901", 1, None, None, None, None, "", Quarter(2024, 3), "f"),
            "addons 2024q3 W9911 W9901",
        ),
        (TelehealthService("W9901", "", 2026, "f"), "telehealth 2026 W9901"),
        (PFS, "pfs 24C W9901 26"),
    ],
)
def test_a_row_by_name(row, name):
    assert row_key(row) == name
