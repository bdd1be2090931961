"""The list of telehealth services, from the file of CMS to the table of its year."""

import csv
import datetime as dt
import json

import pytest

from cptkit.edits import attach, verify
from cptkit.errors import ContradictoryFile, UnreadableFile
from cptkit.importers import Kind, Recognised, import_files
from cptkit.importers.as_edits import telehealth_service
from cptkit.importers.names import Programme
from cptkit.importers.report import Became
from cptkit.importers.rows import TelehealthRow

DAY = dt.date(2026, 3, 2)
UNREAD = "words of the licence holder"
HEADER = "HCPCS\tShort Descriptor\tLong Description\tProposed Action\n"


@pytest.fixture
def tables(tmp_path):
    return tmp_path / "tables"


def text(*rows, year=2026, title=None):
    """A list in CMS's layout, of a code and what is said of it."""
    above = f"CY {year} Final List of Medicare Telehealth Services\t\t\t\n" if title is None else title
    return above + HEADER + "".join(f"{code}\t{UNREAD}\t{UNREAD}\t{said}\n" for code, said in rows)


LIST = text(("W9901", "Maintain"), ("W9902", "Addition"))


def listed(tables, *codes, day=DAY):
    with attach(tables) as edits:
        return [edits.telehealth(code, date_of_service=day) for code in codes]


def test_a_list_becomes_the_table_of_its_year(downloads, tables):
    report = import_files([downloads.write("list.txt", LIST)], tables)
    (table,) = report.tables
    assert (table.name, table.became, table.rows_kept, table.rows_rejected) == (
        "telehealth 2026",
        Became.NEW,
        2,
        0,
    )
    assert table.counts == {"Proposed Action: Addition": 1, "Proposed Action: Maintain": 1}
    assert (table.part.year, table.part.source, table.advice) == (2026, "list.txt", "")
    assert verify(tables) == ()
    found = listed(tables, "W9901", "W9902", "W9903")
    assert [answer.row and answer.row.remark for answer in found] == [
        "Proposed Action: Maintain",
        "Proposed Action: Addition",
        None,
    ]
    assert {(answer.file, answer.not_checked) for answer in found} == {("list.txt", "")}
    assert not any(UNREAD.encode() in file.read_bytes() for file in tables.iterdir())
    again = import_files([downloads.write("list.txt", LIST)], tables)
    assert [table.became for table in again.tables] == [Became.UNCHANGED]
    assert again.digest == report.digest


def test_lists_of_several_years_in_one_import(downloads, tables):
    older = downloads.write("older.txt", text(("W9903", "Maintain"), year=2025))
    report = import_files([downloads.write("list.txt", LIST), older], tables)
    assert sorted(table.name for table in report.tables) == ["telehealth 2025", "telehealth 2026"]
    assert [answer.is_listed for answer in listed(tables, "W9901", "W9903")] == [True, False]
    last = dt.date(2025, 12, 31)
    assert [answer.is_listed for answer in listed(tables, "W9901", "W9903", day=last)] == [False, True]


def test_two_lists_of_one_year_are_one_too_many(downloads, tables):
    other = downloads.write("other.txt", text(("W9903", "Maintain")))
    with pytest.raises(
        ContradictoryFile, match=r"two files for one table \(telehealth list, medicare, 2026\)"
    ):
        import_files([downloads.write("list.txt", LIST), other], tables)
    assert not tables.exists()


def test_a_newer_list_of_the_year_takes_its_place(downloads, tables):
    import_files([downloads.write("list.txt", LIST)], tables)
    report = import_files([downloads.write("newer.txt", text(("W9903", "Addition")))], tables)
    assert [table.became for table in report.tables] == [Became.REPLACED]
    assert [answer.is_listed for answer in listed(tables, "W9901", "W9903")] == [False, True]


@pytest.mark.parametrize(
    ("row", "lost", "silent"),
    [
        ("W9903\tx\tx\t" + "long " * 120, "W9903", ""),
        ("W9901\tx\tx\tMaintain", "W9901", ""),
        ("w9903\tx\tx\t" + "long " * 120, "W9903", ""),
        ("W99O3\tx\tx\tMaintain", "W99O3", "a row of the list of 2026 was rejected"),
        ("W9903-W9905\tx\tx\tMaintain", None, "a row of the list of 2026 was rejected"),
        ("see note\tx\tx\tMaintain", None, "a row of the list of 2026 was rejected"),
    ],
)
def test_rejected_rows(downloads, tables, row, lost, silent):
    """Where the code of a row is not sure, no code is said not to be on the list."""
    report = import_files([downloads.write("list.txt", LIST + row + "\n")], tables)
    (table,) = report.tables
    assert (table.rows_kept, table.rows_rejected) == (2, 1)
    assert table.part.rejected == ((lost,) if lost else ())
    kept, other = listed(tables, "W9901", "W9909")
    assert (kept.is_listed, kept.not_checked) == (True, "")
    assert other.not_checked.startswith(silent)
    assert bool(other.not_checked) is bool(silent)
    if lost == "W9903":
        (answer,) = listed(tables, lost)
        assert answer.not_checked == "a row of W9903 was rejected when the table was imported"


