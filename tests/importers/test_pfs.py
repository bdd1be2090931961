"""Relative values: title lines, a wrapped header with repeated names, 31 and 32 columns, lost zeros."""

from decimal import Decimal

import pytest

from cptkit.edits.quarter import Quarter
from cptkit.errors import ContradictoryFile, UnknownLayout, UnreadableFile
from cptkit.importers import read_all, survey
from cptkit.importers.pfs import read, title_of
from cptkit.importers.rows import FeeRow, Rejected

LAST = (
    *(
        "HCPCS",
        "MOD",
        "DESCRIPTION",
        "CODE",
        "PAYMENT",
        "RVU",
        "PE RVU",
        "INDICATOR",
        "PE RVU",
        "INDICATOR",
        "RVU",
    ),
    *(
        "TOTAL",
        "TOTAL",
        "IND",
        "DAYS",
        "OP",
        "OP",
        "OP",
        "PROC",
        "SURG",
        "SURG",
        "SURG",
        "SURG",
        "IND",
        "BASE",
    ),
    *("FACTOR", "PROCEDURES", "FLAG", "INDICATOR", "AMOUNT", "AMOUNT", "AMOUNT"),
)
PRICED = 23
TEXT = "TEXT THAT IS NOT READ"
ROW = {
    0: "W9901", 1: "26", 2: TEXT, 3: "A", 4: "", 5: "1.50", 6: "0.75", 7: "NA", 8: "0.70", 9: "", 10: "0.10",
    11: "2.35", 12: "2.30", 13: "1", 14: "010", 15: "0.10", 16: "0.80", 17: "0.10", 18: "2", 19: "1", 20: "0",
    21: "1", 22: "0", 23: "9", 24: "W9900", 25: "33.4009", 26: "02", 27: "0", 28: "88", 29: "0.00", 30: "0.00", 31: "0.00",
}  # fmt: skip


def row(priced=True, **changes):
    cells = {**ROW, **{int(at[1:]): cell for at, cell in changes.items()}}
    found = [cells[at] for at in range(32)]
    return found if priced else found[:PRICED] + found[PRICED + 1 :]


def above(priced=True, title="2026 National Physician Fee Schedule Relative Value File July Release"):
    width = 32 if priced else 31
    lines = [
        ["", "", title],
        ["", "", 'Copyright 2026 nobody, "quoted"'],
        ["", "", "Own words of D codes"],
        [],
    ]
    lines += [
        ["", "", "RELEASED 06/30/2026"],
        [""] * (width - 2) + ["FACILITY"],
        ["", "", "", "", "NOT USED"],
    ]
    lines += [["", "", "", "", "FOR", "", "", "NON-FAC"], ["", "", "", "STATUS", "MEDICARE", "WORK"]]
    header = list(LAST) if priced else [*LAST[:PRICED], *LAST[PRICED + 1 :]]
    return [line + [""] * (width - len(line)) for line in lines] + [header]


@pytest.fixture
def table(write, csv_text):
    def written(rows, priced=True, name="PPRRVU2026_Jul_nonQPP.csv", **title):
        return write(name, csv_text([*above(priced, **title), *rows]))

    return written


@pytest.mark.parametrize("priced", [True, False])
def test_columns_are_known_by_position(table, priced):
    (found,) = read(table([row(priced)], priced))
    assert found == FeeRow(
        line_number=11,
        code="W9901",
        modifier="26",
        status="A",
        not_used="",
        work_rvu=Decimal("1.50"),
        nonfacility_pe_rvu=Decimal("0.75"),
        nonfacility_na="NA",
        facility_pe_rvu=Decimal("0.70"),
        facility_na="",
        mp_rvu=Decimal("0.10"),
        nonfacility_total=Decimal("2.35"),
        facility_total=Decimal("2.30"),
        pctc="1",
        global_days="010",
        preoperative=Decimal("0.10"),
        intraoperative=Decimal("0.80"),
        postoperative=Decimal("0.10"),
        mult="2",
        bilat="1",
        asst="0",
        cosurg="1",
        team="0",
        priced="9" if priced else None,
        endo_base="W9900",
        conversion_factor=Decimal("33.4009"),
        supervision="02",
        calculation_flag="0",
        imaging_family="88",
        opps_nonfacility_pe=Decimal("0.00"),
        opps_facility_pe=Decimal("0.00"),
        opps_mp=Decimal("0.00"),
    )
    assert str(found.work_rvu) == "1.50"


def test_no_description_is_ever_kept(table):
    rows = [row(), row(c0="D9999", c1=""), row(c0="bad", c1=TEXT)]
    found = list(read(table(rows)))
    assert [getattr(one, "code", None) for one in found] == ["W9901", "D9999", None]
    assert TEXT not in repr(found).replace(repr(found[2].reason), "")
    assert found[2].text_start == f"bad {TEXT}"[:12]


def test_a_workbook_with_lost_zeros_and_binary_noise(write, book):
    numbers = {
        5: 1.4999999999999998,
        14: 10,
        15: 0.1,
        16: 0.8,
        17: 0.1,
        25: 33.400900000000004,
        26: 2,
        13: 1,
        18: 2,
        31: 0,
    }
    cells = [numbers.get(at, cell) for at, cell in enumerate(row())]
    lines = [*above(), cells, [*cells[:14], 0, *cells[15:]], [*row(c0="W9902", c14="90")]]
    lines[-2][0] = 100
    member = write("PPRRVU2026_Jul_nonQPP.xlsx", book({"PPRRVU": lines}))
    found = list(read(member))
    assert [(one.code, one.global_days, one.supervision, one.mended) for one in found] == [
        ("W9901", "010", "02", ("global_days", "supervision")),
        ("00100", "000", "02", ("global_days", "supervision", "code")),
        ("W9902", "090", "02", ("global_days",)),
    ]
    assert (found[0].work_rvu, found[0].conversion_factor) == (Decimal("1.5"), Decimal("33.4009"))
    (one,) = survey(member.path).tables
    assert read_all(one)[1].mended == {"code": 1, "global_days": 3, "supervision": 2}


