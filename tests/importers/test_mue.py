"""Unit limits: three settings, a notice of many lines, a header cell with a line break, .csv and .xlsx."""

import pytest

from cptkit.edits.records import Setting
from cptkit.errors import ContradictoryFile, UnknownLayout, UnreadableFile
from cptkit.importers import Programme, read_all, survey
from cptkit.importers.mue import read
from cptkit.importers.rows import MueRow, Rejected

NOTICE = 'Own notice of many lines, copyright 2025 nobody.\n\nA sign: \u00ae\n\nSays "nothing" at all.'
NAMES = {"practitioner": "Practitioner", "hospital": "Outpatient Hospital", "dme": "DME Supplier"}
FILES = {
    "practitioner": "MCR_MUE_PractitionerServices_Eff_07-01-2026",
    "hospital": "MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026",
    "dme": "MCR_MUE_DMESupplierServices_Eff_07-01-2026",
}
ROWS = [
    ["W9901", "1", "2 Date of Service Edit: Policy", "own words one"],
    ["W9902", "0", "3 Date of Service Edit: Clinical", "own words, two"],
    ["W9903", "90000", "1 Line Edit", ""],
]


def header(setting="practitioner"):
    return [
        "HCPCS/\nCPT Code",
        f"{NAMES[setting]} Services MUE Values",
        "MUE Adjudication Indicator",
        "MUE Rationale",
    ]


@pytest.fixture
def table(write, csv_text):
    def written(rows, setting="practitioner", name=None, above=((NOTICE, "", "", ""),)):
        text = csv_text([*above, header(setting), *rows])
        return write(name or f"{FILES[setting]}.csv", text.encode("latin-1"))

    return written


@pytest.mark.parametrize("setting", ["practitioner", "hospital", "dme"])
def test_three_settings(table, setting):
    member = table(ROWS, setting)
    assert list(read(member)) == [
        MueRow(8, "W9901", 1, 2, "own words one"),
        MueRow(9, "W9902", 0, 3, "own words, two"),
        MueRow(10, "W9903", 90000, 1, ""),
    ]
    (found,) = survey(member.path).tables
    assert (found.recognised.setting, str(found.recognised.quarter)) == (Setting(setting), "2026q3")


def test_counts_of_the_summary(table):
    ((found,), skipped) = (survey(table(ROWS).path).tables, survey(table(ROWS).path).skipped)
    rows, summary = read_all(found)
    assert skipped == ()
    assert (len(rows), summary.rows_read, summary.rows_kept, summary.rows_rejected) == (3, 3, 3, 0)
    assert summary.counts == {"MAI 1": 1, "MAI 2": 1, "MAI 3": 1, "limit of zero": 1}


@pytest.mark.parametrize(
    "above",
    [
        (),
        ((NOTICE, "", "", ""),),
        (("one line",), ("", ""), (NOTICE, "", "", ""), ('a stray " quote',)),
    ],
)
def test_the_header_is_found_whatever_stands_above_it(table, above):
    assert [row.code for row in read(table(ROWS, above=above))] == ["W9901", "W9902", "W9903"]


