"""The list of telehealth services: a table for a calendar year, whose silence about a code is an answer."""

import datetime as dt
import json

import pytest

from cptkit.edits import Origin, Quarter, TelehealthService, Writer, attach, verify
from cptkit.edits.manifest import Part, digest_of, manifest_bytes, read_manifest
from cptkit.edits.telling import row_dict
from cptkit.errors import BrokenEdits, InvalidCode, InvalidDate, InvalidQuarter

DAY = dt.date(2026, 3, 2)
DIGEST = "sha256:" + 64 * "0"
ORIGIN = Origin("list.txt", "list.zip", DIGEST, 2)


def service(code, remark="", year=2026):
    return TelehealthService(code, remark, year, "list.txt")


@pytest.fixture
def put(tmp_path):
    """Writes lists, given as codes or rows by year, and tells their folder."""

    def written(rejected=(), **lists):
        with Writer(tmp_path) as writer:
            for year, rows in lists.items():
                number = int(year.removeprefix("y"))
                made = [service(row, year=number) if isinstance(row, str) else row for row in rows]
                writer.put_telehealth(made, number, [ORIGIN], rejected=rejected)
            writer.commit()
        return tmp_path

    return written


def test_a_list_says_which_codes_stand_on_it(put):
    row = service("W9901", "Proposed Action: Maintain")
    with attach(put(y2026=[row, "W9902"])) as edits:
        for code in ("W9901", " w9901"):
            answer = edits.telehealth(code, date_of_service=DAY)
            assert (answer.code, answer.row, answer.is_listed) == ("W9901", row, True)
            assert (answer.year, answer.file, answer.not_checked) == (2026, "list.txt", "")
        again = edits.telehealth("W9901", date_of_service=dt.date(2026, 12, 31))
        assert again.row is edits.telehealth("W9901", date_of_service=DAY).row  # the list is read once
        assert edits.telehealth("W9902", date_of_service=DAY).row.remark == ""
        answer = edits.telehealth(" w9903", date_of_service=DAY)
    assert (answer.code, answer.row, answer.is_listed, answer.is_checked) == ("W9903", None, False, True)
    assert (answer.year, answer.file) == (2026, "list.txt")


@pytest.mark.parametrize(
    ("day", "year", "listed", "reason"),
    [
        ("2024-12-31", 2024, None, "no list of telehealth services for 2024; there are 2025, 2026"),
        ("2025-01-01", 2025, "W9901", ""),
        ("2025-12-30", 2025, "W9901", ""),
        ("2025-12-31", 2025, "W9901", ""),
        ("2026-01-01", 2026, "W9902", ""),
        ("2026-01-02", 2026, "W9902", ""),
        ("2026-12-31", 2026, "W9902", ""),
        ("2027-01-01", 2027, None, "no list of telehealth services for 2027; there are 2025, 2026"),
    ],
)
def test_a_list_holds_for_its_calendar_year(put, day, year, listed, reason):
    with attach(put(y2026=["W9902"], y2025=["W9901"])) as edits:
        answers = [
            edits.telehealth(code, date_of_service=dt.date.fromisoformat(day)) for code in ("W9901", "w9902")
        ]
        assert [answer.code for answer in answers] == ["W9901", "W9902"]
        assert [answer.code for answer in answers if answer.is_listed] == ([listed] if listed else [])
        assert {(answer.year, answer.not_checked) for answer in answers} == {(year, reason)}
        assert {answer.file for answer in answers} == {"list.txt" if listed else ""}
        assert {answer.row.year for answer in answers if answer.row} == ({year} if listed else set())


def test_without_any_list(put):
    with attach(put()) as edits:
        reason = "no list of telehealth services for 2026; there are none"
        assert edits.telehealth("W9901", date_of_service=DAY).not_checked == reason


def test_what_is_no_code_or_no_day_is_refused(put):
    with attach(put(y2026=["W9901"])) as edits:
        for day in (DAY, dt.date(2027, 1, 1)):
            with pytest.raises(InvalidCode):
                edits.telehealth("W99", date_of_service=day)
        for wrong in ("2026-03-02", dt.datetime(2026, 3, 2, tzinfo=dt.UTC), None):
            with pytest.raises(InvalidDate):
                edits.telehealth("W9901", date_of_service=wrong)


