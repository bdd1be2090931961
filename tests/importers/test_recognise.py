"""Recognition by content: a name never decides what a file is; what is unknown is refused in words."""

import pytest

from cptkit.errors import ContradictoryFile, UnknownLayout, UnreadableFile
from cptkit.importers import Kind, Programme, read_all, recognise, survey
from cptkit.importers.pos import read as read_places

PTP = (
    "Own notice, copyright 2025 nobody\t\t\t\t\t\t\r\nColumn1/Column2 Edits\t\t\t\t\t\t\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n\t\t\t\t*=no data\t1=allowed\t\r\n\t\t\t\t\t9=not applicable\t\r\n"
    "W9901\tW9902\t\t20200101\t*\t1\town words\r\nW9901\tW9903\t*\t20200101\t20200101\t9\town words\r\n"
)
MUE = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\nW9901,1,1 Line Edit,x\n"
AOC = "1W9911       W9901       2013001       \r\n"
HCPCS = f"{'T9901':5}001003{'own words':80}{'short':28}".ljust(268) + "20240101".ljust(24) + "N\r\n"
TELEHEALTH = "CY 2026 List of Medicare Telehealth Services\t\nHCPCS\tShort Descriptor\nW9901\tx\n"
POS = "Place of Service Code(s),Place of Service Name\n97,own words\n"
CHANGES = "Column 1\tColumn 2\tModifier Indicator\nW9901\tW9902\t1\n"
CPT_LIST = "own notice\n\nConcept Id\tCPT Code\tLong\n1\t99990\tsecret\n"
CPT = "own notice\n\n99990\tsecret words\n99991\tsecret words\n"

CONTENT = {
    Kind.PTP: PTP,
    Kind.MUE: MUE,
    Kind.AOC: AOC,
    Kind.HCPCS: HCPCS,
    Kind.TELEHEALTH: TELEHEALTH,
    Kind.POS: POS,
    Kind.PTP_CHANGES: CHANGES,
    Kind.CPT_LIST: CPT_LIST,
    Kind.CPT_DESCRIPTIONS: CPT,
}
NAMES = [
    "2026q3-practitioner.txt",
    "AOC_2026Q3_practitioner.csv",
    "ccipra-v322r0-f1.TXT",
    "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv",
    "PPRRVU2026_Jul_nonQPP_practitioner.csv",
    "HCPC2026_JUL_ANWEB_practitioner.xls",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", CONTENT)
def test_content_decides(write, kind, name):
    found = recognise(write(name, CONTENT[kind]))
    assert found.kind is kind
    assert found.programme is Programme.MEDICARE
    if kind in {Kind.PTP, Kind.MUE, Kind.AOC, Kind.HCPCS}:
        assert str(found.quarter) == "2026q3"
    assert (str(found.setting) == "practitioner") is (kind in {Kind.PTP, Kind.MUE})


@pytest.mark.parametrize("kind", CONTENT)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks(write, kind, ends, mark):
    data = mark + CONTENT[kind].replace("\r\n", "\n").replace("\n", ends).encode()
    member = write("2026q3-practitioner-additions.txt", data)
    (table,) = survey(member.path).tables
    rows, summary = read_all(table)
    assert table.recognised.kind is kind
    assert (len(rows), summary.rows_rejected) == (2 if kind in {Kind.PTP, Kind.CPT_DESCRIPTIONS} else 1, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("own words\nmore\n", "none of the tables that cptkit reads: 'own words'"),
        ("9999001 SECRET WORDS\n9999002 MORE\n", "none of the tables that cptkit reads: '99990'; expected"),
        ("code,price\n99990,1.00\n", "none of the tables"),
        ("99990\t1.00\n", "none of the tables"),
        ("Column 1\tColumn 2\n", "none of the tables"),
        ("x" * 70_000, "none of the tables"),
        ("\n" * 400 + POS, "expected a table of CMS or the AMA as published"),
        ("a,b\n" * 301 + POS, "none of the tables"),
    ],
)
def test_what_is_unknown_is_refused(write, content, words):
    member = write("table.csv", content)
    if content.startswith("\n"):
        assert recognise(member).kind is Kind.POS
        return
    with pytest.raises(UnknownLayout, match=words):
        recognise(member)


def test_a_header_too_far_down_is_not_found(write, book):
    rows = [["own words"]] * 301
    member = write(
        "pos.xlsx", book({"A": rows, "B": [*rows, *(line.split(",") for line in POS.splitlines())]})
    )
    with pytest.raises(UnknownLayout, match="none of the tables that cptkit reads: 'own words'"):
        recognise(member)
    with pytest.raises(UnknownLayout, match="no header of this layout was found"):
        list(read_places(member))


def test_a_stray_quote_above_the_header_is_no_row(write):
    member = write("pos.csv", 'a "stray" quote,"\n' + POS)
    (table,) = survey(member.path).tables
    assert read_all(table)[1].rows_read == 1


def test_a_web_page_within_a_zip(zipped):
    path = zipped("july.zip", {"ccipra-v322r0-f1.TXT": "<html><body>license agreement"})
    with pytest.raises(UnknownLayout, match="looks like a web page that asks for the licence"):
        survey(path)


