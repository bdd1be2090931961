"""Rows as values of the edit tables."""

import datetime as dt

import pytest

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import AddOnEdit, Setting
from cptkit.errors import ContradictoryFile, UnreadableFile
from cptkit.importers import Kind, Programme, Recognised, read_all, survey
from cptkit.importers.as_edits import addon_edit, fee_row, first_day_of, unit_limit
from cptkit.importers.rows import AddOnRow, MueRow

MUE = Recognised(Kind.MUE, Programme.MEDICARE, Setting.HOSPITAL, Quarter(2026, 3))
AOC = Recognised(Kind.AOC, quarter=Quarter(2026, 2))
DAY = dt.date(2020, 1, 1)
ADDON = AddOnRow(3, "W9911", None, 2, DAY, None, DAY, None, "own note")


def test_a_unit_limit():
    found = unit_limit(MueRow(3, "W9901", 0, 3, "own words"), MUE, "july.zip: mue.csv")
    assert (found.code, found.value, found.mai, found.rationale) == ("W9901", 0, 3, "own words")
    assert (found.setting, found.quarter, found.file) == (
        Setting.HOSPITAL,
        Quarter(2026, 3),
        "july.zip: mue.csv",
    )


def test_an_addon_edit():
    assert addon_edit(ADDON, AOC, "aoc.txt") == AddOnEdit(
        "W9911", None, 2, DAY, None, DAY, None, "own note", Quarter(2026, 2), "aoc.txt"
    )


def test_medicaid_does_not_go_into_the_tables_of_medicare():
    medicaid = Recognised(Kind.MUE, Programme.MEDICAID, Setting.HOSPITAL, Quarter(2026, 3))
    with pytest.raises(ContradictoryFile, match="a table of Medicaid: it does not go into Medicare's"):
        unit_limit(MueRow(3, "W9901", 0, None, ""), medicaid, "mue.csv")
    with pytest.raises(ContradictoryFile, match="a table of Medicaid"):
        addon_edit(ADDON, medicaid, "aoc.txt")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: unit_limit(MueRow(3, "W9901", 0, 3, ""), Recognised(Kind.MUE), "f"),
        lambda: addon_edit(ADDON, Recognised(Kind.AOC), "f"),
        lambda: first_day_of(Recognised(Kind.PFS)),
    ],
)
def test_a_table_without_its_quarter(wrong):
    with pytest.raises(UnreadableFile, match="has a"):
        wrong()


def test_the_first_day_of_a_release():
    january = Recognised(Kind.PFS, quarter=Quarter(2024, 1), release="24A")
    revised = Recognised(Kind.PFS, quarter=Quarter(2024, 1), release="24AR")
    assert first_day_of(january) == dt.date(2024, 1, 1)
    assert first_day_of(revised, first_day=dt.date(2024, 3, 9)) == dt.date(2024, 3, 9)
    with pytest.raises(UnreadableFile, match="say it"):
        first_day_of(revised)


def test_a_fee_row(write, csv_text):
    header = "HCPCS MOD DESCRIPTION CODE PAYMENT RVU PE_RVU INDICATOR PE_RVU INDICATOR RVU TOTAL TOTAL IND DAYS OP OP OP PROC"
    names = [
        *header.split(),
        *["SURG"] * 4,
        "BASE",
        "FACTOR",
        "PROCEDURES",
        "FLAG",
        "INDICATOR",
        *["AMOUNT"] * 3,
    ]
    cells = "W9901,TC,text,A,+,1.00,0.5,NA,0.5,,0.1,1.6,1.6,1,000,0.10,0.80,0.10,2,0,0,1,0,W9900,33.4,01,0,88,0,0,0"
    member = write("rvu24c.csv", csv_text([names, cells.split(",")]))
    (table,) = survey(member.path).tables
    ((row,), _) = read_all(table)
    found = fee_row(row, table.recognised, "rvu24c.csv")
    assert (found.code, found.modifier, found.status, found.global_days, found.not_used) == (
        "W9901",
        "TC",
        "A",
        "000",
        "+",
    )
    assert (found.preoperative, found.intraoperative, found.endo_base) == ("0.10", "0.80", "W9900")
    assert (found.release, found.first_day, found.qpp, found.file) == (
        "24C",
        dt.date(2024, 7, 1),
        False,
        "rvu24c.csv",
    )
