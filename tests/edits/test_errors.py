"""Every error of a folder of tables, whole: its type, its words, what was given and expected, where to look."""

import datetime as dt
import json

import pytest

from cptkit.edits import Quarter, Setting, Writer, attach, verify
from cptkit.edits.held import HeldFiles, check_content, check_sizes, read_whole
from cptkit.edits.manifest import MANIFEST, TABLES, Manifest, digest_of, read_file, read_manifest
from cptkit.edits.marks import read_marks
from cptkit.errors import (
    BrokenEdits,
    DigestMismatch,
    EditsInUse,
    InvalidDate,
    InvalidQuarter,
    UnknownTable,
)

A, B = "W9901", "W9902"
Q2, Q3 = Quarter(2024, 2), Quarter(2024, 3)
DAY = dt.date(2024, 8, 1)
ASKED = {"date_of_service": DAY, "setting": "practitioner"}
NO_FILE = "No such file or directory"
LONG = b"x" * 1_234


@pytest.fixture
def folder(tmp_path, kit):
    with Writer(tmp_path) as writer:
        for setting in (Setting.PRACTITIONER, Setting.HOSPITAL):
            writer.put_pairs(kit.fill(writer.pairs(setting, Q3), [kit.says(A, B)]), [])
        writer.put_mue([kit.mue(A, 1)], Setting.PRACTITIONER, Q3, [])
        writer.put_pfs([kit.pfs(A)], "24C", dt.date(2024, 7, 1), [])
        writer.commit()
    return tmp_path


@pytest.fixture
def edits(folder):
    with attach(folder) as edits:
        yield edits


# ---- days and quarters ---------------------------------------------------------------------------

FROM_1_TO_4 = "a quarter from 1 to 4 of a year such as 2024"


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        *(
            (
                lambda year=year, number=number: Quarter(year, number),
                InvalidQuarter("no such quarter", given=f"{year}q{number}", expected=FROM_1_TO_4),
            )
            for year, number in ((2024, 0), (2024, 5), (0, 1), (10_000, 4))
        ),
        (
            lambda: Quarter.parse(" 24q3"),
            InvalidQuarter("not a quarter", given=" 24q3", expected="a quarter such as 2024q3"),
        ),
        (
            lambda: Quarter.from_version("30.2"),
            InvalidQuarter("not an NCCI version", given="30.2", expected="a version such as v302"),
        ),
        (
            lambda: Quarter(1993, 4).version,
            InvalidQuarter("no NCCI version is that old", given="1993q4"),
        ),
        (
            lambda: Quarter.of("2024"),
            InvalidDate("the date of service is not a date", given="2024", expected="a datetime.date"),
        ),
    ],
)
def test_days_and_quarters_that_are_none(kit, ask, expected):
    with kit.raises(expected):
        ask()


def test_the_first_and_the_last_quarter():
    first, last = Quarter(1, 1), Quarter(9999, 4)
    assert (first.first_day, last.last_day) == (dt.date.min, dt.date.max)
    assert (str(first), last.index) == ("0001q1", 39_999)


# ---- asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (
            lambda edits: edits.pair_table("2024q2", setting="practitioner"),
            "no pair edits of practitioner for 2024q2; there are 2024q3",
        ),
        (
            lambda edits: edits.mue_rows(setting="practitioner", quarter="2024q2"),
            "no unit limits of practitioner for 2024q2; there are 2024q3",
        ),
        (
            lambda edits: edits.mue_rows(setting="dme", quarter="2024q3"),
            "no unit limits of dme for 2024q3; there are none",
        ),
        (
            lambda edits: edits.addon_rows(A, quarter="2024q3"),
            "no add-on edits for 2024q3; there are none",
        ),
    ],
)
def test_tables_that_are_not_there(kit, folder, edits, ask, words):
    with kit.raises(UnknownTable(words, where=str(folder))):
        ask(edits)


def test_a_table_or_release_that_is_none(kit, folder, edits):
    one = f"one of {', '.join(TABLES)}"
    with kit.raises(UnknownTable("no such table", given="aoc", expected=one)):
        edits.quarters("aoc")
    with kit.raises(UnknownTable("no such release of the fee schedule", given="23A", where=str(folder))):
        edits.pfs_rows(A, release="23A")