@pytest.mark.parametrize(
    ("rejected", "silent", "reason"),
    [
        ([], "W9903", ""),
        (["W9903"], "W9904", ""),
        (["W9903"], "w9903", "a row of W9903 was rejected when the table was imported"),
        (["W9903", "W9904"], "W9905", ""),
        (
            [""],
            "W9903",
            "a row of the list of 2026 was rejected when it was imported, and its code could not be read",
        ),
        (
            ["W9903", ""],
            "W9904",
            "a row of the list of 2026 was rejected when it was imported, and its code could not be read",
        ),
        (
            ["W99O3", "9083O"],
            "W9904",
            "a row of the list of 2026 was rejected when it was imported, and its code could not be read",
        ),
    ],
)
def test_what_a_rejected_row_may_have_said_is_not_checked(put, rejected, silent, reason):
    """W99O3 has five characters and is no code: which code it was meant to be nobody knows."""
    with attach(put(rejected, y2026=["W9901"])) as edits:
        assert edits.telehealth(silent, date_of_service=DAY).not_checked == reason
        listed = edits.telehealth("W9901", date_of_service=DAY)
        assert (listed.is_listed, listed.not_checked) == (True, "")


def test_a_code_that_stands_there_is_listed_though_another_row_of_it_was_rejected(put):
    with attach(put(["W9901"], y2026=["W9901"])) as edits:
        for code in ("W9901", "w9901"):
            answer = edits.telehealth(code, date_of_service=DAY)
            assert (answer.is_listed, answer.not_checked) == (True, "")


# ---- the folder --------------------------------------------------------------------------------


def test_its_part(put):
    folder = put(["W9909", ""], y2026=[service("W9902", "Status:  own\nwords"), "W9901"], y2025=["W9901"])
    older, part = read_manifest(folder).parts()
    assert (part.name, part.table, part.year, part.rows) == ("telehealth 2026", "telehealth", 2026, 2)
    assert (part.setting, part.release, part.first_day, part.qpp, part.marks) == (
        None,
        None,
        None,
        False,
        None,
    )
    assert (part.quarter, part.starts, part.source) == (Quarter(2026, 1), dt.date(2026, 1, 1), "list.txt")
    assert (part.rejected, part.counts, part.origins) == (("W9909",), {"rejected": 2}, (ORIGIN,))
    assert older.name == "telehealth 2025"
    assert part.file.startswith("telehealth-2026-")
    data = (folder / part.file).read_bytes()
    assert data == b"code\tremark\nW9901\t\nW9902\tStatus: own words\n"
    assert digest_of(data) == part.digest
    entry = json.loads((folder / "manifest.json").read_bytes())["parts"][1]
    assert (entry["table"], entry["year"]) == ("telehealth", 2026)
    assert not {"quarter", "setting", "release"} & set(entry)
    assert verify(folder) == ()
    with attach(folder, digest=read_manifest(folder).digest) as edits:
        assert edits.parts == (older, part)
        assert edits.quarters("telehealth") == (Quarter(2025, 1), Quarter(2026, 1))


def test_of_a_table_of_a_quarter_there_is_no_year():
    assert Part("addons", None, Quarter(2026, 1), "addons-0.tsv", DIGEST, 3).year is None


def test_it_stands_behind_the_other_tables(put, kit):
    with Writer(put(y2026=["W9901"])) as writer:
        writer.put_pfs([kit.pfs("W9901")], "24C", dt.date(2024, 7, 1), [])
        assert [part.name for part in writer.parts] == ["pfs 24C", "telehealth 2026"]


def test_a_list_takes_the_place_of_that_of_its_year(put):
    first = read_manifest(put(y2026=["W9901"], y2025=["W9901"]))
    same = read_manifest(put(y2026=["W9901"]))
    assert same.digest == first.digest
    folder = put(y2026=["W9902"])
    assert [part.name for part in read_manifest(folder).parts()] == ["telehealth 2025", "telehealth 2026"]
    with attach(folder) as edits:
        assert not edits.telehealth("W9901", date_of_service=DAY).is_listed
        assert edits.telehealth("W9901", date_of_service=dt.date(2025, 3, 2)).is_listed
    old = first.part("telehealth 2026").file
    put(y2024=["W9901"])  # files of the manifest before the last one are gone with the next write
    assert not (folder / old).exists()
    with Writer(folder) as writer:
        writer.drop("telehealth 2025")
        writer.commit()
    assert [part.year for part in read_manifest(folder).parts()] == [2024, 2026]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "there are no rows to put in place: 'telehealth 2026'"),
        ([service("W9901", "one"), service("W9901", "other")], "two rows for one code: 'W9901'"),
        ([service("W99")], "not a code that a table can hold: 'W99'"),
    ],
)
def test_what_cannot_be_put(tmp_path, rows, message):
    with Writer(tmp_path) as writer, pytest.raises(BrokenEdits, match=message):
        writer.put_telehealth(rows, 2026, [])


def test_the_part_that_was_put_is_the_one_that_is_read(tmp_path):
    with Writer(tmp_path) as writer:
        put = writer.put_telehealth([service("W9901")], 2026, [ORIGIN], rejected=["W9902"])
        writer.commit()
    assert read_manifest(tmp_path).parts() == (put,)


