"""Importing over damaged tables mends them; rows that contradict each other are told, never chosen silently."""

import pytest

from cptkit.edits import attach, verify
from cptkit.errors import BrokenEdits
from cptkit.importers import Became, import_files


@pytest.fixture
def tables(tmp_path):
    return tmp_path / "tables"


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("damage", ["flipped", "missing"])
def test_the_same_again_over_damaged_tables_mends_them(downloads, tables, damage):
    first = import_files(downloads.everything("2024q3"), tables)
    before = content(tables)
    for path in [path for path in tables.iterdir() if path.suffix in {".bin", ".tsv", ".marks"}]:
        path.unlink() if damage == "missing" else path.write_bytes(path.read_bytes()[:-1] + b"?")
    again = import_files(downloads.everything("2024q3"), tables)
    assert {table.became for table in again.tables} == {Became.REPLACED}
    assert again.digest == first.digest
    assert content(tables) == before
    assert verify(tables) == ()


def test_what_is_damaged_and_not_imported_again_is_no_hindrance(downloads, tables):
    import_files(downloads.everything(), tables)
    (path,) = tables.glob("pfs-*.tsv")
    path.write_bytes(path.read_bytes()[:-1])
    (table,) = import_files(downloads.pairs(), tables).tables
    assert table.became is Became.UNCHANGED
    with pytest.raises(BrokenEdits, match=f"{path.name} has .* bytes, the manifest says"):
        attach(tables)


def test_rows_that_contradict_each_other_are_told(downloads, tables):
    rows = ["W9901\tW9902\t\t20200101\t*\t1\town", "W9901\tW9902\t\t20210101\t*\t0\town"]
    parts = [rows, *[[f"W991{n}\tW9902\t\t20200101\t*\t1\town"] for n in "345"]]
    (table,) = import_files(downloads.pairs(parts=parts), tables).tables
    assert (table.counts["contradictory"], table.part.counts["contradictory"]) == (1, 1)
    assert table.notes[-1].startswith("1 pair has rows that contradict each other: in force on one day")
    parts[1] = ["W9913\tW9902\t\t20200101\t20190101\t1\town"]
    (table,) = import_files(downloads.pairs(parts=parts), tables).tables
    assert table.notes[-1].startswith("2 pairs have rows that contradict each other")
    (told,) = verify(tables)
    assert told.endswith("2 of its pairs (W9901/W9902) are in force on one day, or end before they begin")
