"""From files to tables: what belongs together, what is missing, what is left out and said."""

import pytest

from cptkit.edits import Quarter, Setting
from cptkit.errors import ContradictoryFile, NotInstalled, UnknownLayout, UnreadableFile
from cptkit.importers import Kind
from cptkit.importers.planning import plan


def skipped(found):
    return {one.member.shown: one.reason for one in found.skipped}


def names(group):
    return [table.member.name for table in group.tables]


def test_a_quarter_of_everything(downloads):
    found = plan(downloads.everything())
    assert [(group.recognised.kind, len(group.tables), group.has_place) for group in found.groups] == [
        (Kind.PTP, 4, True),
        (Kind.MUE, 1, True),
        (Kind.MUE, 1, True),
        (Kind.AOC, 1, True),
        (Kind.PFS, 1, True),
    ]
    assert names(found.groups[0]) == [f"ccipra-v302r0-f{part}.TXT" for part in (1, 2, 3, 4)]
    assert found.skipped == ()


def test_one_path_is_as_good_as_a_list(downloads):
    path = downloads.limits()
    assert plan(path) == plan(str(path)) == plan([path])


def test_parts_are_put_in_order_and_quarters_too(downloads):
    files = [*reversed(downloads.pairs("2024q3")), *reversed(downloads.pairs("2024q2"))]
    found = plan(files)
    assert [group.recognised.quarter for group in found.groups] == [Quarter(2024, 2), Quarter(2024, 3)]
    for group in found.groups:
        assert [name[-6:] for name in names(group)] == ["f1.TXT", "f2.TXT", "f3.TXT", "f4.TXT"]


def test_a_part_that_is_missing(downloads):
    files = downloads.pairs()
    with pytest.raises(UnreadableFile, match="not complete: f2, f4 are missing") as caught:
        plan([files[0], files[2]])
    assert "--parts" in str(caught.value)
    assert "f1.zip" in (caught.value.where or "")


def test_another_number_of_parts_is_said(downloads):
    files = downloads.pairs()
    assert len(plan(files[:2], parts=2).groups[0].tables) == 2
    with pytest.raises(ContradictoryFile, match="more parts than 2"):
        plan(files, parts=2)


def test_a_file_without_a_number_is_the_whole_table(downloads):
    whole = downloads.write("ccipra-v302r0.txt", downloads.pair_text(["W9901\tW9902\t\t20200101\t*\t1\town"]))
    (group,) = plan([whole]).groups
    assert names(group) == ["ccipra-v302r0.txt"]
    told = ("one file without a part (f1) in its name was taken as all pair edits of 2024q3",)
    assert group.recognised.notes == told
    assert plan([whole], parts=1).groups[0].recognised.notes == ()
    with pytest.raises(ContradictoryFile, match="without a number, and in numbered parts besides"):
        plan([whole, *downloads.pairs()])


@pytest.mark.parametrize("name", ["f01", "f1of4", "f01_of_04", "part1", "part-01"])
def test_a_part_that_is_named_in_another_way_is_not_the_whole(downloads, name):
    row = ["W9901\tW9902\t\t20200101\t*\t1\town"]
    one = downloads.write(f"ccipra-v302r0-{name}.TXT", downloads.pair_text(row))
    with pytest.raises(UnreadableFile, match="f2, f3, f4 are missing"):
        plan([one])


def test_parts_of_two_quarters_are_not_one_table(downloads):
    files = downloads.pairs("2024q2")[:2] + downloads.pairs("2024q3")[2:]
    with pytest.raises(UnreadableFile, match="practitioner 2024q2 are not complete: f3, f4 are missing"):
        plan(files)


def test_a_part_in_two_versions(downloads):
    files = downloads.pairs()
    other = downloads.write(
        "ccipra-v302r1-f1.TXT", downloads.pair_text(["W9901\tW9999\t\t20200101\t*\t1\town"])
    )
    with pytest.raises(ContradictoryFile, match="two files for one table") as caught:
        plan([*files, other])
    assert "ccipra-v302r1-f1.TXT" in str(caught.value)


def test_two_files_for_one_table(downloads):
    first = downloads.limits()
    second = downloads.write("again/" + first.name, first.read_bytes() + b"W9903,1,1 Line Edit,own words\r\n")
    with pytest.raises(ContradictoryFile, match="two files for one table"):
        plan([first, second])


def test_a_zip_that_was_unpacked_beside_it(downloads):
    files = downloads.pairs()
    unpacked = downloads.write(
        "ccipra-v302r0-f2.TXT",
        downloads.pair_text(["W9902\tW9904\t\t20210401\t*\t0\town words"]),
    )
    found = plan([*files, unpacked])
    assert len(found.groups[0].tables) == 4
    (reason,) = skipped(found).values()
    assert reason.startswith("the same file as medicare-ncci-2024q3")