def test_a_year_is_one(tmp_path):
    with Writer(tmp_path) as writer, pytest.raises(InvalidQuarter):
        writer.put_telehealth([service("W9901")], 0, [])


@pytest.mark.parametrize("part_of", ["telehealth", "addons"])
@pytest.mark.parametrize(
    "changes",
    [
        {"year": "2026"},
        {"year": 0},
        {"year": True},
        {"year": None},
        {"year": 10_000},
        {"year": 2026.0},
        {"year": 2027},
    ],
)
def test_a_manifest_with_a_wrong_year_is_refused(part_of, changes, put):
    folder = put(y2026=["W9901"])
    if part_of == "addons":  # which has no year
        with Writer(folder) as writer:
            (part,) = writer.parts
        name = part.file.replace("telehealth-2026", "addons-2026q1")
        (folder / part.file).rename(folder / name)
        manifest = read_manifest(folder)
        changed = Part("addons", None, part.quarter, name, part.digest, part.rows)
        (folder / "manifest.json").write_bytes(manifest_bytes([changed], {name: manifest.files[part.file]}))
        assert [each.name for each in read_manifest(folder).parts()] == ["addons 2026q1"]
    value = json.loads((folder / "manifest.json").read_bytes())
    value["parts"][0] |= changes
    (folder / "manifest.json").write_text(json.dumps(value))
    if part_of == "telehealth" and changes == {"year": 2027}:  # a list of another year, whole as it is
        assert [part.name for part in read_manifest(folder).parts()] == ["telehealth 2027"]
    else:
        with pytest.raises(BrokenEdits, match="the manifest is damaged"):
            read_manifest(folder).parts()


def test_a_list_has_no_quarter_and_a_table_of_a_quarter_needs_one(put):
    folder = put(y2026=["W9901"])
    value = json.loads((folder / "manifest.json").read_bytes())
    value["parts"][0]["quarter"] = "2026q1"
    (folder / "manifest.json").write_text(json.dumps(value))
    with pytest.raises(BrokenEdits, match="has another name"):
        read_manifest(folder).parts()
    del value["parts"][0]["quarter"], value["parts"][0]["year"]
    (folder / "manifest.json").write_text(json.dumps(value))
    with pytest.raises(BrokenEdits, match="the manifest is damaged: 'year'"):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"code\tnote\nW9901\t\n", "the table has other columns"),
        (b"code\tremark\nW9901\n", "a row is damaged"),
        (b"code\tremark\nW9902\t\nW9901\t\n", "the rows are not in order"),
    ],
)
def test_what_is_damaged_is_told(put, data, message):
    folder = put(y2026=["W9901"])
    (part,) = read_manifest(folder).parts()
    (folder / part.file).write_bytes(data)
    assert any("was changed" in problem for problem in verify(folder))
    value = json.loads((folder / "manifest.json").read_bytes())
    value["files"][part.file] = {"digest": digest_of(data), "bytes": len(data)}
    value["parts"][0]["digest"] = digest_of(data)
    (folder / "manifest.json").write_text(json.dumps(value))
    problems = verify(folder)
    assert any(message in problem for problem in problems)
    assert all(problem.startswith("telehealth 2026: ") for problem in problems)


# ---- its rows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remark", "counts"),
    [
        ("", True),
        ("Proposed Action: Maintain", True),
        ("Proposed Action: ADDITION", True),
        ("Status: Provisional; Audio Only: No", True),
        ("Status: Permanent", True),
        ("Limits: Non-covered service", True),
        ("Note: recommended, nothing pending, throughout, untilled", True),
        ("Proposed Action: REMOVE", None),
        ("Proposed Action: Removal", None),
        ("Status: Deleted", None),
        ("Status: discontinued", None),
        ("Status: Expires", None),
        ("Status: Ends with the year", None),
        ("Status: No longer on the list", None),
        ("Status: not covered", None),
        ("Status: Through December", None),
        ("Status: available until then", None),
        ("Status: Effective July", None),
        ("Status: Added 7/1/26", None),
    ],
)
def test_a_remark_that_takes_something_back_is_not_read(remark, counts):
    assert service("W9901", remark).counts is counts


def test_a_row_as_text_and_as_json():
    row = service("W9901", "Status: Provisional")
    assert str(row) == "W9901 (Status: Provisional; telehealth list of 2026)"
    assert str(service("W9901")) == "W9901 (telehealth list of 2026)"
    told = {
        "table": "telehealth",
        "code": "W9901",
        "remark": "Status: Provisional",
        "year": 2026,
        "file": "list.txt",
    }
    assert row_dict(row) == told
