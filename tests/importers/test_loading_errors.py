"""An import that fails: whatever is wrong with one file, the tables stay as they were, and no trace is left."""

import datetime as dt
import os
import threading

import pytest

from cptkit.edits import Writer, attach, verify
from cptkit.errors import BrokenEdits, ContradictoryFile, EditsInUse, UnknownLayout, UnreadableFile
from cptkit.importers import import_files


@pytest.fixture
def tables(tmp_path):
    return tmp_path / "a" / "tables"


def content(folder):
    """Every file of a folder, without the empty lock."""
    if not folder.exists():
        return None
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def bad(downloads, kind):
    """A file that cannot be read, beside good ones."""
    whole = downloads.pairs()[0].read_bytes()
    files = {
        "html": ("ccioph-v302r0-f1.zip", "<!DOCTYPE html><title>License Agreement</title>"),
        "truncated": ("ccioph-v302r0-f1.zip", whole[:-40]),
        "damaged": (
            "ccioph-v302r0-f1.zip",
            whole[: len(whole) // 3] + b"\0\0\0\0\0\0" + whole[len(whole) // 3 + 6 :],
        ),
        "layout": ("table.csv", "a,b\n1,2\n"),
        "setting": ("MCR_MUE_OutpatientHospitalServices_Eff_07-01-2024.csv", downloads.limits().read_bytes()),
        "header alone": ("AOC_V2024Q3-MCR.csv", ",".join(AOC_NAMES) + "\n"),
        "no row can be read": ("AOC_V2024Q3-MCR.csv", ",".join(AOC_NAMES) + "\n" + "x," * 7 + "\n"),
        "a later quarter": ("AOC_V2024Q3-F-MCR.txt", "1W9911       W9901       2024275       \r\n"),
    }
    return downloads.write(*files[kind])


AOC_NAMES = (
    "AOC_Edit_Type",
    "Add-On_Code",
    "AOC_DelDT",
    "Primary_Code",
    "Primary_Code_DelDT",
    "AOC_Edit_EffDT",
    "AOC_Edit_DelDT",
    "Notes",
)
WORDS = {
    "html": "a web page that asks for the licence",
    "truncated": "cut short or damaged",
    "damaged": "cut short or damaged",
    "layout": "none of the tables that cptkit reads",
    "setting": "its content says practitioner, its name says hospital",
    "header alone": "has a header and no rows",
    "no row can be read": "none of its 1 rows can be read; line 2: the type of the edit is none of 1, 2, 3: 'x'",
    "a later quarter": "said to be of 2024q3, but has rows from 2024-10-01 on",
}


@pytest.mark.parametrize("has_tables", [False, True])
@pytest.mark.parametrize("kind", WORDS)
def test_one_file_that_cannot_be_read_and_nothing_is_written(downloads, tables, kind, has_tables):
    if has_tables:
        import_files(downloads.everything("2024q2"), tables)
    before = content(tables)
    files = [*downloads.pairs(), downloads.limits("2024q3", "dme"), bad(downloads, kind)]
    for dry_run in (True, False):
        with pytest.raises(UnreadableFile, match=WORDS[kind]):
            import_files(files, tables, dry_run=dry_run)
        assert content(tables) == before
    assert tables.parent.exists() is has_tables


def test_pair_edits_of_a_later_quarter(downloads, tables):
    files = downloads.pairs(parts=[[f"W990{n}\tW9902\t\t2024100{n}\t*\t1\town"] for n in (1, 3, 4, 5)])
    with pytest.raises(ContradictoryFile, match="begins or ends on 2024-10-05") as caught:
        import_files(files, tables)
    assert "ccipra-v302r0-f1.zip" in (caught.value.where or "")
    assert not tables.parent.exists()


def test_pair_edits_of_which_no_row_can_be_read(downloads, tables):
    with pytest.raises(UnreadableFile, match="none of its 1 rows can be read; line 7"):
        import_files(downloads.pairs(parts=[["x\ty\t\t\t*\t1\t"]] * 4), tables)
    with pytest.raises(UnknownLayout, match="has a header and no rows"):
        import_files(downloads.pairs(parts=[[]] * 4), tables)
    assert not tables.parent.exists()


def test_one_part_under_the_names_of_two(downloads, tables):
    part = ["W9901\tW9902\t\t20200101\t*\t1\town"]
    files = downloads.pairs(
        parts=[part, part, ["W9903\tW9902\t\t20200101\t*\t1\town"], ["W9904\tW9902\t\t20200101\t*\t1\tx"]]
    )
    with pytest.raises(
        ContradictoryFile, match=r"the same rows: ccipra-v302r0-f1.TXT and ccipra-v302r0-f2.TXT"
    ):
        import_files(files, tables)
    assert not tables.parent.exists()


def test_a_folder_that_another_process_writes_to(downloads, tables):
    import_files(downloads.everything("2024q2"), tables)
    before = content(tables)
    with Writer(tables), pytest.raises(EditsInUse):
        import_files(downloads.everything("2024q3"), tables)
    assert content(tables) == before


def test_an_empty_folder_that_another_process_writes_to_keeps_its_lock(downloads, tables):
    with Writer(tables):
        with pytest.raises(EditsInUse):
            import_files(downloads.everything(), tables)
        assert (tables / ".lock").exists()


@pytest.mark.parametrize("name", ["manifest.json", "ptp-practitioner-*.bin"])
def test_damaged_tables_are_not_added_to(downloads, tables, name):
    import_files(downloads.everything("2024q2"), tables)
    (path,) = tables.glob(name)
    path.write_bytes(path.read_bytes()[:-30])
    before = content(tables)
    with pytest.raises(BrokenEdits):
        import_files(downloads.everything("2024q3"), tables)
    assert content(tables) == before


def test_a_folder_of_something_else(downloads, tables):
    tables.mkdir(parents=True)
    (tables / "manifest.json").write_text('{"what": "an edition"}')
    with pytest.raises(BrokenEdits, match="no manifest of edit tables"):
        import_files(downloads.everything(), tables)
    assert content(tables) == {"manifest.json": b'{"what": "an edition"}'}


def test_a_file_in_place_of_the_folder(downloads, tables):
    tables.parent.mkdir()
    tables.write_text("notes")
    with pytest.raises(OSError, match=r"exists|directory"):
        import_files(downloads.everything(), tables)
    assert tables.read_text() == "notes"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything may be written here")
def test_a_folder_that_cannot_be_written(downloads, tables):
    tables.mkdir(parents=True)
    tables.chmod(0o500)
    with pytest.raises(PermissionError):
        import_files(downloads.everything(), tables)


def test_a_disk_that_is_full(downloads, tables, monkeypatch):
    def full(_self, _name, _content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Writer, "_put", full)
    with pytest.raises(OSError, match="No space left"):
        import_files(downloads.everything(), tables)
    assert not tables.parent.exists()


def test_an_interrupt_leaves_no_trace(downloads, tables):
    def stop(what, _done, _total):
        if what.startswith("sorting"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_files(downloads.everything(), tables, progress=stop)
    assert not tables.parent.exists()


def test_readers_and_a_writer_at_once(downloads, tables):
    import_files(downloads.everything("2024q2"), tables)
    stop, wrong = threading.Event(), []

    def ask():
        while not stop.is_set():
            with attach(tables) as edits:
                answer = edits.ptp(
                    "W9904", "W9902", date_of_service=dt.date(2024, 5, 1), setting="practitioner"
                )
                if answer.edit is None:
                    wrong.append(answer)

    reader = threading.Thread(target=ask)
    reader.start()
    try:
        for quarter in ("2024q3", "2024q4", "2025q1"):
            import_files(downloads.everything(quarter), tables)
    finally:
        stop.set()
        reader.join()
    assert not wrong
    assert verify(tables) == ()