def test_a_code_cut_short_is_not_mended(table):
    (found,) = read(table([row(c0="100")]))
    assert isinstance(found, Rejected)
    assert found.reason == "the code is not a code: '100'"


@pytest.mark.parametrize("days", ["000", "010", "090", "MMM", "XXX", "YYY", "ZZZ"])
def test_global_days(table, days):
    (found,) = read(table([row(c14=days)]))
    assert (found.global_days, found.mended) == (days, ())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"c0": "W99"}, "the code is not a code"),
        ({"c1": "TCC"}, "the modifier is not two letters or digits"),
        ({"c1": "tc"}, "the modifier is not two letters or digits"),
        ({"c3": ""}, "the status is not an indicator of 1 character"),
        ({"c3": "AB"}, "the status is not an indicator of 1 character: 'AB'"),
        ({"c4": "*"}, "NOT USED FOR MEDICARE PAYMENT is none of (empty), +"),
        ({"c5": ""}, "WORK RVU is missing"),
        ({"c5": "1,50"}, "WORK RVU is not a number: '1,50'"),
        ({"c5": "1e2"}, "WORK RVU is not a number"),
        ({"c5": "nan"}, "WORK RVU is not a number"),
        ({"c13": "\u0661"}, "PCTC IND is not an indicator"),
        ({"c14": "30"}, "the global days is none of 000, 010"),
        ({"c14": ""}, "the global days is none of 000, 010"),
        ({"c24": "X"}, "ENDO BASE is not a code"),
        ({"c25": ""}, "CONV FACTOR is missing"),
        ({"c26": "ABC"}, "PHYSICIAN SUPERVISION is not an indicator of 2 characters"),
    ],
)
def test_rows_that_are_rejected(table, changes, reason):
    found = list(
        read(table([row(), row(c1="TC", **changes) if "c1" not in changes else row(**changes), row(c1="")]))
    )
    assert [type(one) for one in found] == [FeeRow, Rejected, FeeRow]
    assert found[1].line_number == 12
    assert reason in found[1].reason


def test_a_code_and_modifier_come_once(table):
    found = list(read(table([row(), row(c1=""), row()])))
    assert [type(one) for one in found] == [FeeRow, FeeRow, Rejected]
    assert found[2].reason == "the code comes twice: 'W9901 26', first in line 11"


def test_columns_that_are_not_those(write, csv_text):
    lines = above()
    lines[-1][14] = "STATUS"
    with pytest.raises(
        UnknownLayout, match="column 15 of the relative values has another name: 'STATUS'; expected DAYS"
    ):
        list(read(write("a.csv", csv_text([*lines, row()]))))
    lines = above()
    lines[-1].append("MORE")
    with pytest.raises(UnknownLayout, match="33 columns'; expected 31 or 32"):
        list(read(write("a.csv", csv_text([*lines, row()]))))


def test_the_release(table):
    (found,) = survey(table([row()]).path).tables
    known = found.recognised
    assert (str(known.quarter), known.release, known.qpp, str(known.released)) == (
        "2026q3",
        "26C",
        False,
        "2026-06-30",
    )
    (found,) = survey(table([row()], name="PPRRVU2026_Jul_QPP.csv").path).tables
    assert found.recognised.qpp is True


def test_the_title_and_the_name_must_agree(table):
    with pytest.raises(ContradictoryFile, match="its content says 2026q3, its name says 2026q2"):
        survey(table([row()], name="PPRRVU2026_Apr_nonQPP.csv").path)
    path = table(
        [row()], name="PPRRVU2025_Jul.csv", title="2026 National Physician Fee Schedule Relative Value File"
    ).path
    with pytest.raises(ContradictoryFile, match="its content says 2026, its name says 2025"):
        survey(path)


def test_from_2026_on_there_are_two_tables(table):
    path = table([row()], name="PPRRVU2026_Jul.csv").path
    with pytest.raises(UnreadableFile, match="qpp=True or qpp=False"):
        survey(path)
    (found,) = survey(path, qpp=True).tables
    assert found.recognised.qpp is True
    with pytest.raises(ContradictoryFile, match="its name says False, you say True"):
        survey(table([row()]).path, qpp=True)


def test_before_2026_there_was_one(table):
    (found,) = survey(table([row(False)], False, name="PPRRVU24_JUL.csv", title="REDACTED").path).tables
    known = found.recognised
    assert (str(known.quarter), known.release, known.qpp) == ("2024q3", "24C", False)


def test_a_title_that_says_the_quarter_needs_no_name(table):
    (found,) = survey(table([row()], name="values.csv").path, qpp=False).tables
    assert str(found.recognised.quarter) == "2026q3"
    with pytest.raises(UnreadableFile, match="the quarter stands neither in the file nor in its name"):
        survey(table([row()], name="values.csv", title="REDACTED").path)


@pytest.mark.parametrize("text", ["RELEASED 02/30/2026", "RELEASED 13/01/2026", "", "2026 National"])
def test_titles_that_say_nothing(text):
    assert title_of(text).released is None
    assert title_of(text).quarter is None


def test_titles():
    assert title_of(
        "2024 National Physician Fee Schedule Relative Value File January Release"
    ).quarter == Quarter(2024, 1)
