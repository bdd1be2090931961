"""HCPCS Level II: 320-byte records with continuation lines, workbooks, .csv; disclaimers of any length."""

import datetime as dt

import attrs
import pytest

from cptkit.errors import UnknownLayout
from cptkit.importers import read_all, survey
from cptkit.importers.hcpcs import read
from cptkit.importers.rows import HcpcsRow, Rejected

COLUMNS = (
    *(
        "HCPC",
        "SEQNUM",
        "RECID",
        "LONG DESCRIPTION",
        "SHORT DESCRIPTION",
        "PRICE1",
        "PRICE2",
        "PRICE3",
        "PRICE4",
    ),
    *("MULT_PI", "CIM1", "CIM2", "CIM3", "MCM1", "MCM2", "MCM3", "STATUTE"),
    *(f"LABCERT{at}" for at in range(1, 9)),
    *(f"XREF{at}" for at in range(1, 6)),
    *("COV", "ASC_GRP", "ASC_DT", "OPPS", "OPPS_PI", "OPPS_DT", "PROCNOTE", "BETOS"),
    *(f"TOS{at}" for at in range(1, 6)),
    *("ANEST_BU", "ADD DT", "ACT EFF DT", "TERM DT", "ACTION CD"),
)
WIDTHS = (
    5,
    5,
    1,
    80,
    28,
    *(2,) * 4,
    1,
    *(6,) * 3,
    *(8,) * 3,
    10,
    *(3,) * 8,
    *(5,) * 5,
    1,
    2,
    8,
    3,
    1,
    8,
    4,
    3,
)
TAIL = (1, 1, 1, 1, 1, 3, 8, 8, 8, 1)
DISCLAIMERS = [
    "***Disclaimers\t\t\t\r\n\t\t\t\r\n*Own words.\u00a0\t\t\r\n\u00a0\u00a0 more\t\r\n\r\n\r\n",
    "***Disclaimers\r\n\r\n-- own words, longer than any record could ever be, " + "x" * 400 + "\r\n",
    "",
]


def values(code="T9901", kind="3", long="own words", **changes):
    found = dict.fromkeys(COLUMNS, "")
    found |= {
        "HCPC": code,
        "SEQNUM": "0010",
        "RECID": kind,
        "LONG DESCRIPTION": long,
        "SHORT DESCRIPTION": "short words",
    }
    found |= {"COV": "C", "ADD DT": "20240101", "ACT EFF DT": "20240401", "ACTION CD": "N"}
    return found | {
        name.replace("_DT", " DT") if name in {"ADD_DT", "TERM_DT"} else name: cell
        for name, cell in changes.items()
    }


FULL = values(
    PRICE1="51", PRICE2="52", MULT_PI="A", CIM1="60-9", MCM2="3350.5", STATUTE="1862(a)(7)", LABCERT1="100", LABCERT8="110",
    XREF1="T9902", XREF5="T9903", ASC_GRP="YY", ASC_DT="170401", OPPS="039", OPPS_PI="K", OPPS_DT="20240101",
    PROCNOTE="0069", BETOS="O1E", TOS1="9", TOS5="P", ANEST_BU="  0", **{"TERM DT": "20241231"},
)  # fmt: skip
MODIFIER = values("   Z9", "7", "words of a modifier")


def fixed(found, pieces=()):
    cells = [found[name] for name in COLUMNS]
    head = f"{cells[0]:5}00100{cells[2]}{cells[3]:80}{cells[4]:28}"
    middle = "".join(f"{cell:{width}}" for cell, width in zip(cells[5:38], WIDTHS[5:], strict=True))
    tail = "".join(f"{cell:{width}}" for cell, width in zip(cells[38:], TAIL, strict=True))
    # position 260 is a filler, between BETOS and the types of service
    lines = [f"{head}{middle} {tail}".ljust(320)]
    lines += [
        f"{cells[0]:5}{at + 2:03}00{'4' if cells[2] == '3' else '8'}{piece:80}".ljust(320 if at % 2 else 91)
        for at, piece in enumerate(pieces)
    ]
    return "".join(line + "\r\n" for line in lines)


def plain(row):
    return attrs.evolve(row, line_number=0)


def test_the_layout_of_the_tests_is_the_published_one():
    line = fixed(FULL)
    assert (line[118:128].strip(), line[229], line[232:240].strip(), line[260], line[264]) == (
        "5152    A",
        "C",
        "170401",
        "9",
        "P",
    )
    assert (line[268:276], line[276:284], line[284:292], line[292]) == (
        "20240101",
        "20240401",
        "20241231",
        "N",
    )


@pytest.mark.parametrize("disclaimer", DISCLAIMERS)
def test_fixed_width(write, disclaimer):
    text = disclaimer + fixed(MODIFIER) + fixed(FULL, ["that go on,  ", "and on"])
    member = write("HCPC2026_JAN_ANWEB.txt", text.encode("latin-1"))
    modifier, code = read(member)
    above = disclaimer.count("\n")
    assert (modifier.line_number, code.line_number) == (above + 1, above + 2)
    assert (modifier.code, modifier.is_modifier, modifier.long) == ("Z9", True, "words of a modifier")
    assert code == HcpcsRow(
        line_number=above + 2,
        code="T9901",
        is_modifier=False,
        long="own words that go on, and on",
        short="short words",
        first_day=dt.date(2024, 1, 1),
        action_day=dt.date(2024, 4, 1),
        last_day=dt.date(2024, 12, 31),
        action="N",
        coverage="C",
        pricing=("51", "52"),
        multiple_pricing="A",
        coverage_manual=("60-9",),
        carriers_manual=("3350.5",),
        statute="1862(a)(7)",
        lab_certifications=("100", "110"),
        cross_references=("T9902", "T9903"),
        asc_group="YY",
        asc_date="170401",
        opps="039",
        opps_indicator="K",
        opps_date="20240101",
        processing_note="0069",
        betos="O1E",
        types_of_service=("9", "P"),
        anesthesia_units=0,
    )
    (table,) = survey(member.path).tables
    assert (table.recognised.kind, str(table.recognised.quarter)) == ("hcpcs", "2026q1")
    assert read_all(table)[1].counts == {"codes": 1, "ended": 1, "modifiers": 1}


