"""Add-on edits in both forms: fixed width without a header, and a workbook with one."""

import datetime as dt

import pytest

from cptkit.errors import ContradictoryFile, UnknownLayout
from cptkit.importers import read_all, survey
from cptkit.importers.aoc import read
from cptkit.importers.rows import AddOnRow, Rejected

HEADER = (
    "AOC_Edit_Type",
    "Add-On_Code",
    "AOC_DelDT",
    "Primary_Code",
    "Primary_Code_DelDT",
    "AOC_Edit_EffDT",
    "AOC_Edit_DelDT",
    "Special_Instruction_Notes",
)
ROWS = [
    ("1", "W9911", "", "W9901", "", "2013001", "", ""),
    ("1", "W9911", "2023181", "W9902", "2020366", "2013091", "2023365", ""),
    ("2", "W9912", "", "CCCCC", "", "2018001", "", "Contractor Defined Primary Codes"),
    ("3", "0990T", "", "9999U", "", "2026091", "", "own words of a note"),
]
WANTED = [
    ("W9911", "W9901", 1, dt.date(2013, 1, 1), None, None, None, ""),
    (
        "W9911",
        "W9902",
        1,
        dt.date(2013, 4, 1),
        dt.date(2023, 12, 31),
        dt.date(2023, 6, 30),
        dt.date(2020, 12, 31),
        "",
    ),
    ("W9912", None, 2, dt.date(2018, 1, 1), None, None, None, "Contractor Defined Primary Codes"),
    ("0990T", "9999U", 3, dt.date(2026, 4, 1), None, None, None, "own words of a note"),
]


def fixed(rows, *, padded=True):
    lines = [f"{a:1}{b:5}{c:7}{d:5}{e:7}{f:7}{g:7}{h[:58]:58}" for a, b, c, d, e, f, g, h in rows]
    return "".join((line if padded else line.rstrip()) + "\r\n" for line in lines)


def parts(rows):
    return [
        (
            r.addon,
            r.primary,
            r.edit_type,
            r.first_day,
            r.last_day,
            r.addon_last_day,
            r.primary_last_day,
            r.note,
        )
        for r in rows
    ]


@pytest.mark.parametrize("padded", [True, False])
def test_fixed_width(write, padded):
    member = write("AOC_V2026Q2-F-MCR.txt", fixed(ROWS, padded=padded))
    found = list(read(member))
    assert parts(found) == WANTED
    assert [row.line_number for row in found] == [1, 2, 3, 4]
    (table,) = survey(member.path).tables
    assert (table.recognised.kind, str(table.recognised.quarter)) == ("aoc", "2026q2")


def test_a_notice_above_the_fixed_lines_is_no_row(write):
    text = "Own notice, copyright 2025 nobody.\r\n\r\n" + fixed(ROWS)
    found = list(read(write("AOC_V2026Q2-F-MCR.txt", text)))
    assert parts(found) == WANTED
    assert found[0].line_number == 3


@pytest.mark.parametrize("above", [[], [["Own notice"]], [["Own notice"], [], ["more"]]])
@pytest.mark.parametrize("suffix", ["", "_Julian", " (Julian)"])
@pytest.mark.parametrize("numbers", [True, False])
def test_a_workbook(write, book, above, suffix, numbers):
    header = [name + suffix if name.endswith("DT") else name for name in HEADER]
    rows = [[int(cell) if numbers and cell.isdigit() else cell for cell in row] for row in ROWS]
    member = write("AOC_V2026Q2-MCR.xlsx", book({"AOC": [*above, header, *rows]}))
    assert parts(read(member)) == WANTED


def test_columns_are_known_by_name(write, csv_text):
    backwards = [tuple(reversed(row)) for row in (HEADER, *ROWS)]
    assert parts(read(write("AOC_V2026Q2.csv", csv_text(backwards)))) == WANTED