def test_of_other_tables_the_code_of_a_rejected_row_is_read_as_before(downloads, tables):
    import_files([downloads.limits(rows=["W9901,1,1 Line Edit,x", "W9903,8.9,1,x"])], tables)
    with attach(tables) as edits:
        assert [part.rejected for part in edits.parts] == [("W9903",)]


# ---- its year ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["list.txt", "telehealth.txt"])
def test_a_list_without_a_year_is_refused_until_someone_says_it(downloads, tables, name):
    path = downloads.write(name, text(("W9901", "Maintain"), title=""))
    with pytest.raises(
        UnreadableFile, match=r"the year stands neither in the file nor in its name: say it; .*--quarter"
    ):
        import_files([path], tables)
    for quarter in ("2026q1", "2026q4"):
        report = import_files([path], tables, quarter=quarter)
        assert [table.name for table in report.tables] == ["telehealth 2026"]


def test_what_is_said_of_the_year_must_agree(downloads, tables):
    path = downloads.write("list.txt", LIST)
    with pytest.raises(
        ContradictoryFile, match="whose year is this? its content says 2026, you say 2025".replace("?", r"\?")
    ):
        import_files([path], tables, quarter="2025q1")
    assert import_files([path], tables, quarter="2026q2").rows_kept == 2
    named = downloads.write("cy2025_telehealth.txt", text(("W9901", "Maintain"), title=""))
    assert [table.name for table in import_files([named], tables).tables] == ["telehealth 2025"]


def test_a_list_of_medicaid_is_counted(downloads, tables):
    report = import_files([downloads.write("medicaid_list.txt", LIST)], tables)
    assert [(table.became, table.part) for table in report.tables] == [(Became.COUNTED, None)]
    row = TelehealthRow(3, "W9901", ())
    with pytest.raises(ContradictoryFile, match="does not go into Medicare's"):
        telehealth_service(row, Recognised(Kind.TELEHEALTH, Programme.MEDICAID, year=2026), "list.txt")
    with pytest.raises(UnreadableFile, match="a telehealth list has a year"):
        telehealth_service(row, Recognised(Kind.TELEHEALTH), "list.txt")
    made = telehealth_service(row, Recognised(Kind.TELEHEALTH, year=2026), "list.txt")
    assert (made.code, made.remark, made.year, made.file) == ("W9901", "", 2026, "list.txt")


# ---- at the command line -----------------------------------------------------------------------


def test_import_list_show_and_verify(downloads, tables, call):
    answer = call("import", downloads.write("list.txt", LIST), "--into", tables)
    assert (answer.status, answer.err) == (0, "")
    assert "telehealth 2026" in answer.out
    assert "Proposed Action: Addition: 1, Proposed Action: Maintain: 1" in answer.out
    assert "telehealth 2026: 2 rows" in call("edits", "list", tables).out
    (part,) = json.loads(call("edits", "list", tables, "--format", "json").out)["parts"]
    assert (part["part"], part["quarter"], part["year"]) == ("telehealth 2026", None, 2026)
    (row,) = csv.DictReader(call("edits", "list", tables, "--format", "csv").out.splitlines())
    assert (row["part"], row["quarter"], row["year"]) == ("telehealth 2026", "", "2026")
    assert "telehealth 2026: 2 rows" in call("edits", "show", tables, "telehealth 2026").out
    assert call("edits", "verify", tables).status == 0


@pytest.mark.parametrize(
    ("code", "day", "shown", "row"),
    [
        (
            "W9901",
            "2026-12-31",
            "  2026: Proposed Action: Maintain\n  list.txt\n",
            "Proposed Action: Maintain",
        ),
        ("W9902", "2026-01-01", "  2026: is on it\n  list.txt\n", ""),
        ("W9903", "2026-03-02", "  2026: is not on it\n  list.txt\n", None),
        (
            "W9901",
            "2027-01-01",
            "  NOT CHECKED: no list of telehealth services for 2027; there are 2026\n",
            None,
        ),
    ],
)
def test_a_code_is_shown(downloads, tables, call, code, day, shown, row):
    import_files([downloads.write("list.txt", text(("W9901", "Maintain"), ("W9902", "")))], tables)
    out = call("edits", "show", tables, code, "--on", day).out
    assert out.endswith("telehealth list\n" + shown)
    told = json.loads(call("edits", "show", tables, code, "--on", day, "--format", "json").out)["telehealth"]
    assert told["year"] == int(day[:4])
    assert bool(told["not_checked"]) is ("NOT CHECKED" in shown)
    assert (told["row"] and told["row"]["remark"]) == row


# ---- as published ------------------------------------------------------------------------------


def test_the_excerpt_as_published(real_data, tables):
    import_files([real_data / "excerpts-2026" / "cy2026_telehealth_list.excerpt.redacted.txt"], tables)
    with attach(tables) as edits:
        (part,) = edits.parts
        assert (part.name, part.rows, part.rejected, dict(part.counts)) == ("telehealth 2026", 58, (), {})
        first, last = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
        for day in (first, last):
            rows = [edits.telehealth(code, date_of_service=day).row for code in ("90834", "90849")]
            assert [row.remark for row in rows] == ["Proposed Action: Maintain", "Proposed Action: Addition"]
            assert [row.counts for row in rows] == [True, True]
        assert not edits.telehealth("90834", date_of_service=dt.date(2025, 12, 31)).is_checked
        assert b"REDACTED" not in (tables / part.file).read_bytes()