def test_both_forms_give_the_same_records(write, book, csv_text):
    rows = [[found[name] for name in COLUMNS] for found in (MODIFIER, FULL)]
    wanted = [plain(row) for row in read(write("HCPC2026.txt", fixed(MODIFIER) + fixed(FULL)))]
    assert [plain(row) for row in read(write("HCPC2026.csv", csv_text([COLUMNS, *rows])))] == wanted
    for above in ([], [["***Disclaimers"], [], ["*own words"]]):
        numbers = [[int(cell) if cell.isdigit() and len(cell) == 8 else cell for cell in row] for row in rows]
        member = write("HCPC2026.xlsx", book({"any name": [*above, COLUMNS, *numbers]}))
        assert [plain(row) for row in read(member)] == wanted


def test_a_workbook_may_go_on_in_a_second_row(write, book):
    more = {
        **dict.fromkeys(COLUMNS, ""),
        "HCPC": "T9901",
        "SEQNUM": "0020",
        "RECID": "4",
        "LONG DESCRIPTION": "and on",
    }
    rows = [[found[name] for name in COLUMNS] for found in (FULL, more)]
    (row,) = read(write("HCPC2026.xlsx", book({"A": [COLUMNS, *rows]})))
    assert row.long == "own words and on"


def test_texts_that_are_not_of_cms_are_dropped(write):
    text = "".join(fixed(values(code, long="licensed words")) for code in ("D9999", "99990", "T9901"))
    found = list(read(write("HCPC2026.txt", text)))
    assert [(row.code, row.long, row.short) for row in found] == [
        ("D9999", None, None),
        ("99990", None, None),
        ("T9901", "licensed words", "short words"),
    ]


def test_records_that_are_rejected(write):
    bad_day = values("T9902", **{"ADD DT": "20240230"})
    no_day = values("T9903", **{"ADD DT": ""})
    ends_early = values("T9904", **{"TERM DT": "20231231"})
    text = (
        fixed(FULL, ["a"]) + fixed(bad_day, ["b"]) + fixed(no_day) + fixed(ends_early) + "T9905 garbage\r\n"
        + fixed(values("T9909"))[:320] + "x\r\n" + fixed(values("T9906"), []) + fixed(values("T9907", "4"))
        + fixed(FULL) + fixed(values("T9908"))
    )  # fmt: skip
    found = list(read(write("HCPC2026.txt", text)))
    assert [(row.line_number, row.reason) for row in found if isinstance(row, Rejected)] == [
        (3, "ADD DT is not a day of the calendar: '20240230'"),
        (5, "ADD DT is missing"),
        (6, "the code ends before it starts: 2024-01-01 to 2023-12-31"),
        (7, "the record does not begin with code, sequence and type"),
        (8, "the record is longer than 320 characters"),
        (10, "a text goes on for a code that is not above it"),
        (11, "the code comes twice: 'T9901', first in line 1"),
    ]
    assert [row.code for row in found if isinstance(row, HcpcsRow)] == ["T9901", "T9906", "T9908"]


def test_rows_of_a_table_that_are_rejected(write, csv_text):
    odd = [
        values(kind="5"),
        values("T99"),
        values("ABC", "7"),
        values(ANEST_BU="1.5"),
        values("T9902"),
    ]
    found = list(
        read(write("HCPC2026.csv", csv_text([COLUMNS, *([row[name] for name in COLUMNS] for row in odd)])))
    )
    assert [row.reason for row in found if isinstance(row, Rejected)] == [
        "RECID is none of 3, 4, 7, 8: '5'",
        "not a code: 'T99'",
        "not a modifier of two characters: 'ABC'",
        "ANEST_BU is not a whole number: '1.5'",
    ]
    assert [row.code for row in found if isinstance(row, HcpcsRow)] == ["T9902"]


def test_a_text_that_goes_on_for_ever(write):
    found = list(read(write("HCPC2026.txt", fixed(FULL, ["x"] * 205))))
    assert [type(row) for row in found] == [Rejected] * 6 + [HcpcsRow]
    assert found[0].reason == "the text goes on for too long"


def test_columns_that_are_missing(write, csv_text):
    with pytest.raises(
        UnknownLayout, match="the HCPCS table lacks columns: 'ADD DT, ACT EFF DT, TERM DT, ACTION CD'"
    ):
        list(read(write("HCPC2026.csv", csv_text([COLUMNS[:-4]]))))


def test_the_year_alone_is_its_first_quarter(write):
    (table,) = survey(write("HCPC2019_CONTR_ANWEB.txt", fixed(FULL)).path).tables
    assert str(table.recognised.quarter) == "2019q1"