@pytest.mark.parametrize("above", [[], [[NOTICE]], [[NOTICE], [], ["", "more"]]])
def test_a_workbook(write, book, above):
    rows = [[row[0], int(row[1]), *row[2:]] for row in ROWS]
    member = write(f"{FILES['hospital']}.xlsx", book({"MUE": [*above, header("hospital"), *rows]}))
    assert [(row.code, row.value, row.mai, row.rationale) for row in read(member)] == [
        ("W9901", 1, 2, "own words one"),
        ("W9902", 0, 3, "own words, two"),
        ("W9903", 90000, 1, ""),
    ]
    (found,) = survey(member.path).tables
    assert found.recognised.setting is Setting.HOSPITAL


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["9O834", "1", "1 Line Edit", "x"], "the code is not a code: '9O834'"),
        (["834", "1", "1 Line Edit", "x"], "the code is not a code: '834'"),
        (["w9904", "1", "1 Line Edit", "x"], "the code is not a code: 'w9904'"),
        (["", "1", "1 Line Edit", "x"], "the code is missing"),
        (["W9904", "", "1 Line Edit", "x"], "the value is missing"),
        (["W9904", "8.9", "1 Line Edit", "x"], "the value is not a whole number: '8.9'"),
        (["W9904", "-1", "1 Line Edit", "x"], "the value is not a whole number: '-1'"),
        (["W9904", "1,000", "1 Line Edit", "x"], "the value is not a whole number: '1,000'"),
        (["W9904", "\u0661", "1 Line Edit", "x"], "the value is not a whole number"),
        (["W9904", "1", "4 Something", "x"], "the indicator does not begin with 1, 2 or 3"),
        (["W9904", "1", "", "x"], "the indicator does not begin with 1, 2 or 3: ''"),
        (["W9904", "1", "1 Date of Service Edit: Policy", "x"], "the indicator's digit and words disagree"),
        (["W9901", "1", "1 Line Edit", "x"], "the code comes twice: 'W9901', first in line 8"),
        (["W9904", "1", "1 Line Edit"], "another number of cells than the header: 3, not 4"),
        (["W9904", "1", "1 Line Edit", "x", "more"], "another number of cells than the header: 5, not 4"),
    ],
)
def test_rows_that_are_rejected(write, csv_text, row, reason):
    text = csv_text([[NOTICE, "", "", ""], header(), *ROWS, row, ["W9905", "2", "3", "z"]])
    found = list(read(write("mue.csv", text)))
    assert [type(one) for one in found] == [MueRow, MueRow, MueRow, Rejected, MueRow]
    assert found[3].line_number == 11
    assert reason in found[3].reason
    assert found[4] == MueRow(12, "W9905", 2, 3, "z")


def test_a_number_that_excel_made_of_a_code(write, book):
    rows = [[100.0, 1, "1 Line Edit", "x"], [99990, 2.5, "1 Line Edit", "x"], [99990, 2, "1 Line Edit", "x"]]
    found = list(read(write("mue.xlsx", book({"A": [header(), *rows]}))))
    assert [row.reason for row in found[:2]] == [
        "the code is not a code: '100'",
        "the value is not a whole number: '2.5'",
    ]
    assert (found[2].code, found[2].value) == ("99990", 2)


def test_a_file_of_the_other_setting(table):
    member = table(ROWS, "hospital", name=f"{FILES['practitioner']}.csv")
    with pytest.raises(ContradictoryFile, match="its content says hospital, its name says practitioner"):
        survey(member.path)


def test_what_the_caller_says_must_agree(table):
    path = table(ROWS).path
    with pytest.raises(
        ContradictoryFile, match="its content says practitioner, its name says practitioner, you say dme"
    ):
        survey(path, setting="dme")
    with pytest.raises(ContradictoryFile, match="its name says 2026q3, you say 2026q2"):
        survey(path, quarter="2026q2")
    assert survey(path, setting="practitioner", quarter="2026q3").tables


def test_a_name_without_a_quarter(table):
    path = table(ROWS, name="mue.csv").path
    with pytest.raises(
        UnreadableFile, match="the quarter stands neither in the file nor in its name: say it"
    ):
        survey(path)
    (found,) = survey(path, quarter="2026q3").tables
    assert str(found.recognised.quarter) == "2026q3"


def test_a_notice_of_quite_another_year_is_a_doubt(table):
    (found,) = survey(table(ROWS, name="MCR_MUE_PractitionerServices_Eff_07-01-2029.csv").path).tables
    assert found.recognised.notes == ("the notice above the table is of 2025: is it really 2029q3?",)


def test_medicaid_has_no_indicator(write, csv_text):
    rows = [
        ["HCPCS/CPT Code", "Practitioner Services MUE Values", "MUE Rationale"],
        ["W9901", "3", "own words"],
    ]
    member = write("medicaid-ncci-q2-2026-mue-edits-practitioner-services.csv", csv_text(rows))
    (found,) = survey(member.path).tables
    assert found.recognised.programme is Programme.MEDICAID
    assert list(read(member)) == [MueRow(2, "W9901", 3, None, "own words")]
    member = write("MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", csv_text(rows))
    with pytest.raises(ContradictoryFile, match="have an adjudication indicator, and this table has none"):
        survey(member.path)


def test_a_header_without_rows(table):
    (found,) = survey(table([]).path).tables
    with pytest.raises(UnknownLayout, match="a header and no rows: it is cut short"):
        read_all(found)


def test_another_table_is_none_of_these(write):
    with pytest.raises(UnknownLayout, match="no header of this layout was found"):
        list(read(write("other.csv", "HCPCS,MOD,DESCRIPTION\nW9901,,x\n")))