def test_tables_that_were_closed(kit, folder, edits):
    pairs, quarter = edits.pair_table("2024q3", setting="practitioner")
    assert quarter.find(A, B, DAY).edit is not None
    edits.close()
    closed = "these edit tables were closed"
    with kit.raises(BrokenEdits(closed, where=str(folder))):
        edits.ptp(A, B, **ASKED)
    for ask in (lambda: quarter.find(A, "X9903", DAY), lambda: list(quarter.rows(A))):
        with kit.raises(BrokenEdits(closed, where=pairs.where)):
            ask()
    words = "the table is damaged, or closed: operation forbidden on released memoryview object"
    for ask in (lambda: quarter.find(A, B, DAY), lambda: quarter.among([A, B], DAY)):
        with kit.raises(BrokenEdits(words, where=pairs.where)):
            ask()


# ---- attaching -----------------------------------------------------------------------------------


def changed(folder, change):
    """Alter the manifest; where it lies."""
    value = json.loads((folder / MANIFEST).read_bytes())
    change(value)
    (folder / MANIFEST).write_text(json.dumps(value))
    return str(folder / MANIFEST)


def path_of(folder, pattern):
    (path,) = folder.glob(pattern)
    return path


def test_tables_that_are_not_those_pinned(kit, folder):
    digest = digest_of((folder / MANIFEST).read_bytes())
    message = f"the edit tables have the digest {digest}, not the one pinned"
    with kit.raises(DigestMismatch(message, given=kit.no_digest, expected=digest, where=str(folder))):
        attach(folder, digest=kit.no_digest)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"file": "ptp-none.bin"}, "'ptp-none.bin'"),
        (
            {"setting": "office"},
            "no such setting: 'office'; expected one of practitioner, hospital, dme",
        ),
    ],
)
def test_pairs_that_cannot_be_mapped(kit, folder, change, words):
    where = changed(folder, lambda value: value["parts"][0].update(change))
    with kit.raises(BrokenEdits(f"the manifest is damaged: {words}", where=where)):
        attach(folder)


def test_pairs_of_another_setting_or_quarter(kit, folder):
    path = str(path_of(folder, "ptp-hospital-*.bin"))
    changed(folder, lambda value: value["parts"][0].update(setting="dme"))
    with kit.raises(BrokenEdits("the table is not for dme, as the manifest says", where=path)):
        attach(folder)
    changed(folder, lambda value: value["parts"][0].update(setting="hospital", quarter="2025q1"))
    message = "the table does not hold ptp hospital 2025q1, as the manifest says"
    with attach(folder) as edits, kit.raises(BrokenEdits(message, where=path)):
        edits.pair_table("2025q1", setting="hospital")


@pytest.mark.parametrize("pattern", ["mue-*.tsv", "ptp-hospital-*.marks"])
def test_files_that_are_missing_or_of_another_size(kit, folder, pattern):
    digest = attach(folder).digest
    path = path_of(folder, pattern)
    size = path.stat().st_size
    path.write_bytes(LONG)
    message = f"{path.name} has 1,234 bytes, the manifest says {size}"
    with kit.raises(BrokenEdits(message, where=str(folder))):
        attach(folder)
    path.write_bytes(LONG[:size])
    found, was = digest_of(LONG[:size]), read_manifest(folder).files[path.name][0]
    message = f"{path.name} was changed: its digest is {found}, the manifest says {was}"
    with kit.raises(BrokenEdits(message, where=str(folder))):
        attach(folder, digest=digest)
    path.unlink()
    with kit.raises(
        BrokenEdits(f"the edit tables have no readable {path.name}: {NO_FILE}", where=str(folder))
    ):
        attach(folder)


