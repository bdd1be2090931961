"""From downloads to tables: all of it in one step, or nothing; every row kept or named."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from cptkit.edits import Origin, Quarter, Setting, Writer, attach, verify
from cptkit.errors import ContradictoryFile, CptkitError, UnreadableFile
from cptkit.importers import Became, digest_of, import_files
from cptkit.importers.loading import _copy_tables
from cptkit.importers.opening import Member
from cptkit.importers.watching import Watched

DAY = dt.date(2024, 8, 1)


@pytest.fixture
def tables(tmp_path):
    return tmp_path / "a" / "tables"


def content(folder):
    """Every file of a folder, without the empty lock."""
    if not folder.exists():
        return None
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def by_name(report):
    return {table.name: table for table in report.tables}


# ---- what is put in place ----------------------------------------------------------------------


def test_a_quarter_of_everything(downloads, tables):
    report = import_files(downloads.everything(), tables)
    found = by_name(report)
    assert list(found) == [
        "ptp practitioner 2024q3",
        "mue dme 2024q3",
        "mue practitioner 2024q3",
        "addons 2024q3",
        "pfs 24C",
    ]
    assert {table.became for table in report.tables} == {Became.NEW}
    assert (report.rows_read, report.rows_kept, report.rows_rejected) == (13, 13, 0)
    pairs = found["ptp practitioner 2024q3"]
    assert pairs.counts == {"pairs": 6, "open": 4, "indicator 0": 3, "indicator 1": 2, "indicator 9": 1}
    assert (pairs.first_day, pairs.last_day) == (dt.date(1996, 1, 1), dt.date(2024, 4, 1))
    assert [file.rows_kept for file in pairs.files] == [2, 1, 2, 1]
    assert found["mue dme 2024q3"].counts == {"MAI 1": 1, "MAI 3": 1, "limit of zero": 1}
    addons = found["addons 2024q3"]
    assert addons.counts == {"primary decided by the contractor": 1, "type 1": 1, "type 2": 1}
    assert (addons.first_day, addons.last_day) == (dt.date(2013, 1, 1), dt.date(2018, 1, 1))
    assert found["pfs 24C"].counts == {"status A": 1}
    assert (report.before, report.skipped, report.dry_run) == (None, (), False)
    assert verify(tables) == ()


def test_what_was_put_answers(downloads, tables):
    report = import_files(downloads.everything(), tables)
    with attach(tables, digest=report.digest) as edits:
        edit = edits.ptp("W9904", "W9902", date_of_service=DAY, setting="practitioner").edit
        assert (edit.column1, edit.indicator, edit.rationale) == ("W9902", 0, "own words")
        assert edit.file == "ccipra-v302r0-f2.TXT"
        assert edits.mue("W9902", date_of_service=DAY, setting="dme").mue.value == 0
        assert edits.addon("W9911", date_of_service=DAY).primaries == ("W9901",)
        assert edits.pfs("W9901", "26", date_of_service=DAY).row.global_days == "010"
        (part,) = [part for part in edits.parts if part.name == "mue practitioner 2024q3"]
    path = downloads.folder / "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv"
    assert part.origins == (Origin(path.name, None, digest_of(path), 2),)


def test_the_origins_of_parts_are_the_zips(downloads, tables):
    files = downloads.pairs()
    import_files(files, tables)
    with attach(tables) as edits:
        (part,) = edits.parts
    assert [(o.archive, o.digest, o.rows) for o in part.origins] == [
        (path.name, digest_of(path), rows) for path, rows in zip(files, (2, 1, 2, 1), strict=True)
    ]
    assert (part.origins[2].first, part.origins[2].last) == ("W9905W9901", "W9905W9906")


def test_the_same_again_changes_nothing(downloads, tables):
    files = downloads.everything()
    first = import_files(files, tables)
    before = content(tables)
    again = import_files(files, tables)
    assert {table.became for table in again.tables} == {Became.UNCHANGED}
    assert (again.before, again.digest) == (first.digest, first.digest)
    assert content(tables) == before


def test_another_quarter_stands_beside_the_first(downloads, tables):
    one = import_files(downloads.everything("2024q3"), tables)
    two = import_files(downloads.everything("2024q2"), tables)
    assert two.before == one.digest != two.digest
    with attach(tables) as edits:
        assert edits.quarters("ptp") == edits.quarters("addons") == (Quarter(2024, 2), Quarter(2024, 3))
    both = import_files([downloads.folder], tables.parent / "both")
    assert both.digest == two.digest


def test_a_quarter_is_replaced(downloads, tables):
    import_files(downloads.everything(), tables)
    downloads.limits(rows=["W9901,5,1 Line Edit,own words"])
    report = import_files([downloads.folder], tables)
    became = {name: table.became for name, table in by_name(report).items()}
    assert became.pop("mue practitioner 2024q3") is Became.REPLACED
    assert set(became.values()) == {Became.UNCHANGED}
    with attach(tables) as edits:
        assert edits.mue("W9901", date_of_service=DAY, setting="practitioner").mue.value == 5
        assert not edits.mue("W9902", date_of_service=DAY, setting="practitioner").is_published


def test_rows_that_come_twice_are_counted(downloads, tables):
    parts = [
        ["W9901\tW9902\t\t20200101\t*\t1\town"] * 2,
        *[[f"W991{n}\tW9902\t\t20200101\t*\t1\town"] for n in "345"],
    ]
    (table,) = import_files(downloads.pairs(parts=parts), tables).tables
    assert (table.rows_kept, table.part.rows, table.counts["repeated"]) == (5, 4, 1)


def test_rejected_rows_are_named_and_the_others_stay(downloads, tables):
    parts = [["W9901\tW9902\t\t20200101\t*\t1\town", "W99O1\tW9902\t\t20200101\t*\t1\town"]]
    parts += [[f"W991{n}\tW9902\t\t20200101\t*\t1\town"] for n in "345"]
    limits = downloads.limits(rows=["W9901,1,1 Line Edit,x", "W9901,2,1 Line Edit,x", "W9902,8.9,1,x"])
    report = import_files([*downloads.pairs(parts=parts), limits], tables)
    pairs, mue = report.tables
    assert (pairs.rows_read, pairs.rows_kept, pairs.rows_rejected) == (5, 4, 1)
    assert [(file, row.line_number) for file, row in pairs.rejected] == [
        ("medicare-ncci-2024q3-practitioner-ptp-edits-ccipra-v302r0-f1.zip: ccipra-v302r0-f1.TXT", 8)
    ]
    assert (mue.rows_read, mue.rows_kept, mue.rows_rejected) == (3, 1, 2)
    assert mue.faults == {"the code comes twice": 1, "the value is not a whole number": 1}
    assert report.rows_read == report.rows_kept + report.rows_rejected == 8
    assert (pairs.part.counts["rejected"], pairs.counts.get("rejected")) == (1, None)
    assert (mue.part.counts, mue.part.rejected) == ({"rejected": 2}, ("W9901", "W9902"))
    with attach(tables) as edits:
        asked = {"date_of_service": DAY, "setting": mue.part.setting}
        assert edits.mue("W9901", **asked).mue.value == 1
        told = "a row of W9902 was rejected when the table was imported"
        assert edits.mue("W9902", **asked).not_checked == told
        assert edits.mue("W9903", **asked).not_checked == ""
    assert verify(tables) == ()
    assert import_files([*downloads.pairs(parts=parts), limits], tables).digest == report.digest


def test_a_report_as_plain_values(downloads, tables):
    report = import_files([*downloads.everything(), downloads.limits()], tables)
    plain = report.to_dict()
    assert plain["rows_read"] == 13
    assert [table["became"] for table in plain["tables"]] == ["new"] * 5
    assert plain["tables"][0]["files"][0]["rows_kept"] == 2
    assert plain["tables"][0]["first_day"] == "1996-01-01"
    assert plain["skipped"] == [
        {
            "file": "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv",
            "reason": "the file is named twice",
        }
    ]


# ---- what has no place -------------------------------------------------------------------------


def others(downloads):
    """Files of every kind that no edit table holds."""
    return [
        downloads.write("pos.csv", "Place of Service Code(s),Place of Service Name\n97,own words\n"),
        downloads.write("2024q3-additions.txt", "Column 1\tColumn 2\tModifier Indicator\nW9901\tW9902\t1\n"),
        downloads.write("LONGULT.txt", "notice\n\n0001F\town words\n"),
        downloads.write("list.txt", "Concept Id\tCPT Code\tLong\n1\t0001F\tx\n"),
        downloads.write(
            "HCPC2024_JUL_ANWEB.txt",
            "W9901001003" + "own words".ljust(80) + "short".ljust(177) + "20240101".ljust(24) + "N\r\n",
        ),
        downloads.write(
            "medicaid-ncci-2024q3-practitioner-ptp-edits.txt",
            downloads.pair_text(["W9901\tW9902\t\t20200101\t*\t1\town"]),
        ),
    ]


def test_what_no_table_holds_is_read_counted_and_told(downloads, tables):
    report = import_files(others(downloads), tables)
    assert [(table.name, table.rows_kept) for table in report.tables] == [
        ("pair edits (PTP) medicaid practitioner 2024q3", 1),
        ("changes to the pair edits (PTP)", 1),
        ("HCPCS Level II 2024q3", 1),
        ("places of service", 1),
        ("consolidated code list of the AMA", 1),
        ("CPT descriptions of the AMA", 1),
    ]
    for table in report.tables:
        assert table.became is Became.COUNTED
        assert table.part is None
        assert table.advice
    assert "do not go into the tables of Medicare" in report.tables[0].advice
    assert "codeset build --from-file" in report.tables[2].advice
    assert (report.digest, report.before) == (None, None)
    assert not tables.parent.exists()


def test_beside_tables_they_change_nothing(downloads, tables):
    one = import_files(downloads.everything(), tables)
    two = import_files([*downloads.everything(), *others(downloads)], tables.parent / "other")
    assert one.digest == two.digest
    three = import_files(others(downloads), tables)
    assert (three.before, three.digest) == (one.digest, one.digest)


# ---- relative values ---------------------------------------------------------------------------


def test_a_revised_release_has_a_day_of_its_own(downloads, tables):
    revised = downloads.fees("24AR")
    with pytest.raises(UnreadableFile, match="a revised release may hold from a day within its quarter"):
        import_files([revised], tables)
    assert not tables.exists()
    report = import_files([revised, downloads.fees("24A")], tables, first_day=dt.date(2024, 3, 9))
    starts = {table.part.release: table.part.first_day for table in report.tables}
    assert starts == {"24A": dt.date(2024, 1, 1), "24AR": dt.date(2024, 3, 9)}
    with attach(tables) as edits:
        asked = [dt.date(2024, 3, 8), dt.date(2024, 3, 9)]
        assert [edits.pfs("W9901", date_of_service=day).release for day in asked] == ["24A", "24AR"]


@pytest.mark.parametrize(
    ("releases", "day", "words"),
    [
        (["24AR"], dt.date(2024, 4, 1), "the first day of 24AR is not in its quarter"),
        (["24A"], dt.date(2024, 3, 9), "a first day is that of one revised release"),
        (["24AR", "24BR"], dt.date(2024, 3, 9), "a first day is that of one revised release"),
    ],
)
def test_a_first_day_that_cannot_be(downloads, tables, releases, day, words):
    with pytest.raises(ContradictoryFile, match=words):
        import_files(map(downloads.fees, releases), tables, first_day=day)
    assert not tables.exists()


# ---- a dry run ---------------------------------------------------------------------------------


def test_a_dry_run_tells_the_same_and_writes_nothing(downloads, tables, tmp_path):
    files = downloads.everything()
    there = sorted(tmp_path.rglob("*"))
    dry = import_files(files, tables, dry_run=True)
    assert sorted(tmp_path.rglob("*")) == there
    real = import_files(files, tables)
    assert dry.to_dict() == {**real.to_dict(), "dry_run": True}


def test_a_dry_run_over_tables_that_are_there(downloads, tables):
    import_files(downloads.everything("2024q2"), tables)
    before, names = content(tables), sorted(path.name for path in tables.iterdir())
    files = downloads.everything("2024q3")
    dry = import_files(files, tables, dry_run=True)
    assert content(tables) == before
    assert sorted(path.name for path in tables.iterdir()) == names
    assert dry.digest == import_files(files, tables).digest


def test_a_dry_run_while_another_writes(downloads, tables):
    import_files(downloads.everything("2024q2"), tables)
    with Writer(tables):
        assert import_files(downloads.everything("2024q3"), tables, dry_run=True).rows_kept == 13


def test_a_dry_run_names_the_folder_and_not_its_copy(downloads, tables):
    import_files(downloads.everything("2024q2"), tables)
    (pairs,) = tables.glob("*.bin")
    pairs.write_bytes(pairs.read_bytes() + b"x")
    with pytest.raises(CptkitError, match="holds all their quarters: 'ptp practitioner 2024q2'") as caught:
        import_files(downloads.everything("2024q3"), tables, dry_run=True)
    assert caught.value.where == str(tables)


def test_a_copy_of_tables_whose_files_are_gone_is_what_is_left(downloads, tables, tmp_path):
    import_files(downloads.everything(), tables)
    for path in tables.glob("mue-*"):
        path.unlink()
    (tmp_path / "copy").mkdir()
    _copy_tables(tables, tmp_path / "copy")
    assert not list((tmp_path / "copy").glob("mue-*"))
    assert (tmp_path / "copy" / "manifest.json").read_bytes() == (tables / "manifest.json").read_bytes()


# ---- progress ----------------------------------------------------------------------------------


def test_progress_goes_forward_to_the_end(downloads, tables):
    steps = []
    import_files(downloads.everything(), tables, progress=lambda *step: steps.append(step))
    done = [done for _, done, _ in steps]
    assert done == sorted(done)
    assert len({total for *_, total in steps}) == 1
    assert steps[-1] == ("writing", done[-1], done[-1])
    assert list(dict.fromkeys(what for what, *_ in steps)) == [
        "reading ptp practitioner 2024q3",
        "sorting ptp practitioner 2024q3",
        "reading mue dme 2024q3",
        "reading mue practitioner 2024q3",
        "reading addons 2024q3",
        "reading pfs 24C",
        "writing",
    ]


def test_a_watched_member_is_the_member(downloads):
    path = downloads.limits()
    member = Member(path.name, None, path.stat().st_size, path)
    told = []
    watched = Watched.of(member, told.append)
    assert watched.shown == member.shown
    with watched.open() as stream:
        assert stream.read() == path.read_bytes()
    assert told[-1] == member.size
    assert watched.head() == member.head()
    with watched.small() as stream:
        assert stream.readline() == b'"An invented notice\n'


def test_parts_as_workbooks_are_the_same_table(downloads, tables, book):
    files = downloads.pairs()
    texts = import_files(files, tables)
    above = [["Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier", "Rationale"]]
    books = [
        downloads.write(
            f"ccipra-v302r0-f{part}.xlsx", book({"A": above + [line.split("\t") for line in lines]})
        )
        for part, lines in enumerate(downloads.parts, start=1)
    ]
    made = import_files(books, tables.parent / "books")
    assert made.tables[0].part.digest == texts.tables[0].part.digest
    both = import_files([*books, *files], tables)
    assert both.digest == texts.digest
    assert len(both.skipped) == 4


def test_settings_have_tables_of_their_own(downloads, tables):
    import_files(
        [
            *downloads.pairs(),
            *downloads.pairs(
                setting="hospital",
                parts=[
                    ["W9901\tW9977\t\t20200101\t*\t1\tx"],
                    *[[f"W992{n}\tW9977\t\t20200101\t*\t1\tx"] for n in "123"],
                ],
            ),
        ],
        tables,
    )
    with attach(tables) as edits:
        asked = {
            setting: edits.ptp("W9901", "W9977", date_of_service=DAY, setting=setting).edit is not None
            for setting in (Setting.PRACTITIONER, Setting.HOSPITAL)
        }
    assert asked == {Setting.PRACTITIONER: False, Setting.HOSPITAL: True}


def test_tables_may_be_moved(downloads, tables, tmp_path):
    digest = import_files(downloads.everything(), tables).digest
    shutil.move(tables, tmp_path / "moved")
    with attach(Path(tmp_path / "moved"), digest=digest) as edits:
        assert len(edits.parts) == 5