def test_a_file_that_is_named_twice(downloads):
    path = downloads.limits()
    found = plan([path, path.parent / "." / path.name, path.parent])
    assert len(found.groups) == 1
    assert [one.reason for one in found.skipped] == ["the file is named twice"] * 2


def test_a_workbook_beside_the_text(downloads, book):
    path = downloads.limits()
    header = [
        "HCPCS/\nCPT Code",
        "Practitioner Services MUE Values",
        "MUE Adjudication Indicator",
        "MUE Rationale",
    ]
    beside = downloads.write(
        path.stem + ".xlsx", book({"A": [header, ["W9901", 1, "1 Line Edit", "own words"]]})
    )
    found = plan([beside, path])
    assert names(found.groups[0]) == [path.name]
    assert skipped(found) == {beside.name: f"the same table in another form: {path.name} is read"}
    again = downloads.write(
        "MCR_MUE_PractitionerServices_Eff_07-01-2024_v2.xlsx", book({"A": [header, ["W9902", 1, "1", ""]]})
    )
    with pytest.raises(ContradictoryFile, match="two files for one table"):
        plan([beside, again])


def test_a_folder_stands_for_its_files(downloads):
    downloads.everything()
    downloads.write("README.txt", "how to read this")
    downloads.write("manual.pdf", "%PDF-1.7")
    downloads.write(".DS_Store", "\0")
    downloads.write("old/AOC_V2020Q1-F-MCR.txt", "1W9911       W9901       2013001       \r\n")
    found = plan([downloads.folder])
    assert len(found.groups) == 5
    assert skipped(found) == {
        "README.txt": "this is none of the tables that cptkit reads",
        "manual.pdf": "tables are not published as .pdf",
        "old": "a folder within the folder: name it too",
    }


def test_a_file_in_a_folder_that_is_not_what_it_seems_is_no_small_matter(downloads):
    downloads.everything()
    downloads.write(
        "medicare-ncci-2024q3-hospital-ptp-edits-ccioph-v302r0-f1.zip", "<!DOCTYPE html><title>License"
    )
    with pytest.raises(UnreadableFile, match="a web page that asks for the licence"):
        plan([downloads.folder])


def test_a_file_that_is_named_and_is_no_table(downloads):
    with pytest.raises(UnknownLayout, match="none of the tables"):
        plan([*downloads.everything(), downloads.write("README.txt", "how to read this")])


@pytest.mark.parametrize("files", [[], ["README.txt"]])
def test_nothing_to_import(downloads, files):
    downloads.folder.mkdir()
    for name in files:
        downloads.write(name, "how to read this")
    with pytest.raises(UnreadableFile, match="there is no file to import"):
        plan([downloads.folder])


def test_a_folder_that_cannot_be_read(downloads, monkeypatch):
    downloads.folder.mkdir()

    def refused(_self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", refused)
    with pytest.raises(UnreadableFile, match="the folder cannot be read: Permission denied"):
        plan([downloads.folder])


def test_what_is_said_beside_the_files(downloads):
    path = downloads.write("table.csv", downloads.limits().read_bytes())
    with pytest.raises(UnreadableFile, match="the quarter stands neither in the file nor in its name"):
        plan([path])
    (group,) = plan([path], quarter="2024q4").groups
    assert (group.recognised.quarter, group.recognised.setting) == (Quarter(2024, 4), Setting.PRACTITIONER)
    with pytest.raises(ContradictoryFile, match="its content says practitioner, you say hospital"):
        plan([path], quarter="2024q4", setting="hospital")
    with pytest.raises(ContradictoryFile, match="its name says 2024q3, you say 2024q2"):
        plan(downloads.pairs(), quarter="2024q2")


def test_medicaid_has_no_place_and_needs_no_four_parts(downloads):
    text = downloads.pair_text(["W9901\tW9902\t\t20200101\t*\t1\town"])
    found = plan([downloads.write("medicaid-ncci-2024q3-practitioner-ptp-edits-f1.txt", text)])
    assert not found.groups[0].has_place


def test_lists_that_no_table_holds(downloads):
    places = downloads.write("pos.csv", "Place of Service Code(s),Place of Service Name\n97,own words\n")
    copy = downloads.write("copy/pos.csv", places.read_bytes())
    found = plan([places, copy])
    assert [group.recognised.kind for group in found.groups] == [Kind.POS]
    assert skipped(found) == {"pos.csv": "the same file as pos.csv"}


def test_without_the_reader_of_workbooks(downloads, book, monkeypatch):
    path = downloads.write("AOC_V2024Q3-MCR.xlsx", book({"A": [["a"]]}))
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(NotInstalled, match="python-calamine"):
        plan([path.parent])
