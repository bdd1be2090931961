"""The short lists: telehealth services, places of service, quarterly changes to the pair edits."""

import datetime as dt

import pytest

from cptkit.errors import ContradictoryFile, UnknownLayout
from cptkit.importers import Kind, read_all, survey
from cptkit.importers.pos import read as read_places
from cptkit.importers.ptp_changes import read as read_changes
from cptkit.importers.rows import PlaceRow, PtpChangeRow, Rejected, TelehealthRow
from cptkit.importers.telehealth import read as read_telehealth

TITLE = "CY 2026 Final List of Medicare Telehealth Services"
UNREAD = "TEXT THAT IS NOT READ"


def tabs(*rows):
    return "".join("\t".join(row) + "\r\n" for row in rows)


# ---- telehealth ---------------------------------------------------------------------------------


def test_a_telehealth_list(write):
    text = tabs(
        (TITLE, "", ""),
        ("HCPCS", "Short Descriptor", "Proposed Action"),
        ("W9901", UNREAD, "Maintain"),
        ("W9902", UNREAD, "Addition"),
        ("W9903", UNREAD),
        ("W99", UNREAD, "Maintain"),
        ("W9901", UNREAD, "Maintain"),
        ("W9904", UNREAD, "x" * 501),
    )
    member = write("cy2026_telehealth_list.txt", text)
    found = list(read_telehealth(member))
    assert found[:3] == [
        TelehealthRow(3, "W9901", (("Proposed Action", "Maintain"),)),
        TelehealthRow(4, "W9902", (("Proposed Action", "Addition"),)),
        TelehealthRow(5, "W9903", ()),
    ]
    assert [(row.line_number, row.fault) for row in found[3:]] == [
        (6, "the code is not a code"),
        (7, "the code comes twice"),
        (8, "a remark is longer than 500 characters"),
    ]
    assert UNREAD not in repr(found)
    (table,) = survey(member.path).tables
    assert (table.recognised.kind, table.recognised.year) == (Kind.TELEHEALTH, 2026)
    assert read_all(table)[1].counts == {"Proposed Action: Maintain": 1, "Proposed Action: Addition": 1}


def test_a_telehealth_list_of_other_years(write, book):
    rows = [
        ["LIST OF MEDICARE TELEHEALTH SERVICES effective January 1, 2025"],
        ["Code", "Short Descriptor", "Status", "Can Audio-only Interaction\nMeet the Requirements?"],
        ["W9901", UNREAD, "", "Yes"],
        ["W9902", UNREAD, "Provisional"],
    ]
    member = write("telehealth.xlsx", book({"List": rows}))
    assert [row.remarks for row in read_telehealth(member)] == [
        (("Can Audio-only Interaction Meet the Requirements?", "Yes"),),
        (("Status", "Provisional"),),
    ]
    assert survey(member.path).tables[0].recognised.year == 2025


def test_a_telehealth_list_of_another_year_than_its_name(write):
    text = tabs((TITLE, ""), ("HCPCS", "Short Descriptor"), ("W9901", UNREAD))
    with pytest.raises(ContradictoryFile, match="its content says 2026, its name says 2025"):
        survey(write("cy2025_telehealth_list.txt", text).path)


# ---- places of service --------------------------------------------------------------------------


def test_places_of_service(write):
    text = (
        "Own title\r\nPlace of Service Code(s),Place of Service Name,Place of Service Description\r\n"
        '01,A place,"words, not read"\r\n'
        "2,Another place,x\r\n35-37,Unassigned,N/A\r\n40 \u2013 40,Unassigned\r\n"
        "1X,A place,x\r\n100,A place,x\r\n41-42,A place,x\r\n44-43,Unassigned,x\r\n36,Unassigned,x\r\n50,,x\r\n"
    )
    found = list(read_places(write("pos.csv", text)))
    assert [row for row in found if isinstance(row, PlaceRow)] == [
        PlaceRow(3, "01", "A place", None, assigned=True),
        PlaceRow(4, "02", "Another place", None, assigned=True, mended=("code",)),
        *(PlaceRow(5, code, "Unassigned", None, assigned=False) for code in ("35", "36", "37")),
        PlaceRow(6, "40", "Unassigned", None, assigned=False),
    ]
    assert [(row.line_number, row.fault) for row in found if isinstance(row, Rejected)] == [
        (7, "not a number of two digits, nor a range of unassigned ones"),
        (8, "not a number of two digits, nor a range of unassigned ones"),
        (9, "not a number of two digits, nor a range of unassigned ones"),
        (10, "not a number of two digits, nor a range of unassigned ones"),
        (11, "the number comes twice"),
        (12, "the name is missing"),
    ]