def test_files_that_are_read_by_themselves(kit, tmp_path):
    manifest = Manifest({}, {"a": (kit.no_digest, 0)}, "", "")
    missing = f"the edit tables have no readable a: {NO_FILE}"
    for ask in (
        lambda: HeldFiles(tmp_path, ["a"]),
        lambda: check_sizes(tmp_path, manifest, {}),
        lambda: read_whole(tmp_path, "a"),
    ):
        with kit.raises(BrokenEdits(missing, where=str(tmp_path))):
            ask()
    with kit.raises(BrokenEdits(missing, given="a", where=str(tmp_path))):
        read_file(tmp_path, "a", manifest)
    (tmp_path / "a").touch()
    empty = "the edit tables have no readable a: cannot mmap an empty file"
    with kit.raises(BrokenEdits(empty, where=str(tmp_path))):
        HeldFiles(tmp_path, ["a"])
    found = digest_of(b"")
    message = f"a was changed: its digest is {found}, the manifest says {kit.no_digest}"
    with kit.raises(BrokenEdits(message, where=str(tmp_path))):
        check_content("a", b"", manifest, tmp_path)
    told = DigestMismatch(message, given=found, expected=kit.no_digest, where=str(tmp_path))
    for held in (None, b""):
        with kit.raises(told):
            read_file(tmp_path, "a", manifest, held)


def test_a_reader_compares_what_it_holds_not_what_a_name_stands_for_by_now(folder, monkeypatch):
    from cptkit.edits import attached

    digest, real = attach(folder).digest, attached.check_sizes

    def then_gone(*arguments):
        real(*arguments)
        for path in [*folder.glob("*.bin"), *folder.glob("*.tsv")]:
            path.unlink()

    monkeypatch.setattr(attached, "check_sizes", then_gone)
    with attach(folder, digest=digest) as edits:
        assert edits.ptp(A, B, **ASKED).edit.indicator == 1
        assert edits.mue(A, **ASKED).mue.value == 1


# ---- writing -------------------------------------------------------------------------------------


def test_what_a_writer_refuses(kit, folder):
    with Writer(folder) as writer:
        words = "another process is writing to these edit tables"
        with kit.raises(EditsInUse(words, where=str(folder))):
            Writer(folder)
        empty = "there are no rows to put in place"
        with kit.raises(BrokenEdits(empty, given="dme 2024q3")):
            writer.put_pairs(writer.pairs(Setting.DME, Q3), [])
        with kit.raises(BrokenEdits(empty, given="addons 2024q3")):
            writer.put_addons([], Q3, [])
        known = "ptp hospital 2024q3, ptp practitioner 2024q3, mue practitioner 2024q3, pfs 24C"
        with kit.raises(UnknownTable("no such part", given="pfs 24D", expected=f"one of {known}")):
            writer.drop("pfs 24D")
    nothing = UnknownTable("no such part", given="x", expected="one of nothing")
    with Writer(folder / "new") as writer, kit.raises(nothing):
        writer.drop("x")


def test_damaged_pairs_of_two_settings_are_told_together(kit, folder):
    for path in folder.glob("ptp-*.bin"):
        path.write_bytes(b"")
    names = "ptp hospital 2024q3, ptp practitioner 2024q3"
    message = "the file of these pair edits is damaged, and holds all their quarters"
    again = "all of them imported again in one go, or dropped"
    with Writer(folder) as writer:
        for setting in (Setting.PRACTITIONER, Setting.HOSPITAL):
            writer.put_pairs(kit.fill(writer.pairs(setting, Q2), [kit.says(A, B)]), [])
        with kit.raises(BrokenEdits(message, given=names, expected=again, where=str(folder))):
            writer.commit()


# ---- marks, and verifying ------------------------------------------------------------------------

HEAD = b"\x89PTM\r\n\x1a\n\x01"
MARK = A.encode() + 16 * b"m"


@pytest.mark.parametrize("data", [b"", HEAD[:-1], b"x" + HEAD[1:], HEAD + MARK[:-1], HEAD + MARK + b"x"])
def test_what_are_no_marks(kit, data):
    with kit.raises(BrokenEdits("these are no marks of a quarter's rows", where="here")):
        read_marks(data, "here")


def test_marks_of_another_way_of_reading_are_none():
    assert read_marks(HEAD + 2 * MARK, "") == {A: 16 * b"m"}
    assert read_marks(HEAD, "") == read_marks(HEAD[:-1] + b"\2" + MARK, "") == {}


def test_verifying_names_every_file_that_is_not_whole(folder):
    limits, fees = path_of(folder, "mue-*.tsv"), path_of(folder, "pfs-*.tsv")
    was = digest_of(limits.read_bytes())
    limits.write_bytes(b"")
    fees.unlink()
    assert verify(folder) == (
        f"{limits.name} was changed: its digest is {digest_of(b'')}, the manifest says {was}",
        f"the edit tables have no readable {fees.name}: {NO_FILE}",
    )