def test_pair_edits_need_a_setting_and_have_none_for_dme(write):
    with pytest.raises(UnreadableFile, match="the setting stands neither in the file nor in its name"):
        survey(write("2026q3.txt", PTP).path)
    with pytest.raises(ContradictoryFile, match="there are no pair edits of this setting: 'dme'"):
        survey(write("2026q3-dme.txt", PTP).path)
    assert survey(write("2026q3.txt", PTP).path, setting="hospital").tables


def test_pair_edits_of_a_later_quarter_than_the_name_says(write):
    (table,) = survey(write("ccipra-v252r0.txt", PTP).path).tables
    with pytest.raises(ContradictoryFile, match="said to be of 2019q3, but has rows from 2020-01-01 on"):
        read_all(table)


def test_medicaid_is_said(write):
    (table,) = survey(write("medicaid-ncci-q2-2026-ptp-edits-practitioner-services.txt", PTP).path).tables
    assert table.recognised.programme is Programme.MEDICAID
    assert "medicaid" in str(table.recognised)


def test_of_two_forms_the_text_is_taken(zipped, book):
    rows = [line.split("\t") for line in PTP.splitlines()]
    path = zipped(
        "ccipra-v322r0-f1.zip", {"ccipra-v322r0-f1.xlsx": book({"A": rows}), "ccipra-v322r0-f1.TXT": PTP}
    )
    found = survey(path)
    assert [table.member.name for table in found.tables] == ["ccipra-v322r0-f1.TXT"]
    assert [skipped.reason for skipped in found.skipped] == ["the same table stands beside it as text"]


def test_parts_are_not_one_table(zipped):
    path = zipped("2026q3-practitioner.zip", {f"ccipra-v322r0-f{at}.TXT": PTP for at in range(1, 5)})
    assert len(survey(path).tables) == 4


def test_what_is_not_read_is_told(zipped):
    path = zipped("2026q3-practitioner.zip", {"README.txt": "own words", "mue.csv": MUE, "empty.csv": ""})
    found = survey(path)
    assert [table.recognised.kind for table in found.tables] == [Kind.MUE]
    assert {skipped.member.name: skipped.reason for skipped in found.skipped} == {
        "README.txt": "this is none of the tables that cptkit reads",
        "empty.csv": "this is not a table: it looks like an empty file",
    }
    with pytest.raises(
        UnknownLayout, match=r"none of the 2 members is a table that cptkit reads \(README.txt: .*; b.txt"
    ):
        survey(zipped("other.zip", {"README.txt": "own words", "b.txt": "more words"}))


def test_a_report_in_error_beside_a_table_is_skipped(zipped, book, raw_cell):
    report = book({"A": [[raw_cell("<c {where} t='e'><v>#N/A</v></c>")]]})
    path = zipped("2026q3.zip", {"report.xlsx": report, "mue.csv": MUE})
    found = survey(path)
    assert [table.member.name for table in found.tables] == ["mue.csv"]
    assert [skipped.reason for skipped in found.skipped] == ["a cell of a worksheet is in error"]
    with pytest.raises(UnreadableFile, match="a cell of a worksheet is in error: 'A1'"):
        survey(zipped("report.zip", {"report.xlsx": report}))


def test_one_endless_line_beside_a_table_is_skipped(zipped):
    found = survey(zipped("2026q3.zip", {"notes.txt": "x" * 300_000, "mue.csv": MUE}))
    assert [table.member.name for table in found.tables] == ["mue.csv"]
    assert "longer than 262,144 bytes" in found.skipped[0].reason


def test_a_table_that_contradicts_itself_is_no_skipped_member(zipped):
    path = zipped("hospital.zip", {"README.txt": "own words", "mue-2026q3.csv": MUE})
    with pytest.raises(ContradictoryFile, match="its content says practitioner, its name says hospital"):
        survey(path)


def test_the_summary_as_plain_values(write):
    (table,) = survey(write("ccipra-v322r0-f1.TXT", PTP + "W99\tW9902\t\t20200101\t*\t1\tx\r\n").path).tables
    _, summary = read_all(table)
    said = summary.to_dict()
    assert said.pop("digest").startswith("sha256:")
    assert said == {
        "file": "ccipra-v322r0-f1.TXT",
        "kind": "ptp",
        "programme": "medicare",
        "setting": "practitioner",
        "quarter": "2026q3",
        "year": None,
        "release": None,
        "qpp": None,
        "rows_read": 3,
        "rows_kept": 2,
        "rows_rejected": 1,
        "counts": {"indicator 1": 1, "indicator 9": 1, "without an end": 1},
        "faults": {"column 1 is not a code": 1},
        "mended": {},
        "first_day": "2020-01-01",
        "last_day": "2020-01-01",
        "rejected": [
            {
                "line_number": 9,
                "text_start": "W99 | W9902 |  | 20200101",
                "reason": "column 1 is not a code: 'W99'",
            }
        ],
        "notes": [],
    }


def test_a_summary_keeps_few_rejected_rows_whole(write):
    (table,) = survey(write("pos.csv", POS + "1X,x\n" * 100).path).tables
    _, summary = read_all(table)
    assert (summary.rows_rejected, len(summary.rejected), sum(summary.faults.values())) == (100, 20, 100)