def test_places_with_the_rate_that_is_paid(write, book):
    rows = [
        ["pos_code", "pos_type", "pos_name"],
        [2, "Facility", "A"],
        [11, "Non-Facility", "B"],
        [12, "Half", "C"],
    ]
    member = write("pos.xlsx", book({"A": rows}))
    (table,) = survey(member.path).tables
    found, summary = read_all(table)
    assert [(row.code, row.facility) for row in found] == [("02", True), ("11", False)]
    assert summary.counts == {"facility": 1, "non-facility": 1}
    assert summary.faults == {"neither facility nor non-facility": 1}
    assert summary.mended == {"code": 1}


# ---- changes to the pair edits ------------------------------------------------------------------

HEADER = '"Own notice, copyright 2025 nobody"\t\t\r\nColumn 1\tColumn 2\t"Modifier\r\nIndicator"\r\n'


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("2026q3-additions.txt", "added"),
        ("2026q3-deletions.txt", "ended"),
        ("2026q3-revisions.txt", "revised"),
    ],
)
def test_the_name_tells_the_kind_of_change(write, name, change):
    member = write(name, HEADER + tabs(("W9901", "W9902", "1"), ("W9901", "W9903", "0")))
    assert list(read_changes(member)) == [
        PtpChangeRow(4, change, "W9901", "W9902", 1, None, None),
        PtpChangeRow(5, change, "W9901", "W9903", 0, None, None),
    ]
    (table,) = survey(member.path).tables
    assert (table.recognised.kind, read_all(table)[1].counts) == (Kind.PTP_CHANGES, {change: 2})


def test_the_title_tells_the_kind_of_change(write):
    member = write(
        "changes.txt",
        "PTP edit deletions\r\n" + HEADER + tabs(("W9901", "W9902", ""), ("W9901", "W9903", "1")),
    )
    assert [(row.change, row.indicator) for row in read_changes(member)] == [("ended", None), ("ended", 1)]


def test_the_worksheet_tells_the_kind_of_change(write, book):
    header = ["Column 1", "Column 2", "Modifier Indicator", "Effective Date"]
    sheets = {
        "Additions": [["Own notice"], header, ["W9901", "W9902", 1, 20260701]],
        "Deletions": [["Own notice"], header, ["W9901", "W9903", 0, ""]],
        "Notes": [["nothing"]],
    }
    assert list(read_changes(write("ptp-changes.xlsx", book(sheets)))) == [
        PtpChangeRow(3, "added", "W9901", "W9902", 1, None, dt.date(2026, 7, 1)),
        PtpChangeRow(3, "ended", "W9901", "W9903", 0, None, None),
    ]


def test_a_column_tells_the_kind_of_change(write, csv_text):
    rows = [
        ("Column 1", "Column 2", "Change", "Prior Modifier Indicator", "New Modifier Indicator"),
        ("W9901", "W9902", "Addition", "0", "1"),
        ("W9901", "W9903", "Revised", "0", "1"),
        ("W9901", "W9904", "Sometimes", "0", "1"),
        ("W9901", "W9901", "Deleted", "0", "1"),
        ("W9901", "W99", "Deleted", "0", "1"),
        ("W9901", "W9905", "Revised", "0", "2"),
    ]
    found = list(read_changes(write("ptp.csv", csv_text(rows))))
    assert found[:2] == [
        PtpChangeRow(2, "added", "W9901", "W9902", 1, 0, None),
        PtpChangeRow(3, "revised", "W9901", "W9903", 1, 0, None),
    ]
    assert [row.fault for row in found[2:]] == [
        "the change is none of added, deleted, revised",
        "a code is paired with itself",
        "column 2 is not a code",
        "the indicator is none of 0, 1, 9",
    ]


def test_a_list_that_does_not_say_what_changed(write):
    member = write("ptp.txt", HEADER + tabs(("W9901", "W9902", "1")))
    with pytest.raises(UnknownLayout, match="does not say whether its pairs were added, ended or revised"):
        list(read_changes(member))


def test_the_members_of_a_zip_are_lists_of_their_own(zipped):
    rows = HEADER + tabs(("W9901", "W9902", "1"))
    path = zipped("2026q3-practitioner-ptp-changes.zip", {"additions.txt": rows, "deletions.txt": rows})
    assert [table.member.name for table in survey(path).tables] == ["additions.txt", "deletions.txt"]