def test_both_forms_in_one_zip_are_one_table(zipped, book):
    path = zipped(
        "add-on-2026q2.zip",
        {
            "AOC_V2026Q2-MCR.xlsx": book({"A": [HEADER, *ROWS]}),
            "AOC_V2026Q2-F-MCR.txt": fixed(ROWS),
            "README.pdf": b"%PDF-1.7",
        },
    )
    found = survey(path)
    assert [table.member.name for table in found.tables] == ["AOC_V2026Q2-F-MCR.txt"]
    assert {skipped.member.name: skipped.reason for skipped in found.skipped} == {
        "AOC_V2026Q2-MCR.xlsx": "the same table in another form",
        "README.pdf": "this is not a table: it looks like a PDF document",
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({0: "4"}, "the type of the edit is none of 1, 2, 3: '4'"),
        ({0: ""}, "the type of the edit is none of 1, 2, 3"),
        ({1: "W991"}, "the add-on is not a code"),
        ({3: "CCCC"}, "the primary is not a code"),
        ({3: ""}, "the primary is missing"),
        ({5: ""}, "the first day is missing"),
        ({5: "2013366"}, "the first day is not a day of the calendar: '2013366'"),
        ({5: "2013000"}, "the first day is not a day of the calendar: '2013000'"),
        ({5: "0000001"}, "the first day is not a day of the calendar: '0000001'"),
        ({5: "9999999"}, "the first day is not a day of the calendar: '9999999'"),
        ({6: "2012366"}, "the edit ends before it starts: 2013-01-01 to 2012-12-31"),
        ({2: "2013"}, "the add-on's last day is not a day of a year"),
        ({4: "2O13001"}, "the primary's last day is not a day of a year"),
    ],
)
def test_rows_that_are_rejected(write, csv_text, change, reason):
    bad = [change.get(at, cell) for at, cell in enumerate(ROWS[0])]
    found = list(read(write("AOC_V2026Q2.csv", csv_text([HEADER, ROWS[3], bad, ROWS[2]]))))
    assert [type(row) for row in found] == [AddOnRow, Rejected, AddOnRow]
    assert found[1].line_number == 3
    assert reason in found[1].reason
    if all(len(cell) == len(ROWS[0][at]) for at, cell in change.items()):
        found = list(read(write("AOC_V2026Q2.txt", fixed([ROWS[3], bad, ROWS[2]]))))
        assert [type(row) for row in found] == [AddOnRow, Rejected, AddOnRow]


def test_fixed_lines_that_are_rejected(write):
    long = "1W9911       W9903       2013001       " + "x" * 80
    text = fixed(ROWS) + "1W99\r\n" + long + "\r\n\r\ngarbage\r\n" + fixed(ROWS[:1])
    found = list(read(write("AOC_V2026Q2.txt", text)))
    rejected = [(row.line_number, row.fault) for row in found if isinstance(row, Rejected)]
    assert rejected == [
        (5, "the add-on is not a code"),
        (6, "the line is longer than 97 characters"),
        (8, "the type of the edit is none of 1, 2, 3"),
        (9, "the code comes twice"),
    ]


def test_a_row_of_a_later_quarter_than_the_name_says(write):
    (table,) = survey(write("AOC_V2026Q1-MCR.txt", fixed(ROWS)).path).tables
    with pytest.raises(ContradictoryFile, match="said to be of 2026q1, but has rows from 2026-04-01 on"):
        read_all(table)


def test_a_summary(write):
    (table,) = survey(write("AOC_V2026Q2-MCR.txt", fixed(ROWS)).path).tables
    _, summary = read_all(table)
    assert summary.counts == {
        "ended": 1,
        "primary decided by the contractor": 1,
        "type 1": 2,
        "type 2": 1,
        "type 3": 1,
    }
    assert (summary.first_day, summary.last_day) == (dt.date(2013, 1, 1), dt.date(2026, 4, 1))


def test_two_columns_of_one_name(write, csv_text):
    twice = (*HEADER[:7], "AOC_Edit_Type")
    with pytest.raises(UnknownLayout, match="two columns of the add-on edits have one name"):
        list(read(write("AOC_V2026Q2.csv", csv_text([twice, *ROWS]))))
